"""A change of rules on its way: four eyes, what was decided stays, what would have changed is shown before."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from engine import queries
from engine.commands.instances import start_instance
from engine.commands.tasks import claim_task, complete_task
from engine.db import reading
from engine.deployment import TableFile
from engine.errors import (
    DeploymentError,
    EngineError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    SeparationOfDutiesError,
)
from engine.models import RuleEvaluation, TableVersion
from engine.replay import replay, unfrozen
from engine.tables import decision_outputs, reevaluate
from tests.office import BPMN, Office
from tests.paths import stories
from workflows.errors import ChangeOutdatedError, NotYourChangeError
from workflows.rulebook.queries import decide, list_changes


def file_of(table: str, day: str, *, instead: tuple[str, str] = ("", "")) -> bytes:
    text = (BPMN / "tables" / table / f"{day}.dmn").read_text(encoding="utf-8")
    assert instead[0] in text
    return (text.replace(*instead) if instead[0] else text).encode()


def proposing(office: Office, who: str, **values: str) -> None:
    given = {"table": "prize", "valid_from": (office.today + timedelta(days=30)).isoformat(),
             "content": file_of("prize", "2024-07-01", instead=("2340000", "2500000")).decode(),
             "reason": "Nghị định mới nâng mức lương cơ sở.", **values}  # fmt: skip
    actor = office.actor(who)
    start_instance(office.engine, "change_approval", "", actor, {}, step="rulebook.propose_change", values=given)


def salary(office: Office, on: date) -> int:
    with reading(office.engine.sessions) as session:
        inputs = {"form": "GIAY_KHEN", "nominee_kind": "INDIVIDUAL"}
        return int(decide(session, "prize", inputs, on).value["base_salary_vnd"])


def versions(office: Office) -> int:
    with reading(office.engine.sessions) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(TableVersion)) or 0


@pytest.mark.slow
def test_an_approved_version_is_in_force_from_its_day_and_not_before(office: Office) -> None:
    before = versions(office)
    case = stories.change_proposed(office)
    begins = office.today + timedelta(days=30)
    assert (versions(office), salary(office, begins)) == (before, 2_340_000)
    case.do("review_change", "admin", outcome="approved")
    assert versions(office) == before + 1
    assert [salary(office, begins + timedelta(days=d)) for d in (-1, 0, 20)] == [2_340_000, 2_500_000, 2_500_000]
    stored = next(event for event in case.history() if event.data.get("step") == "rulebook.put_in_force")
    assert [name.partition(":")[0] for name, _hash in stored.facts] == ["table_version"]
    assert stored.data["valid_from"] == begins.isoformat()
    deployed = next(d for d in queries.list_deployments(office.engine) if d.valid_from == begins)
    assert deployed.deployed_by == office.people["admin"]


@pytest.mark.slow
def test_a_rejected_version_changes_nothing_and_needs_a_reason(sqlite_office: Office) -> None:
    before = versions(sqlite_office)
    case = stories.change_proposed(sqlite_office)
    with pytest.raises(InvalidInputError) as refused:
        case.do("review_change", "admin", outcome="rejected", reason="")
    assert "reason" in refused.value.details["fields"]
    case.do("review_change", "admin", outcome="rejected", reason="Chưa có căn cứ.")
    assert versions(sqlite_office) == before
    told = queries.notices_of(sqlite_office.engine, sqlite_office.people["officer"])
    assert [notice.kind for notice in told] == ["rulebook.change_rejected"]


def test_who_proposes_does_not_approve(sqlite_office: Office) -> None:
    office = sqlite_office
    case = stories.change_proposed(office, who="admin")
    task = case.open_tasks()[0]
    with pytest.raises(SeparationOfDutiesError):
        claim_task(office.engine, task.id, office.actor("admin"))
    with pytest.raises(SeparationOfDutiesError):
        complete_task(office.engine, task.id, office.actor("admin"), {"outcome": "approved", "reason": ""})
    assert case.open_elements() == ["review_change"]


def test_a_step_that_begins_a_case_is_not_done_alone(sqlite_office: Office) -> None:
    with pytest.raises(NotFoundError, match="not done alone"):
        sqlite_office.act("officer", "rulebook.propose_change", table="prize")


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"valid_from": "2024-07-01"}, ("valid_from", "@version_exists")),
        ({"valid_from": "2018-01-01"}, ("valid_from", "@before_the_first_version")),
        ({"content": file_of("prize", "2024-07-01").decode()}, ("valid_from", "@version_unchanged")),
        ({"content": " "}, ("content", "@required")),
        ({"table": "nothing"}, ("table", "@unknown_choice")),
        ({"reason": "vì"}, ("reason", "@too_short")),
    ],
)
def test_what_cannot_be_proposed_says_why(
    sqlite_office: Office, values: dict[str, str], problem: tuple[str, str]
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        proposing(sqlite_office, "officer", **values)
    ((field, found),) = refused.value.details["problems"].items()
    assert (field, found[0].partition("|")[0]) == problem


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("<a", "file"),
        ("<definitions/>", "file"),
        (file_of("policy", "2019-01-01").decode(), "table"),
        (file_of("prize", "2024-07-01", instead=("decided_on", "any_day")).decode(), "looked_up_by"),
        (file_of("prize", "2024-07-01", instead=("<text>2340000</text>", "<text>((</text>")).decode(), "syntax"),
        (file_of("prize", "2024-07-01", instead=('"GIAY_KHEN"', '"BANG_KHEN_BO_TRUONG"')).decode(), "overlap"),
    ],
)
def test_a_faulty_file_is_not_even_proposed(sqlite_office: Office, content: str, rule: str) -> None:
    with pytest.raises(DeploymentError) as refused:
        proposing(sqlite_office, "officer", content=content)
    assert rule in {finding["rule"] for finding in refused.value.details["findings"]}


def test_a_day_taken_meanwhile_stops_the_approval_whole(sqlite_office: Office) -> None:
    office = sqlite_office
    case, other = stories.change_proposed(office), stories.change_proposed(office, instead=("2340000", "2600000"))
    other.do("review_change", "admin", outcome="approved")
    with pytest.raises(DeploymentError, match="cannot change"):
        case.do("review_change", "admin", outcome="approved")
    assert case.open_elements() == ["review_change"]
    case.do("review_change", "admin", outcome="rejected", reason="Đã có bản khác cho ngày này.")
    assert case.ended_at == "end_change_rejected"


@pytest.mark.slow
def test_a_case_keeps_its_result_when_a_newer_table_comes(office: Office) -> None:
    case = stories.straight_path(office)
    with reading(office.engine.sessions) as session:
        stored = session.scalars(sa.select(RuleEvaluation).where(RuleEvaluation.instance_id == case.id)).all()
        kept = {row.id: (row.sha256, row.outputs) for row in stored if row.table_key == "prize"}
    assert kept
    stories.change_proposed(office, days=1).do("review_change", "admin", outcome="approved")
    office.wait(days=400)
    with reading(office.engine.sessions) as session:
        for row in session.scalars(sa.select(RuleEvaluation).where(RuleEvaluation.id.in_(kept))):
            again = reevaluate(session, row, office.engine.definitions.tables)
            assert (row.sha256, row.outputs) == kept[row.id]
            assert decision_outputs(again.value) == row.outputs
    assert unfrozen(office.engine)[1] == []


@pytest.mark.slow
def test_a_replay_tells_which_outcomes_change_and_why(new_office: Callable[[], Office]) -> None:
    office = new_office()
    close, clear = (
        stories.reviewed(office, against=3),
        stories.reviewed(office, nominee="nominee2", session="PH-2025-02", form="BANG_KHEN_BO_TRUONG"),
    )
    assert (close.variables["vote_outcome"], clear.variables["vote_outcome"]) == ("passed", "passed")
    on = office.today - timedelta(days=60)
    same = replay(office.engine, TableFile("vote_outcome", on, file_of("vote_outcome", "2019-01-01")))
    assert (same.total, same.within, same.changes) == (2, 2, ())
    text = file_of("vote_outcome", "2019-01-01").decode()
    for column, half, most in (("out2", "1", "2"), ("out3", "2", "3")):
        cell = f'<outputEntry id="F05_giay_khen_{column}"><text>'
        assert cell + half in text
        text = text.replace(cell + half, cell + most)
    stricter = TableFile("vote_outcome", on, text.encode())
    found = replay(office.engine, stricter)
    assert (found.total, found.within, found.changed_within) == (2, 2, 1)
    (change,) = found.changes
    assert change.business_key == close.key
    assert (change.before["outcome"], change.after["outcome"]) == ("passed", "failed")
    rules = [[row["rule"] for row in rows] for rows in (change.rows_before, change.rows_after)]
    assert "F13_passed" in rules[0]
    assert "F13_passed" not in rules[1]
    assert all(row["annotations"]["source"] for row in change.rows_after)
    assert replay(office.engine, stricter, since=office.today + timedelta(days=1)).total == 0


def test_a_replay_over_no_past_changes_nothing(sqlite_office: Office) -> None:
    found = replay(sqlite_office.engine, TableFile("prize", date(2026, 1, 1), file_of("prize", "2024-07-01")))
    assert (found.total, found.changes) == (0, ())


def proposing_diagram(office: Office, **values: str) -> None:
    xml = queries.diagram_xml(office.engine, None, "nomination")
    given = {
        "content": xml.decode().replace("Quyết định hình thức khen thưởng", "Quyết định khen thưởng"),
        "based_on": hashlib.sha256(xml).hexdigest(),
        "reason": "Gọi đúng tên theo quy chế mới.",
        **values,
    }
    actor = office.actor("admin")
    start_instance(office.engine, "change_approval", "", actor, {}, step="rulebook.propose_diagram", values=given)


@pytest.mark.slow
def test_new_cases_run_on_an_approved_diagram_and_open_ones_stay(office: Office) -> None:
    before = stories.opened(office)
    case = stories.diagram_approved(office)
    after = stories.opened(office, nominee="nominee2")
    assert (before.view.version, after.view.version) == (1, 2)
    drawings = [queries.diagram_xml(office.engine, one.id, "nomination").decode() for one in (before, after)]
    names = ["Quyết định khen thưởng" in drawing for drawing in drawings]
    assert names == [False, True]
    stored = next(event for event in case.history() if event.data.get("step") == "rulebook.put_in_force")
    assert stored.data["processes"] == ["nomination/2"]
    assert sorted(name.partition(":")[0] for name, _hash in stored.facts) == ["diagram_file", "process_version"]
    told = queries.notices_of(office.engine, office.people["admin"])
    assert [notice.kind for notice in told] == ["rulebook.change_approved"]


def test_a_diagram_over_an_older_one_is_not_approved(sqlite_office: Office) -> None:
    office = sqlite_office
    first, second = (
        stories.diagram_proposed(office),
        stories.diagram_proposed(office, instead=("Lập và nộp hồ sơ đề nghị", "Lập hồ sơ")),
    )
    second.do("review_change", "admin2", outcome="approved")
    with pytest.raises(ChangeOutdatedError):
        first.do("review_change", "admin2", outcome="approved")
    assert first.open_elements() == ["review_change"]
    first.say("admin", "rulebook.withdraw_change", reason="Đã có bản khác được áp dụng.")
    assert first.ended_at == "end_change_withdrawn"


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"reason": ""}, InvalidInputError),
        ({"content": " "}, InvalidInputError),
        ({"content": "<a"}, DeploymentError),
        ({"content": "<a/>"}, DeploymentError),
        ({"content": (BPMN / "nomination.bpmn").read_text(encoding="utf-8")}, InvalidInputError),
        ({"content": (BPMN / "nomination.bpmn").read_text(encoding="utf-8").replace("decisions.decide", "x.y")},
         DeploymentError),
        ({"based_on": "0" * 64}, ChangeOutdatedError),
        ({"based_on": ""}, ChangeOutdatedError),
    ],
)  # fmt: skip
def test_a_faulty_diagram_is_not_even_proposed(
    sqlite_office: Office, values: dict[str, str], error: type[EngineError]
) -> None:
    with pytest.raises(error):
        proposing_diagram(sqlite_office, **values)
    with reading(sqlite_office.engine.sessions) as session:
        assert list_changes(session) == []


def test_only_the_proposer_takes_a_change_back(sqlite_office: Office) -> None:
    case = stories.change_proposed(sqlite_office)
    with pytest.raises(NotYourChangeError):
        case.say("secretary", "rulebook.withdraw_change", reason="Tôi không đồng ý với bản này.")
    with pytest.raises(ForbiddenError):
        case.say("head", "rulebook.withdraw_change", reason="Tôi không đồng ý với bản này.")
    assert case.open_elements() == ["review_change"]
    case.say("officer", "rulebook.withdraw_change", reason="Chờ văn bản hướng dẫn.")
    with reading(sqlite_office.engine.sessions) as session:
        assert [line.state for line in list_changes(session)] == ["withdrawn"]
    with pytest.raises(EngineError):
        case.say("officer", "rulebook.withdraw_change", reason="Chờ văn bản hướng dẫn.")


def test_who_reviews_is_reminded(sqlite_office: Office) -> None:
    office = sqlite_office
    stories.change_proposed(office)
    office.wait(days=2)
    assert not [one for one in queries.notices_of(office.engine, office.people["admin"]) if "reminder" in one.kind]
    office.wait(days=12)
    told = [one.kind for one in queries.notices_of(office.engine, office.people["admin"])]
    assert told.count("reminder") == 3, told
