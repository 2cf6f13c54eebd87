"""What an auditor types when somebody altered the database or the files: the command says what and where, and fails."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from engine import history
from engine.chain import unpacked_facts
from engine.db import reading
from engine.models import HistoryEvent
from tests.office import Office
from tests.offices import copied_office
from tests.support.tampering import Record
from tests.support.templates import Templates, sqlite_in
from webapp.cli import thidua
from webapp.quick_start import newest_revision

pytestmark = pytest.mark.xdist_group("tampering_command")


@dataclass
class Desk:
    """An auditor at a desk of his own: a copy of the office on SQLite that he may type commands over."""

    folder: Path
    case: str
    running: str

    def sql(self, statement: str, *values: object) -> None:
        with sqlite3.connect(self.folder / "thidua.db") as database:
            assert database.execute(statement, values).rowcount > 0
        database.close()

    def audit(self, *words: str | Path) -> Result:
        given: dict[str, str | None] = {name: None for name in os.environ if name.startswith("THIDUA_")}
        environment = {**given, "THIDUA_DATA_DIR": str(self.folder), "THIDUA_BROKER_URL": "memory://"}
        return CliRunner().invoke(thidua, ["audit", *map(str, words)], env=environment)

    def files(self) -> list[Path]:
        return sorted(path for path in (self.folder / "files").rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def desk_template(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    folder = tmp_path_factory.mktemp("desk") / "office"
    with copied_office(templates, "sqlite", folder) as office:
        record = Record.of(office, folder)
        record.close()
        with office.database.begin() as connection:  # as the command that makes a database leaves it
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
            connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (newest_revision(),))
    return folder, record.over.key, record.runs.key


@pytest.fixture
def desk(desk_template: tuple[Path, str, str], tmp_path: Path) -> Desk:
    folder, case, running = desk_template
    shutil.copytree(folder, tmp_path / "desk")
    return Desk(tmp_path / "desk", case, running)


def altered_event(desk: Desk) -> str:
    desk.sql("UPDATE history_event SET actor_id = 'x' WHERE business_key = ? AND element_id = 'director_decides' "
             "AND kind = 'task.completed'", desk.case)  # fmt: skip
    return f"event_altered: {desk.case} #"


def deleted_last_event(desk: Desk) -> str:
    desk.sql("DELETE FROM history_event WHERE chain || sequence = (SELECT chain || sequence FROM history_event "
             "WHERE business_key = ? AND chain <> 'system' ORDER BY sequence DESC LIMIT 1)", desk.running)  # fmt: skip
    return f"chain_cut: {desk.running} #"


def swapped_events(desk: Desk) -> str:
    for before, after in ((5, -5), (6, 5), (-5, 6)):
        desk.sql("UPDATE history_event SET sequence = ? WHERE business_key = ? AND chain <> 'system' AND sequence = ?",
                 after, desk.case, before)  # fmt: skip
    return f"event_altered: {desk.case} #5"


def deleted_case(desk: Desk) -> str:
    (chain_name,) = sqlite3.connect(desk.folder / "thidua.db").execute(
        "SELECT DISTINCT chain FROM history_event WHERE business_key = ? AND chain <> 'system'", (desk.running,)
    ).fetchone()  # fmt: skip
    for table in ("user_task", "message_subscription"):
        desk.sql(f"DELETE FROM {table} WHERE business_key = ?", desk.running)
    desk.sql("DELETE FROM history_event WHERE chain = ?", chain_name)
    desk.sql("DELETE FROM process_instance WHERE business_key = ?", desk.running)
    return f"case_deleted: {desk.running} #"


def altered_fact(desk: Desk) -> str:
    desk.sql("UPDATE line_prize SET amount_vnd = amount_vnd * 10")
    return f"fact_altered: {desk.case} #"


def altered_file(desk: Desk) -> str:
    path = desk.files()[0]
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b"Catalog", b"Katalog"))
    return "file_altered: "


def missing_file(desk: Desk) -> str:
    desk.files()[0].unlink()
    return "file_missing: "


def altered_diagram(desk: Desk) -> str:
    desk.sql("UPDATE diagram_file SET xml = replace(xml, 'gw', 'gx') WHERE process_key = 'council_review'")
    return "diagram_altered: system: "


def altered_table(desk: Desk) -> str:
    desk.sql("UPDATE table_version SET xml = CAST(xml || ' ' AS BLOB) WHERE table_key = 'prize'")
    return "table_altered: system: prize/"


def altered_head(desk: Desk) -> str:
    desk.sql("UPDATE process_instance SET history_hash = 'x' WHERE business_key = ?", desk.case)
    return f"head_altered: {desk.case} #"


def altered_box(desk: Desk) -> str:
    desk.sql("UPDATE secret_ballot SET choice = 'MAYBE'")
    return f"box_altered: {desk.case}: secret_ballot:"


@pytest.mark.parametrize(
    "attack",
    [
        altered_event, deleted_last_event, swapped_events, deleted_case, altered_fact, altered_file, missing_file,
        altered_diagram, altered_table, altered_head, altered_box,
    ],
)  # fmt: skip
def test_the_command_finds_and_names_it(desk: Desk, attack: Callable[[Desk], str]) -> None:
    line = attack(desk)
    told = desk.audit("verify")
    assert told.exit_code == 1, told.output
    assert any(text.strip().startswith(line) for text in told.output.splitlines()), told.output
    assert "sai lệch (findings)" in told.output


def test_the_command_finds_nothing_where_nothing_is(desk: Desk) -> None:
    told = desk.audit("verify")
    assert told.exit_code == 0
    assert "toàn vẹn (intact)" in told.output
    assert desk.audit("verify", "--seal", desk.folder / "seal.json").exit_code == 0
    assert desk.audit("verify", "--case", desk.case).exit_code == 0


def test_the_command_finds_a_cut_with_its_head_by_the_state_and_by_the_seal(desk: Desk) -> None:
    desk.sql("DELETE FROM stated_reason")
    deleted_last_event(desk)
    desk.sql("UPDATE process_instance SET (history_sequence, history_hash) = (SELECT sequence, lower(hex(hash)) "
             "FROM history_event WHERE business_key = ? AND chain <> 'system' ORDER BY sequence DESC LIMIT 1) "
             "WHERE business_key = ?", desk.running, desk.running)  # fmt: skip
    told = desk.audit("verify")
    assert told.exit_code == 1
    assert f"case_altered: {desk.running}" in told.output
    told = desk.audit("verify", "--seal", desk.folder / "seal.json")
    assert told.exit_code == 1
    assert f"seal_broken: {desk.running} #" in told.output


@pytest.mark.parametrize("attack", [altered_file, missing_file])
def test_every_kept_file_is_vouched_for(desk: Desk, attack: Callable[[Desk], str]) -> None:
    folder = desk.folder.with_name("other")
    shutil.copytree(desk.folder, folder)
    office = Office.reopen(sqlite_in(folder), folder, {"units": {}, "people": {}, "posts": {}})
    for path in sorted((office.settings.data_dir / "files").rglob("*.*") or []):
        assert path.is_dir(), "files bear their hash and nothing else"
    hashes = {path.name for path in desk.files()}
    with reading(office.engine.sessions, at_one_instant=True) as session:
        told = session.scalars(sa.select(HistoryEvent.facts)).all()
        known = {digest for facts in told for _name, digest in unpacked_facts(facts)}
        assert hashes <= known
        attack(Desk(office.settings.data_dir, desk.case, desk.running))
        found = [one for one in history.verify(session, file_hash=office.file_hash) if one.code.startswith("file")]
    assert {one.what for one in found} == {f"file:{desk.files()[0].name}"}
    office.close()
