"""Versions of tables: their days leave no gap and no overlap; what was decided can be decided again."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine import dmn
from engine.commands.deployments import deploy
from engine.commands.tasks import complete_task
from engine.context import SYSTEM
from engine.db import reading, unit_of_work
from engine.deployment import TableFile
from engine.errors import DeploymentError
from engine.models import RuleEvaluation, TableVersion
from engine.replay import replay, unfrozen
from engine.table_versions import date_faults, findings_of
from engine.tables import revived
from tests.support.diagrams import Diagram
from tests.support.small_engine import BINH, TABLE, SmallEngine, size_step, small_engine, user
from tests.unit.dmn.tables import table

JANUARY, MARCH, JULY = date(2025, 1, 1), date(2025, 3, 1), date(2025, 7, 1)


def version(day: date, *, limit: str = "100", root: str = "", by: str = "on") -> TableFile:
    text = TABLE.replace("{limit}", limit).replace('lookedUpBy="on"', f'lookedUpBy="{by}" {root}')
    return TableFile("size", day, text.encode())


def faults(*files: TableFile) -> list[tuple[date, str]]:
    return [(file.valid_from, found.rule) for file, found in date_faults(files)]


def test_an_end_that_is_the_next_start_is_no_fault() -> None:
    assert faults(version(JANUARY), version(MARCH)) == []
    assert faults(version(MARCH), version(JANUARY, root='thidua:validUntil="2025-03-01"')) == []


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ([version(JANUARY, root='thidua:validUntil="2025-02-01"'), version(MARCH)], (JANUARY, "date_gap")),
        ([version(JANUARY, root='thidua:validUntil="2025-04-01"'), version(MARCH)], (JANUARY, "date_overlap")),
        ([version(JANUARY), version(MARCH, root='thidua:validUntil="2025-04-01"')], (MARCH, "date_gap")),
        ([version(JANUARY), version(JANUARY, limit="5")], (JANUARY, "date_overlap")),
        ([version(JANUARY, root='thidua:validUntil="soon"'), version(MARCH)], (JANUARY, "valid_until")),
        ([version(JANUARY), version(MARCH, by="filed_on")], (MARCH, "looked_up_by")),
    ],
)
def test_a_gap_or_an_overlap_between_days_is_told(files: list[TableFile], fault: tuple[date, str]) -> None:
    assert faults(*files) == [fault]


@pytest.fixture
def small(database_url: str, tmp_path: Path) -> Iterator[SmallEngine]:
    made = small_engine(database_url, tmp_path / "bpmn", user("room.first", "amount"), size_step())
    drawn = Diagram().start().user("first").decision("size", "size").end().path("start", "first", "size", "end")
    made.deploy(drawn.declare("amount"), tables={JANUARY: "100"})
    yield made
    made.engine.sessions.kw["bind"].dispose()


def decided(small: SmallEngine, *amounts: int) -> None:
    for place, amount in enumerate(amounts):
        begun = small.start(case=f"case-{amount}-{place}", amount=0)
        complete_task(small.engine, begun.opened[0].id, BINH, {"amount": amount})


def test_a_gap_stops_the_deployment_and_names_what_to_do(small: SmallEngine) -> None:
    place = small.folder / "tables" / "size" / f"{MARCH}.dmn"
    place.write_bytes(version(MARCH, root='thidua:validUntil="2025-05-01"').xml)
    with pytest.raises(DeploymentError, match="add one or drop the end") as refused:
        deploy(small.engine, small.folder, SYSTEM)
    assert refused.value.details["findings"][0]["rule"] == "date_gap"
    with reading(small.engine.sessions) as session:
        assert session.scalars(sa.select(TableVersion.valid_from)).all() == [JANUARY]


def test_a_replay_counts_the_outcomes_that_change(small: SmallEngine) -> None:
    decided(small, 50, 90, 120, 130, 90)
    found = replay(small.engine, version(MARCH, limit="80"))
    assert (found.total, found.within, found.changed_within) == (5, 5, 2)
    assert {(change.business_key, change.before, change.after) for change in found.changes} == {
        ("case-90-1", "small", "large"),
        ("case-90-4", "small", "large"),
    }
    assert {change.rows_before[0]["annotations"]["source"] for change in found.changes} == {"art. 1"}
    assert {change.rows_after[0]["annotations"]["source"] for change in found.changes} == {"art. 2"}
    assert replay(small.engine, version(JULY, limit="80")).changed_within == 0


def test_a_changed_table_that_refuses_to_answer_is_a_change_with_its_reason(small: SmallEngine) -> None:
    decided(small, 50)
    narrow = TableFile("size", MARCH, version(MARCH).xml.replace(b"&lt;= 100", b"[0..10]"))
    (change,) = replay(small.engine, narrow).changes
    assert (change.before, change.after) == ("small", None)
    assert "no rule fits amount = 50" in change.fault


def test_what_was_decided_is_decided_again_alike_until_somebody_alters_it(small: SmallEngine) -> None:
    decided(small, 50, 120)
    small.deploy(tables={MARCH: "80"})
    assert unfrozen(small.engine) == (2, [])
    with unit_of_work(small.engine.sessions) as session:
        small_one = session.scalars(sa.select(RuleEvaluation).where(RuleEvaluation.inputs["amount"].as_integer() == 50))
        changed = small_one.one().id
        forged = sa.update(RuleEvaluation).where(RuleEvaluation.id == changed).values(inputs={"amount": 1_000_000})
        session.execute(forged)
    assert unfrozen(small.engine) == (2, [changed])


def test_stored_inputs_are_read_by_the_types_of_the_file() -> None:
    xml = table([("on", "date"), ("n", "number"), ("word", "string")], [("out", "string")], [["-", "-", "-", '"a"']])
    found = revived(dmn.load(xml), "d", {"on": "2025-01-01", "n": "0.5", "word": "2025-01-01"})
    assert found["on"] == date(2025, 1, 1)
    assert str(found["n"]) == "0.5"
    assert found["word"] == "2025-01-01"


def test_every_kind_of_finding_bears_an_example() -> None:
    rows = [["[1..5]", '"a"', "-"], ["[5..9]", '"b"', "-"], ["> limit", '"c"', "-"], ['"five"', "7", "-"]]
    xml = table([("n", "number")], [("word", "string")], rows, notes=["source"])
    found = findings_of(TableFile("d", JANUARY, xml), ())
    assert {finding.rule for finding in found} >= {"overlap", "type", "unknown_name"}
    assert all(finding.example for finding in found if finding.rule in {"overlap", "type", "unknown_name"})
