"""Backup and restore: database and files together, tried to the end with a check of the record."""

import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from engine.commands.actions import perform_action
from engine.commands.records import record_event
from engine.context import SYSTEM
from engine.db import reading, register_fact
from engine.transaction import Transaction, enter
from tests.support import postgresql
from webapp import backup, schema
from webapp.cli import thidua
from webapp.cli.data import upgrade_database
from webapp.settings import Settings
from webapp.wiring import build_engine, file_storage
from workflows.feedback.models import FeedbackWindow
from workflows.organisation.queries import list_people

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.fixture
def settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A filled installation: one person, one file that the record names."""
    if folder := postgresql.binaries():
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    url = database_url if database_url.startswith("postgresql") else f"sqlite:///{tmp_path / 'data' / 'thidua.db'}"
    made = Settings(data_dir=tmp_path / "data", database_url=url, broker_url="memory://", secret_key="k" * 40)
    made.data_dir.mkdir()
    upgrade_database(made)
    engine = build_engine(made, nudge=lambda _ids: None)
    values = {"family_name": "Nông", "given_name": "Hoa", "gender": "FEMALE", "person_type": "CIVIL_SERVANT"}
    perform_action(engine, "organisation.add_person", SYSTEM, values)
    sha256 = file_storage(made).write(b"%PDF-1.4 a dossier %%EOF")
    record_event(engine, "file.opened", SYSTEM, files=(sha256,))
    yield made
    engine.sessions.kw["bind"].dispose()


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """An empty place for the same kind of database."""
    if settings.database_url.startswith("sqlite"):
        yield replace(settings, data_dir=tmp_path / "new", database_url=f"sqlite:///{tmp_path / 'new' / 'thidua.db'}")
        return
    address = sa.make_url(settings.database_url)
    name = f"{address.database}_new"
    server = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    fresh = address.set(database=name).render_as_string(hide_password=False)
    yield replace(settings, data_dir=tmp_path / "new", database_url=fresh)
    with server.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    server.dispose()


def environment_of(settings: Settings) -> dict[str, str]:
    return {"THIDUA_DATA_DIR": str(settings.data_dir), "THIDUA_DATABASE_URL": settings.database_url}


def test_backup_comes_back_whole_and_its_record_holds(settings: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    made = CliRunner().invoke(thidua, ["backup", str(tmp_path / "out.tar")], env=environment_of(settings))
    assert made.exit_code == 0, made.output
    back = CliRunner().invoke(thidua, ["restore", str(tmp_path / "out.tar")], env=environment_of(elsewhere))
    assert back.exit_code == 0, back.output
    assert "toàn vẹn (intact)" in back.output
    assert "1 tệp" in back.output
    engine = build_engine(elsewhere, nudge=lambda _ids: None)
    with reading(engine.sessions) as session:
        assert [person.full_name for person in list_people(session, AT.date())] == ["Nông Hoa"]
    engine.sessions.kw["bind"].dispose()


def restored_in_a_process(archive: Path, settings: Settings, before: str = "") -> subprocess.CompletedProcess[str]:
    """The command as it is typed; `before` is done in its process first."""
    command = [sys.executable, "-c", f"{before}\nfrom webapp.cli import main; main()", "restore", str(archive)]
    given = {**os.environ, **environment_of(settings)}
    return subprocess.run(command, env=given, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_a_restore_by_itself_knows_the_facts_of_every_room(
    settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    """In a process of its own, which has loaded nothing but what the command needs."""
    window = FeedbackWindow(id=uuid4(), nomination_id="n", opened_at=AT, closes_at=AT, recorded_at=AT, recorded_by="p")
    engine = build_engine(settings, nudge=lambda _ids: None)

    def open_window(transaction: Transaction) -> None:
        transaction.system_event("feedback.opened").facts.append(register_fact(transaction.session, window))

    enter(engine, "feedback.open", SYSTEM, {}, open_window)
    engine.sessions.kw["bind"].dispose()
    archive = backup.make_backup(settings, tmp_path / "out.tar", AT)
    done = restored_in_a_process(archive, elsewhere)
    assert "toàn vẹn (intact)" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0


def test_a_restore_that_the_disk_cut_off_can_be_done_again(
    settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    large = file_storage(settings).write(b"%PDF" + bytes(3_000_000))
    (small,) = (file.name for file in settings.files_dir.glob("??/*") if file.name != large)
    assert small < large, "the small file is written before the disk is full"
    archive = backup.make_backup(settings, tmp_path / "out.tar", AT)
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2_500_000, 2_500_000))"
    cut = restored_in_a_process(archive, elsewhere, full)
    assert cut.returncode == 1
    assert cut.stderr.count("\n") == 1, cut.stderr
    again = restored_in_a_process(archive, elsewhere)
    assert "2 tệp" in again.stdout, again.stderr


def test_restore_never_overwrites(settings: Settings, tmp_path: Path) -> None:
    archive = backup.make_backup(settings, tmp_path / "out.tar", AT)
    again = CliRunner().invoke(thidua, ["restore", str(archive)], env=environment_of(settings))
    assert again.exit_code == 1
    assert "không ghi đè" in again.output
    assert schema.revision_of(settings.database_url) == schema.newest_revision()


def test_altered_file_in_the_archive_is_refused_and_leaves_nothing(
    settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    archive = backup.make_backup(settings, tmp_path / "out.tar", AT)
    content = archive.read_bytes()
    archive.write_bytes(content.replace(b"a dossier", b"a falsity"))
    assert archive.read_bytes() != content
    with pytest.raises(backup.BackupError, match="damaged"):
        backup.restore_backup(elsewhere, archive)
    assert list(elsewhere.files_dir.glob("??/*")) == []
    assert not backup.database_exists(elsewhere) or not schema.has_tables(elsewhere.database_url)


def test_file_altered_before_the_backup_is_found_by_the_check(
    settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    stored = next(settings.files_dir.glob("??/*"))
    stored.write_bytes(b"%PDF-1.4 a falsity %%EOF")
    archive = backup.make_backup(settings, tmp_path / "out.tar", AT)
    back = CliRunner().invoke(thidua, ["restore", str(archive)], env=environment_of(elsewhere))
    assert back.exit_code == 1
    assert f"file_altered: system #2: file:{stored.name}" in back.output


def test_archive_with_a_strange_name_is_refused(settings: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    archive = backup.make_backup(settings, tmp_path / "out.tar", AT)
    with tarfile.open(archive, "a") as opened:
        opened.add(__file__, "../escaped")
    with pytest.raises(backup.BackupError, match="strange"):
        backup.restore_backup(elsewhere, archive)
    assert not (tmp_path / "escaped").exists()


def test_what_is_no_backup_is_refused(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "no.tar").write_bytes(b"nothing of the kind")
    with pytest.raises(backup.BackupError, match="is no backup"):
        backup.restore_backup(settings, tmp_path / "no.tar")


def test_backup_of_nothing_says_so(tmp_path: Path) -> None:
    nowhere = {"THIDUA_DATA_DIR": str(tmp_path / "nothing")}
    done = CliRunner().invoke(thidua, ["backup", str(tmp_path / "out.tar")], env=nowhere)
    assert done.exit_code == 1
    assert "there is no data to back up" in done.output


def test_postgresql_without_its_client_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(backup.BackupError, match="pg_dump is missing"):
        backup._run_postgresql("pg_dump", "postgresql+psycopg://u@localhost/x")
