"""Cases that run go over to a redrawn process: with their ballots, deadlines and drafts, all of them or none."""

import pytest

from engine import history, queries
from engine.commands.drafts import save_draft
from engine.commands.instances import cancel_instance
from engine.commands.interventions import approve_request, propose_migration, reject_request
from engine.db import reading
from engine.errors import (
    ForbiddenError,
    MigrationRefusedError,
    NotFoundError,
    OwnProposalError,
    ReasonRequiredError,
    RepairDecidedError,
)
from tests.office import Case, Office
from tests.paths import stories
from tests.support.redrawn import know_legal_check, redraw, with_legal_check

REASON = "Quy trình mới thêm bước kiểm tra pháp lý sau khi Thủ trưởng quyết định."


def in_the_vote(office: Office, *, only: int = 4) -> Case:
    """A case in its vote: some of the ballots are in."""
    case = stories.ready_for_council(office)
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(office))
    office.wait(hours=1)
    stories.vote(case, only=only)
    return case


def migrate(office: Office, before: int, after: int) -> None:
    """One operator proposes, the other approves."""
    asked = propose_migration(office.engine, "nomination", office.actor("admin"), REASON, before=before, after=after)
    approve_request(office.engine, asked.request_id, office.actor("admin2"))


def verified(office: Office) -> bool:
    with reading(office.engine.sessions, at_one_instant=True) as session:
        return list(history.verify(session, file_hash=office.file_hash)) == []


def test_a_step_after_the_director_is_obeyed_and_the_vote_goes_on(office: Office) -> None:
    """The scenario in which the stock library loses the members and the deadline."""
    know_legal_check(office)
    case = in_the_vote(office)
    before, timers = case.open_tasks(), queries.due_timers(office.engine, case.id)
    waits = queries.waiting_messages(office.engine, case.id)
    version = redraw(office, "nomination", with_legal_check)
    office.wait(hours=1)
    (verdict,) = queries.migration_verdicts(office.engine, "nomination", 1, version)
    assert (verdict.business_key, verdict.moves) == (case.key, True)
    migrate(office, 1, version)
    assert case.view.version == version
    assert case.open_tasks() == before, "ids, holders and due dates are those of before"
    assert len(before) == case.variables["voter_count"] - 4
    assert queries.due_timers(office.engine, case.id) == timers
    assert queries.waiting_messages(office.engine, case.id) == waits
    assert [event.kind for event in case.history()][-1] == "instance.migrated"
    stories.vote(case)
    stories.minuted(office, case)
    case.do("director_decides", "director", decision="GRANT_GIAY_KHEN")
    assert case.open_elements() == ["legal_check"]
    case.do("legal_check", "director", answer="đúng")
    assert case.open_elements() == ["sign_decision"]
    stories.honoured(stories.registered(stories.signed(case)))
    assert case.ended_at == "end_awarded"
    assert verified(office)


def test_the_deadline_of_the_vote_stays_the_deadline(sqlite_office: Office) -> None:
    know_legal_check(sqlite_office)
    case = in_the_vote(sqlite_office, only=7)
    migrate(sqlite_office, 1, redraw(sqlite_office, "nomination", with_legal_check))
    sqlite_office.wait(days=2)
    assert case.open_elements() == ["confirm_minutes_secretary"], "7 of 9 are enough once the hour has come"


def test_with_a_called_process_running_at_the_minister(office: Office) -> None:
    case = stories.referred(office)
    version = redraw(office, "minister_referral", lambda xml: xml.replace("Nhận và trao Bằng khen", "Trao Bằng khen"))
    migrate(office, 1, version)
    stories.answered(case, "awarded")
    (task,) = case.open_tasks()
    assert (task.element_id, task.name) == ("receive_award", "Trao Bằng khen")
    assert verified(office)


def test_a_renamed_open_step_keeps_its_holder_and_draft(office: Office) -> None:
    case = stories.filed(office)
    case.claim("check_completeness", "officer")
    (task,) = case.open_tasks()
    save_draft(office.engine, task.id, office.actor("officer"), {"outcome": "accepted"}, 0)
    version = redraw(office, "intake", lambda xml: xml.replace("Kiểm tra thành phần", "Soát xét thành phần"))
    migrate(office, 1, version)
    (now,) = case.open_tasks()
    assert (now.id, now.assignee, now.created_at) == (task.id, task.assignee, task.created_at)
    assert now.name == "Soát xét thành phần hồ sơ"
    assert case.form("check_completeness", "officer").values["outcome"] == "accepted"
    found = queries.list_tasks(office.engine, office.actor("officer"), "mine", text="soat xet").items
    assert [view.id for view in found] == [task.id]
    stories.accepted(office, case)
    stories.heard(office, case)
    assert case.open_elements() == ["schedule_nomination"]


def test_a_lane_that_changes_moves_the_task_to_another_queue(sqlite_office: Office) -> None:
    office = sqlite_office
    case = stories.filed(office)
    moved = "        <bpmn:flowNodeRef>check_completeness</bpmn:flowNodeRef>\n"

    def to_records(xml: str) -> str:
        lane = '<bpmn:lane id="lane_records_officer" name="Văn thư">' + moved + "</bpmn:lane>"
        return xml.replace(moved, "").replace("</bpmn:laneSet>", f"{lane}</bpmn:laneSet>")

    migrate(office, 1, redraw(office, "intake", to_records))
    assert [task.role for task in case.open_tasks()] == ["records_officer"]
    queued = queries.list_tasks(office.engine, office.actor("records"), "group").items
    assert [task.instance_id for task in queued] == [case.id]


def with_another_gateway(xml: str) -> str:
    """The gateway at which a case waits for comments is drawn as another one."""
    return xml.replace('"gw_wait"', '"gw_hear"').replace(">gw_wait<", ">gw_hear<")


def test_a_visited_element_that_is_gone_refuses_all_or_some(office: Office) -> None:
    know_legal_check(office)
    new, old = stories.filed(office), stories.accepted(office, stories.filed(office, nominee="nominee2"))
    version = redraw(office, "feedback", with_another_gateway)
    verdicts = {one.business_key: one for one in queries.migration_verdicts(office.engine, "nomination", 1, version)}
    assert verdicts[new.key].moves
    assert (verdicts[old.key].reason, verdicts[old.key].element_id) == ("element_gone", "gw_wait")
    admin = office.actor("admin")
    both = (new.id, old.id)
    with pytest.raises(MigrationRefusedError) as refusal:
        propose_migration(office.engine, "nomination", admin, REASON, before=1, after=version, instances=both)
    assert refusal.value.details == {"cases": [old.key], "count": 1}
    asked = propose_migration(office.engine, "nomination", admin, REASON, before=1, after=version)
    assert asked.instances == (new.id,)
    approve_request(office.engine, asked.request_id, office.actor("admin2"))
    assert (new.view.version, old.view.version) == (version, 1)
    assert verified(office)


def test_all_or_nothing_when_a_case_can_no_longer_move(office: Office) -> None:
    """Between proposal and approval one case reached the gateway that the new version has not."""
    know_legal_check(office)
    cases = [stories.filed(office, nominee=who) for who in ("nominee", "nominee2")]
    version = redraw(office, "feedback", with_another_gateway)
    asked = propose_migration(office.engine, "nomination", office.actor("admin"), REASON, before=1, after=version)
    stories.accepted(office, cases[1])
    with pytest.raises(MigrationRefusedError) as refusal:
        approve_request(office.engine, asked.request_id, office.actor("admin2"))
    assert refusal.value.details["cases"] == [cases[1].key]
    assert [case.view.version for case in cases] == [1, 1]
    assert queries.get_request(office.engine, asked.request_id).state == "proposed"
    cancel_instance(office.engine, cases[1].id, office.actor("admin"), "Nhập trùng.")
    approve_request(office.engine, asked.request_id, office.actor("admin2"))
    assert [case.view.version for case in cases] == [version, 1]
    with pytest.raises(RepairDecidedError):
        approve_request(office.engine, asked.request_id, office.actor("admin2"))
    assert verified(office)


def test_nobody_approves_alone_and_nothing_happens_without_a_reason(sqlite_office: Office) -> None:
    office = sqlite_office
    case = stories.filed(office)
    version = redraw(office, "intake", lambda xml: xml.replace("Kiểm tra thành phần", "Soát xét thành phần"))
    admin = office.actor("admin")
    with pytest.raises(ForbiddenError):
        propose_migration(office.engine, "nomination", office.actor("officer"), REASON, before=1, after=version)
    with pytest.raises(ReasonRequiredError):
        propose_migration(office.engine, "nomination", admin, " ", before=1, after=version)
    with pytest.raises(NotFoundError):
        propose_migration(office.engine, "nomination", admin, REASON, before=1, after=99)
    asked = propose_migration(office.engine, "nomination", admin, REASON, before=1, after=version)
    with pytest.raises(OwnProposalError):
        approve_request(office.engine, asked.request_id, admin)
    with pytest.raises(ForbiddenError):
        approve_request(office.engine, asked.request_id, office.actor("officer"))
    with pytest.raises(ReasonRequiredError):
        reject_request(office.engine, asked.request_id, office.actor("admin2"), "")
    done = reject_request(office.engine, asked.request_id, office.actor("admin2"), "Chờ hết đợt xét này.")
    assert (done.state, done.decision_reason) == ("rejected", "Chờ hết đợt xét này.")
    assert case.view.version == 1
    (notice, *_) = queries.notices_of(office.engine, admin.id)
    assert notice.kind == "migration.rejected"
    assert verified(office)


def test_versions_count_their_cases(sqlite_office: Office) -> None:
    office = sqlite_office
    stories.filed(office)
    version = redraw(office, "intake", lambda xml: xml.replace("Kiểm tra thành phần", "Soát xét thành phần"))
    found = {view.version: (view.running, view.cases) for view in queries.list_versions(office.engine, "nomination")}
    assert found == {1: (1, 1), version: (0, 0)}
    assert queries.count_running(office.engine)["nomination", 1] == 1
    compared = queries.compare_versions(office.engine, "nomination", 1, version)
    assert [(one.process_key, one.element_id, one.change) for one in compared.changes] == [
        ("intake", "check_completeness", "altered")
    ]
    assert queries.compare_versions(office.engine, "nomination", 0, 1).count("altered") == 0
