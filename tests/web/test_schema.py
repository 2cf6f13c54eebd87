"""The database's shape: migrations tell all of it, up and down, on both databases."""

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from webapp import quick_start, schema
from webapp.backup import read_manifest
from webapp.cli.data import upgrade_database
from webapp.settings import Settings


def settings_for(url: str, folder: Path) -> Settings:
    return Settings(data_dir=folder, database_url=url, broker_url="memory://", secret_key="k" * 40)


def test_migrated_database_has_just_the_tables_of_the_models(database_url: str) -> None:
    schema.migrate(database_url)
    assert schema.differences(database_url) == []
    assert schema.revision_of(database_url) == schema.newest_revision()


def test_checks_and_partial_indexes_are_migrated_too(database_url: str) -> None:
    """Alembic compares neither, so they are read from the database."""
    schema.migrate(database_url)
    expected_checks = {
        check.name
        for table in schema.metadata().tables.values()
        for check in table.constraints
        if isinstance(check, sa.CheckConstraint) and check.name
    }
    partial = {
        index.name for table in schema.metadata().tables.values() for index in table.indexes
        if index.dialect_options["sqlite"]["where"] is not None
    }  # fmt: skip
    assert expected_checks
    assert partial
    with schema.opened(database_url) as engine:
        inspector = sa.inspect(engine)
        tables = inspector.get_table_names()
        checks = {check["name"] for name in tables for check in inspector.get_check_constraints(name)}
        filtered = {
            index["name"] for name in tables for index in inspector.get_indexes(name)
            if (index.get("dialect_options") or {}).get(f"{engine.dialect.name}_where") is not None
        }  # fmt: skip
    assert expected_checks <= checks
    assert partial <= filtered


def test_every_migration_goes_back(database_url: str) -> None:
    schema.migrate(database_url)
    schema.migrate_back(database_url, "base")
    assert not schema.has_tables(database_url)
    schema.migrate(database_url)
    assert schema.differences(database_url) == []


def test_a_migration_that_leaves_lost_references_changes_nothing(sqlite_url: str) -> None:
    schema.migrate(sqlite_url)
    with pytest.raises(schema.BrokenReferenceError), schema.migrating(sqlite_url) as connection:
        connection.exec_driver_sql(
            "INSERT INTO web_session VALUES ('t', 'nobody', 'browser', '2025-01-01', '2025-01-01', '2025-01-01', "
            "'2025-01-01')"
        )
    with schema.opened(sqlite_url) as engine, engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM web_session").scalar_one() == 0


def test_upgrade_of_a_current_database_is_one_look(tmp_path: Path) -> None:
    settings = settings_for(f"sqlite:///{tmp_path / 'thidua.db'}", tmp_path)
    assert upgrade_database(settings) is None
    started = time.perf_counter()
    assert upgrade_database(settings) is None
    assert time.perf_counter() - started < 0.2
    assert not (tmp_path / "backups").exists()


def test_upgrade_of_a_filled_database_makes_a_backup_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_for(f"sqlite:///{tmp_path / 'thidua.db'}", tmp_path)
    upgrade_database(settings)
    before = schema.newest_revision()
    grown = shutil.copytree(schema.MIGRATIONS, tmp_path / "migrations")
    later = f'revision = "9999_later"\ndown_revision = "{before}"\n\n\ndef upgrade() -> None:\n    pass\n'
    (grown / "versions" / "9999_later.py").write_text(later, encoding="ascii")
    monkeypatch.setattr(schema, "MIGRATIONS", grown)
    monkeypatch.setattr(quick_start, "MIGRATIONS", grown)
    upgrade_database(settings)
    assert schema.revision_of(settings.database_url) == "9999_later"
    archives = list((tmp_path / "backups").glob("*.tar"))
    assert [read_manifest(archive).revision for archive in archives] == [before]
    assert read_manifest(archives[0]).files == 0
    assert datetime.fromisoformat(read_manifest(archives[0]).made_at).tzinfo == UTC
