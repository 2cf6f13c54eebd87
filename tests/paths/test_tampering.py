"""Somebody who can write to the database alters the record: whatever it is, the check finds and names it.

The attacker has a connection of his own, held up by no foreign key and no check, and what he did is undone at the end
of a test. What an auditor types is in `test_tampering_command.py`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from engine import history
from engine.chain import HASHED_COLUMNS, SYSTEM_CHAIN, state_digest
from engine.db import Base, Fact, reading, table_of
from engine.models import DiagramFile, ProcessVersion, RuleEvaluation, TableVersion
from tests.office import Office
from tests.offices import copied_office
from tests.paths import stories
from tests.support.tampering import EVENTS, HEADS, INSTANCES, Attack, Record, altered, chain, place_of
from tests.support.templates import Templates

pytestmark = pytest.mark.xdist_group("tampering")
"""One record on each database serves all of these."""

FACTS = (
    "agenda_item", "award_decision", "award_round", "ballot_receipt", "campaign", "completeness_check", "council",
    "council_session", "decision_line", "decision_registration", "director_decision", "dossier_document",
    "eligibility_assessment", "feedback_summary", "feedback_window", "granted_award", "guidance_letter",
    "intake_note", "line_outcome", "line_prize", "line_result", "minutes", "nomination", "nomination_content",
    "official_number", "person", "post", "post_holding", "printed_paper", "role_grant", "session_line",
    "stated_reason", "submission", "summary_confirmation", "unit",
)  # fmt: skip
"""Every table of facts that has rows once a nomination went the straight path and a colleague took a task over."""
VOUCHED = ("diagram_file", "process_version", "rule_evaluation", "table_version")
"""Tables of the runtime that events vouch for in the same way."""


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def record(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Record]:
    """A record on each database; nobody alters it for good."""
    folder = tmp_path_factory.mktemp("record")
    with copied_office(templates, request.param, folder / "office") as office:
        opened = Record.of(office, folder)
        yield opened
        opened.close()


@pytest.fixture
def attack(record: Record) -> Iterator[Attack]:
    with record.attack() as found:
        yield found


def test_what_nobody_touched_gives_no_finding(record: Record, attack: Attack) -> None:
    assert attack.findings() == []
    assert attack.findings(sealed=True) == []
    assert attack.findings(record.over.key) == []
    assert record.over.key not in record.runs.key


def test_a_seal_stays_true_while_the_record_grows(office: Office, tmp_path: Path) -> None:
    case = stories.filed(office)
    with reading(office.engine.sessions, at_one_instant=True) as session:
        history.seal(session, tmp_path / "seal.json", office.clock.now())
    stories.accepted(office, case)
    sealed = history.read_seal(tmp_path / "seal.json")
    with reading(office.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session, file_hash=office.file_hash, sealed=sealed)) == []


# events


@pytest.mark.parametrize("column", [*HASHED_COLUMNS, "hash"])
def test_an_altered_column_of_an_event_is_found(record: Record, attack: Attack, column: str) -> None:
    place = len(record.over.history()) // 2
    row = attack.events(record.over)[place]
    new = 9_999 if column == "sequence" else altered(EVENTS.c[column], row[column])
    attack.run(sa.update(EVENTS).where(place_of(row)).values({column: new}))
    for found in (attack.findings(), attack.findings(record.over.key)):
        assert found
        assert {one.chain for one in found if one.code != "fact_unknown"} <= {chain(record.over), str(new)}
        assert {one.sequence for one in found} & {row["sequence"], row["sequence"] + 1}, "the place is told"
    if column not in {"sequence", "chain"}:
        assert (chain(record.over), row["sequence"]) in {
            (one.chain, one.sequence) for one in attack.findings() if one.code == "event_altered"
        }


def test_deleted_events_are_found(record: Record, attack: Attack) -> None:
    attack.cut(record.runs)
    assert attack.codes() == {("chain_cut", record.runs.key), ("fact_unknown", SYSTEM_CHAIN)}
    middle = attack.events(record.over)[7]
    attack.run(sa.delete(EVENTS).where(place_of(middle)))
    assert ("event_missing", record.over.key) in attack.codes()


def test_swapped_events_are_found(record: Record, attack: Attack) -> None:
    first, second = attack.events(record.over)[4:6]
    moves = ((first["sequence"], -1), (second["sequence"], first["sequence"]), (-1, second["sequence"]))
    for before, after in moves:
        place = place_of({"chain": chain(record.over), "sequence": before})
        attack.run(sa.update(EVENTS).where(place).values(sequence=after))
    found = {(one.code, one.sequence) for one in attack.findings(record.over.key)}
    assert found >= {("event_altered", first["sequence"]), ("event_altered", second["sequence"])}


def test_a_deleted_case_is_found_by_what_the_system_chain_says(record: Record, attack: Attack) -> None:
    attack.delete_case(record.over)
    assert ("case_deleted", record.over.key) in attack.codes()
    assert ("case_deleted", SYSTEM_CHAIN) in {(one.code, one.chain) for one in attack.findings(record.over.key)}
    assert attack.findings(record.runs.key) == []


def test_a_chain_cut_with_its_head_is_found_by_the_state_it_does_not_lead_to(record: Record, attack: Attack) -> None:
    """Taking over a task left a reason, too: the careful attacker takes it away with the event."""
    attack.run(sa.delete(Base.metadata.tables["stated_reason"]))
    attack.cut(record.runs, with_head=True)
    assert attack.codes() == {("case_altered", record.runs.key)}
    assert attack.codes(sealed=True) == {("case_altered", record.runs.key), ("seal_broken", record.runs.key)}


def test_a_case_taken_back_with_its_events_is_found_only_with_the_seal(record: Record, attack: Attack) -> None:
    """Who kept a copy of the row as an earlier door had left it can forge both, unless the heads are kept elsewhere."""
    attack.run(sa.delete(Base.metadata.tables["stated_reason"]))
    attack.cut(record.runs, with_head=True)
    row = attack.connection.execute(sa.select(INSTANCES).where(INSTANCES.c.id == record.runs.id)).mappings().one()
    last = attack.events(record.runs)[-1]
    earlier = state_digest(
        str(row["process_version_id"]), row["revision"] - 1, row["end_event"], row["variables"], row["state"]
    )
    assert last["state_hash"] == earlier, "claiming and taking over move no token"
    attack.run(sa.update(INSTANCES).where(INSTANCES.c.id == record.runs.id).values(revision=row["revision"] - 1))
    assert attack.findings() == []
    assert attack.codes(sealed=True) == {("seal_broken", record.runs.key)}


@pytest.mark.parametrize("column", ["state", "variables", "revision", "end_event", "process_version_id"])
def test_an_altered_state_of_a_case_is_found(record: Record, attack: Attack, column: str) -> None:
    """Whoever alters where a case stands, or what it decides by, alters no event."""
    for case in (record.runs, record.over):
        row = attack.connection.execute(sa.select(INSTANCES).where(INSTANCES.c.id == case.id)).mappings().one()
        new = altered(INSTANCES.c[column], row[column])
        attack.run(sa.update(INSTANCES).where(INSTANCES.c.id == case.id).values({column: new}))
        for found in (attack.findings(), attack.findings(case.key)):
            mine = [one for one in found if one.business_key == case.key]
            assert [(one.code, one.what) for one in mine] == [("case_altered", "state")]


def test_a_case_that_is_over_cannot_be_cut_even_with_its_head(record: Record, attack: Attack) -> None:
    attack.cut(record.over, with_head=True)
    assert ("chain_cut", record.over.key) in attack.codes()


def test_a_rewritten_chain_is_found_only_with_the_seal(record: Record, attack: Attack) -> None:
    def another_checker(rows: list[dict[str, Any]]) -> None:
        rows[-1]["actor_id"] = record.office.people["director"]

    attack.rewrite(record.runs, another_checker)
    assert attack.findings() == []
    assert attack.codes(sealed=True) == {("seal_broken", record.runs.key)}


def test_a_rewritten_case_that_is_over_needs_a_rewritten_system_chain(record: Record, attack: Attack) -> None:
    def another_decider(rows: list[dict[str, Any]]) -> None:
        place = [(row["kind"], row["element_id"]) for row in rows].index(("task.completed", "director_decides"))
        rows[place]["actor_id"] = record.office.people["deputy"]

    attack.rewrite(record.over, another_decider)
    assert attack.codes() == {("chain_cut", record.over.key)}
    end = attack.events(record.over)[-1]

    def as_if_it_had_ended_so(rows: list[dict[str, Any]]) -> None:
        (ended,) = (row for row in rows if row["kind"] == "instance.ended")
        ended["data"] = {**ended["data"], "head": end["hash"].hex()}

    attack.rewrite(None, as_if_it_had_ended_so)
    assert attack.findings() == []
    assert {code for code, _ in attack.codes(sealed=True)} == {"seal_broken"}
    assert ("seal_broken", record.over.key) in attack.codes(sealed=True)


def test_an_altered_head_is_found(record: Record, attack: Attack) -> None:
    last = attack.events(record.runs)[-1]
    attack.move_head(record.runs, {**last, "hash": bytes(32)})
    attack.run(sa.delete(HEADS))
    assert attack.codes() == {("head_altered", record.runs.key), ("head_altered", SYSTEM_CHAIN)}


def test_a_case_of_unknown_origin_is_found(record: Record, attack: Attack) -> None:
    forged = uuid4()
    for table, key, name in ((INSTANCES, "id", record.runs.id), (EVENTS, "chain", chain(record.runs))):
        for row in attack.connection.execute(sa.select(table).where(table.c[key] == name)).mappings().all():
            copied = {**row, "business_key": "ĐN-2025-TK-777"}
            attack.run(sa.insert(table).values({**copied, key: forged if key == "id" else str(forged)}))
    assert ("case_unknown", str(forged)) in attack.codes()


@pytest.mark.parametrize("change", [{"business_key": "ĐN-2025-TK-777"}, {"ended_at": None, "status": "RUNNING"}])
def test_a_case_that_was_renamed_or_opened_again_is_found(
    record: Record, attack: Attack, change: dict[str, Any]
) -> None:
    attack.run(sa.update(INSTANCES).where(INSTANCES.c.id == record.over.id).values(change))
    (found,) = attack.findings()
    assert (found.code, found.business_key, found.chain) == ("case_altered", record.over.key, chain(record.over))
    assert found.what.startswith(next(iter(change)))


@pytest.mark.parametrize(
    ("column", "value"), [("data", "{"), ("facts", "no list"), ("at", "yesterday"), ("sequence", "x"), ("hash", "?")]
)
def test_an_event_that_cannot_be_read_any_more_is_found(record: Record, column: str, value: str) -> None:
    """SQLite keeps whatever it is given; the check goes on behind it."""
    if record.attacker.dialect.name != "sqlite":
        value = '"x"'  # PostgreSQL keeps to its types; JSON of another shape is what it takes
        if column not in {"data", "facts"}:
            return
    with record.attack() as attack:
        rows = attack.events(record.over)
        statement = f"UPDATE history_event SET {column} = '{value}' WHERE chain = :chain AND sequence = 5"
        assert attack.connection.execute(sa.text(statement), {"chain": chain(record.over)}).rowcount == 1
        attack.run(sa.update(EVENTS).where(place_of(rows[9])).values(actor_id="x"))
        found = {(one.code, one.sequence) for one in attack.findings(record.over.key)}
        assert ("event_altered", 10) in found
        assert found & {("event_altered", 5), ("event_missing", 5)}


# facts


@pytest.fixture(scope="module")
def told_of_columns(record: Record) -> dict[str, dict[str, set[str]]]:
    """Codes of the findings about an altered column, by table and column.

    One column of every table is altered at a time: as many checks as the widest table has columns.
    """
    tables = [Base.metadata.tables[name] for name in (*FACTS, *VOUCHED)]
    told: dict[str, dict[str, set[str]]] = {}
    for place in range(max(len(table.c) for table in tables)):
        with record.attack() as attack:
            names = {}
            for table in tables:
                if place < len(table.c):
                    column = list(table.c)[place]
                    names[table.name] = column.name, alter(attack, table, column)
            found = [one for one in attack.findings() if one.code.startswith(("fact_altered", "fact_missing"))]
            for table, (column_name, name) in names.items():
                codes = {one.code for one in found if one.what == name}
                told.setdefault(table, {})[column_name] = codes
    return told


def alter(attack: Attack, table: sa.Table, column: sa.Column[Any]) -> str:
    """Alter one column of one row; return the name by which the history knows the row."""
    (key,) = table.primary_key.columns
    row = attack.connection.execute(sa.select(table).order_by(key).limit(1)).mappings().one()
    new = altered(column, row[column.name])
    if new == row[column.name]:  # an enumeration of one value
        text = sa.text(f"UPDATE {table.name} SET {column.name} = 'ALTERED' WHERE {key.name} = :key")
        assert attack.connection.execute(text.bindparams(sa.bindparam("key", type_=key.type)), {"key": row[key.name]})
    else:
        attack.run(sa.update(table).where(key == row[key.name]).values({column.name: new}))
    return f"{table.name}:{row[key.name]}"


@pytest.mark.slow
@pytest.mark.parametrize("table", [*FACTS, *VOUCHED])
def test_every_column_of_a_fact_is_vouched_for(told_of_columns: dict[str, dict[str, set[str]]], table: str) -> None:
    (key,) = Base.metadata.tables[table].primary_key.columns
    told = told_of_columns[table]
    assert list(told) == [column.name for column in Base.metadata.tables[table].columns]
    for column, codes in told.items():
        assert codes == {"fact_missing" if column == key.name else "fact_altered"}, column


def test_these_are_all_the_facts_of_the_straight_path(record: Record, attack: Attack) -> None:
    facts = {mapper.class_.__table__ for mapper in Base.registry.mappers if issubclass(mapper.class_, Fact)}
    filled = {table.name for table in facts if attack.connection.execute(sa.select(table).limit(1)).first()}
    assert filled == set(FACTS)


def test_a_fact_tells_its_case_and_its_event(record: Record, attack: Attack) -> None:
    decision = Base.metadata.tables["director_decision"]
    attack.run(sa.update(decision).values(decision="REJECT"))
    (found,) = attack.findings()
    event = next(one for one in record.over.history() if found.what in dict(one.facts))
    assert (found.code, found.business_key, found.sequence) == ("fact_altered", record.over.key, event.sequence)
    assert (event.kind, event.element_id) == ("task.completed", "director_decides")


def test_a_fact_that_no_kind_of_fact_knows_is_altered_not_a_crash(record: Record, attack: Attack) -> None:
    attack.connection.execute(sa.text("UPDATE minutes SET outcome = 'x', method = 'LOUD'"))
    attack.connection.execute(sa.text("UPDATE session_line SET mode = 'LOUD'"))
    assert {(one.code, one.what.partition(":")[0]) for one in attack.findings()} == {
        ("fact_altered", "minutes"), ("fact_altered", "session_line"),
    }  # fmt: skip


@pytest.mark.parametrize("table", ["nomination_content", "role_grant", "director_decision", "rule_evaluation"])
def test_a_forged_fact_is_found(record: Record, attack: Attack, table: str) -> None:
    """A row more can be worse than a row altered: of a fact the newest version holds."""
    forged = Base.metadata.tables[table]
    row = attack.connection.execute(sa.select(forged).limit(1)).mappings().one()
    new = {**row, "id": uuid4(), **({"version": 99} if "version" in forged.c else {})}
    attack.run(sa.insert(forged).values(new))
    (found,) = attack.findings()
    assert (found.code, found.what) == ("fact_unknown", f"{table}:{new['id']}")


def test_a_deleted_fact_is_found(record: Record, attack: Attack) -> None:
    attack.run(sa.delete(Base.metadata.tables["minutes"]))
    assert attack.codes() == {("fact_missing", record.over.key)}


def test_altered_diagrams_and_tables_are_found(record: Record, attack: Attack) -> None:
    diagram, version, table = (table_of(model) for model in (DiagramFile, ProcessVersion, TableVersion))
    first = attack.connection.execute(sa.select(table.c.id).order_by(table.c.id).limit(1)).scalar_one()
    where = (diagram.c.process_key == "council_review", version.c.process_key == "feedback", table.c.id == first)
    attack.run(sa.update(diagram).where(where[0]).values(xml=b"<x/>"))
    attack.run(sa.update(version).where(where[1]).values(files={"feedback": "0" * 64}))
    attack.run(sa.update(table).where(where[2]).values(xml=b"<x/>"))
    told = {(one.code, one.what.partition("/")[0]) for one in attack.findings() if "fact" not in one.code}
    name = attack.connection.execute(sa.select(table.c.table_key).where(where[2])).scalar_one()
    assert told == {("diagram_altered", "council_review"), ("diagram_altered", "feedback"), ("table_altered", name)}


def test_a_lost_diagram_is_found(record: Record, attack: Attack) -> None:
    attack.run(sa.delete(table_of(DiagramFile)).where(table_of(DiagramFile).c.process_key == "intake"))
    (found,) = attack.findings()
    assert (found.code, found.what.partition(":")[0]) == ("fact_missing", "diagram_file")


def test_an_altered_evaluation_is_found(record: Record, attack: Attack) -> None:
    rows = table_of(RuleEvaluation)
    attack.run(sa.update(rows).where(rows.c.table_key == "vote_outcome").values(outputs={"outcome": "failed"}))
    assert attack.codes() == {("fact_altered", record.over.key)}
