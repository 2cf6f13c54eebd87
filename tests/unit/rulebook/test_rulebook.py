"""Look-ups over a database, on SQLite and PostgreSQL: the tables come in through the door of deployment."""

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from engine.clock import FakeClock
from engine.commands.deployments import deploy
from engine.context import SYSTEM, Actor, DecisionContext
from engine.db import Base, open_database, reading
from engine.deployment import DefinitionCache
from engine.dmn import DecisionInputError, NoTableInForceError
from engine.errors import DeploymentError
from engine.ids import SeededIds
from engine.registry import Registry
from engine.runtime_environment import Engine
from engine.tables import TableCache, evaluate
from tests.support.tables import create_tables
from tests.support.templates import Notes, Templates
from tests.unit.rulebook.files import BPMN, keys, versions
from workflows.labels import in_language
from workflows.roles import load_roles
from workflows.rulebook import calendar, deadlines, queries, tables, visibility

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2025, 6, 16, 8, 0, tzinfo=VIETNAM)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The decision tables alone, without diagrams."""
    shutil.copytree(BPMN / "tables", tmp_path / "deployed" / "tables")
    return tmp_path / "deployed"


def over(url: str, seed: int) -> Engine:
    clock = FakeClock(NOW)
    return Engine(
        sessions=open_database(url)[1], registry=Registry.of([], [], functions=calendar.FUNCTIONS), clock=clock,
        machine_clock=clock, ids=SeededIds(seed), random=Random(seed), definitions=DefinitionCache(),
        nudge=lambda _ids: None,
    )  # fmt: skip


def lay_down(url: str, folder: Path) -> Notes:
    """Deploy the tables over an empty database."""
    engine, deployed = over(url, seed=1), folder / "deployed"
    database = engine.sessions.kw["bind"]
    create_tables(database, Base.metadata)
    shutil.copytree(BPMN / "tables", deployed / "tables")
    deploy(engine, deployed, SYSTEM)
    database.dispose()
    return {}


@pytest.fixture
def engine(templates: Templates, database_kind: str, tmp_path: Path) -> Iterator[Engine]:
    with templates.copied("rulebook", database_kind, tmp_path / "rulebook", lay_down) as (url, _notes):
        found = over(url, seed=2)
        yield found
        found.sessions.kw["bind"].dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with reading(engine.sessions) as opened:
        yield opened


# deployment


def test_deploying_the_same_tables_again_adds_nothing(engine: Engine, folder: Path) -> None:
    assert deploy(engine, folder, SYSTEM) == []


def test_a_changed_table_of_the_same_day_is_refused(engine: Engine, folder: Path) -> None:
    path = folder / "tables" / "policy" / "2019-01-01.dmn"
    path.write_bytes(path.read_bytes().replace(b"<text>20</text>", b"<text>50</text>"))
    with pytest.raises(DeploymentError, match="policy/2019-01-01"):
        deploy(engine, folder, SYSTEM)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (b'thidua:lookedUpBy="on"', b'thidua:lookedUpBy="whenever"', "looked_up_by"),
        (b'name="policy" label', b'name="politics" label', "table"),
        (b'<text>"default_ballot"</text></inputEntry>', b'<text>"absent"</text></inputEntry>', "overlap"),
        (b"<text>20</text>", b"<text>20 +</text>", "syntax"),
    ],
)
def test_a_table_with_a_fault_is_refused(engine: Engine, folder: Path, old: bytes, new: bytes, rule: str) -> None:
    path = folder / "tables" / "policy" / "2026-01-01.dmn"
    source = (folder / "tables" / "policy" / "2025-07-01.dmn").read_bytes()
    assert old in source
    path.write_bytes(source.replace(old, new))
    with pytest.raises(DeploymentError, match="policy/2026-01-01") as refused:
        deploy(engine, folder, SYSTEM)
    assert refused.value.details["findings"][0]["rule"] == rule


# parameters and rows


def test_parameters_by_day(session: Session) -> None:
    assert queries.policy(session, "max_file_megabytes", date(2025, 6, 16)) == 20
    assert queries.policy(session, "fallback_to_giay_khen_if_declined", date(2025, 6, 16)) is True
    assert queries.policy(session, "recuse", date(2019, 1, 1)) == "SELF,FAMILY,DIRECT_PROPOSER"
    with pytest.raises(DecisionInputError, match="surprise"):
        queries.policy(session, "surprise", date(2025, 6, 16))
    with pytest.raises(NoTableInForceError):
        queries.policy(session, "recuse", date(2018, 12, 31))


def test_rows_that_apply_are_explained_with_their_marks(session: Session) -> None:
    inputs = {"form": "GIAY_KHEN", "nominee_kind": "INDIVIDUAL"}
    (row,) = queries.explain(session, "prize", inputs, date(2025, 8, 28))
    assert (row.valid_from, row.confidence) == (date(2025, 7, 1), "Q")
    assert row.rule.startswith("H05")


def test_an_evaluation_keeps_inputs_answer_and_rows(engine: Engine, session: Session) -> None:
    found = evaluate(
        session, TableCache(), engine.ids, table="vote_outcome", on=date(2025, 6, 20), at=NOW, functions={},
        inputs={"form": "GIAY_KHEN", "members": 9, "recused": 1, "cast": 8, "agree": 8},
    )  # fmt: skip
    assert found.row["outputs"] == {"outcome": "passed", "base": 8, "needed": 5, "quorum": 6}
    assert found.rules == ["F03_giay_khen", "F05_giay_khen", "F13_passed"]
    assert {matched["annotations"]["confidence"] for matched in found.row["matched"]} == {"S", "B", "D"}


# working days


WORKING_DAYS = [
    ("2025-01-24", 1, "2025-02-03"),  # the Friday before Tết Ất Tỵ
    ("2025-01-22", 3, "2025-02-03"),
    ("2025-01-28", 0, "2025-02-03"),
    ("2025-08-29", 1, "2025-09-03"),  # 1 and 2 September are free
    ("2025-08-27", 5, "2025-09-05"),
    ("2025-04-25", 1, "2025-04-26"),  # a Saturday worked for 2 May
    ("2025-04-28", 3, "2025-05-06"),  # 29 April, then 5 and 6 May: 30 April to 4 May are free
    ("2025-06-16", 5, "2025-06-23"),
    ("2025-06-20", 0, "2025-06-20"),
    ("2025-06-21", 0, "2025-06-23"),
    ("2024-12-31", 1, "2025-01-02"),  # over the tables of two years
    ("2026-12-31", 1, "2027-01-04"),  # into years that only have the fixed days
]


def test_working_days(session: Session) -> None:
    for start, count, expected in WORKING_DAYS:
        found = calendar.add_working_days(session, date.fromisoformat(start), count)
        assert found == date.fromisoformat(expected), start


def test_working_days_keep_the_time_of_day_in_vietnam(session: Session) -> None:
    late = datetime(2025, 1, 24, 17, 30, tzinfo=UTC)  # 25 January 00:30 in Vietnam, a Saturday
    assert calendar.add_working_days(session, late, 1) == datetime(2025, 2, 2, 17, 30, tzinfo=UTC)  # 3 February 00:30
    assert calendar.add_working_days(session, NOW, 1) == NOW.replace(day=17)


def test_no_calendar_before_the_campaign(session: Session) -> None:
    with pytest.raises(NoTableInForceError):
        calendar.is_working_day(session, date(2018, 12, 28))


def test_too_many_or_negative_days_are_refused(session: Session) -> None:
    for count in (-1, 2_001):
        with pytest.raises(ValueError, match="between 0 and 2,000"):
            calendar.add_working_days(session, NOW, count)


# reminders


def test_a_deadline_counts_working_days(session: Session) -> None:
    assert deadlines.deadline(session, "appraisal", NOW) == deadlines.Deadline(10, 7, 3, 3, True)
    assert deadlines.due_at(session, "completeness_check", NOW) == NOW.replace(day=23)
    assert deadlines.due_at(session, "honour", NOW) == NOW.replace(month=7)


def test_reminders_come_until_there_were_enough(session: Session) -> None:
    ctx = DecisionContext(session, NOW)
    dates = [deadlines.next_reminder(ctx, "completeness_check", NOW, count) for count in range(4)]
    assert [found and found.day for found in dates] == [19, 23, 25, None]
    once = [deadlines.next_reminder(ctx, "feedback_window", NOW, count) for count in range(2)]
    assert [found and found.day for found in once] == [23, None]
    assert deadlines.next_reminder(ctx, "minister_answer", NOW, 40) is not None  # no end


# visibility


def _with(*roles: str) -> Actor:
    return Actor("p", frozenset(roles))


WHO_MAY_SEE: list[tuple[str, set[str], str]] = [
    ("comment_author", {"personnel_officer", "council_chair"}, "yes"),
    ("comment_text", {"personnel_officer", "office_officer", "council_chair", "council_secretary",
                      "council_member", "director"}, "yes"),
    ("discipline", {"personnel_officer", "director"}, "yes"),
    ("denunciation", {"personnel_officer", "director"}, "yes"),
    ("open_ballots", {"council_member", "council_secretary", "council_chair", "director", "personnel_officer",
                      "auditor"}, "yes"),
    ("secret_counts", {"council_member", "council_secretary", "council_chair", "director", "personnel_officer",
                       "auditor"}, "yes"),
    ("recusal_reason", {"council_secretary", "council_chair", "personnel_officer", "auditor"}, "yes"),
    ("comment_author", {"auditor"}, "reasoned_request"),
    ("comment_text", {"auditor"}, "reasoned_request"),
    ("discipline", {"auditor"}, "reasoned_request"),
    ("denunciation", {"auditor"}, "reasoned_request"),
]  # fmt: skip


def test_who_may_see(session: Session) -> None:
    everybody = [role.key for role in load_roles()]
    for field_class, roles, answer in WHO_MAY_SEE:
        found = {role: visibility.may_see(session, field_class, _with(role), NOW.date()) for role in everybody}
        assert {role for role, allowed in found.items() if allowed == answer} == roles, field_class


def test_the_best_role_counts_and_none_sees_nothing(session: Session) -> None:
    def see(*roles: str) -> str:
        return visibility.may_see(session, "discipline", _with(*roles), NOW.date())

    assert see("staff", "auditor") == visibility.REASONED_REQUEST
    assert see("auditor", "director", "unit_head@u1", "unit_head") == visibility.YES
    assert see() == see("unit_head@u1") == visibility.NO


def test_an_unknown_class_of_fields_is_an_error(session: Session) -> None:
    with pytest.raises(DecisionInputError, match="salary"):
        visibility.may_see(session, "salary", _with("director"), NOW.date())


# pages


def test_the_catalogue_lists_every_table_with_its_versions(session: Session) -> None:
    found = {summary.key: summary for summary in tables.list_tables(session)}
    assert sorted(found) == keys()
    assert found["prize"].title == "Tiền thưởng"
    assert found["prize"].looked_up_by == "decided_on"
    assert found["prize"].versions == tuple(versions("prize"))
    assert "Nghị định 152/2025" in found["prize"].description


def test_a_page_shows_rows_in_words_with_their_marks(session: Session) -> None:
    page = tables.table_page(session, "prize", date(2024, 1, 1))
    assert (page.valid_from, page.valid_until) == (date(2024, 1, 1), date(2024, 7, 1))
    rule, amount = page.parts
    assert rule.inputs == ("Hình thức khen thưởng", "Cá nhân hay tập thể")
    assert rule.rows[2].outputs == ("1,5", "1.800.000", "Gần nhất")
    assert rule.rows[2].inputs[0] == "Bằng khen của Bộ trưởng"
    assert (rule.rows[2].confidence, rule.rows[2].rule[:3]) == ("B", "H09")
    assert "round half up" in amount.formula
    assert tables.table_page(session, "prize", date(2025, 7, 1)).valid_until is None
    with pytest.raises(NoTableInForceError):
        tables.table_page(session, "prize", date(2024, 1, 2))


def test_pages_speak_english_too(session: Session) -> None:
    with in_language("en"):
        policy = tables.table_page(session, "policy", date(2025, 7, 1)).parts[0]
        vote = tables.table_page(session, "vote_outcome", date(2019, 1, 1))
    cells = {row.inputs[0]: row.outputs[0] for row in policy.rows}
    assert cells["Who is recused from a vote"] == "the nominee, close family, the direct proposer"
    assert cells["Sizes of the council"] == "3, 5, 7, 9, 11"
    assert vote.parts[-1].inputs == ("The counts fit together", "Enough votes cast", "Enough votes in favour")
    assert vote.parts[-1].rows[1].inputs == ("Yes", "Yes", "Yes")


@pytest.mark.parametrize(
    ("column", "text", "words"),
    [
        ("day", '[date("2025-01-27")..date("2025-01-31")]', "27/01/2025 – 31/01/2025"),
        ("form", "-", ""),
        ("repeat", "null", ""),
        ("level", '"blocked"', "Chặn"),
        ("working", "true", "Có"),
        ("blocking_flags", "> 0", "> 0"),
        ("role", '"director", "auditor"', None),
        ("comparison", '">="', "Bằng hoặc lớn hơn"),
        ("signer_title", '"Cục trưởng"', "Cục trưởng"),
    ],
)
def test_cells_in_words(column: str, text: str, words: str | None) -> None:
    found = tables.cell_words(column, text)
    assert words is None or found == words
    assert '"' not in found
