"""Deputies for a period: both names on every act, judged as both persons, no chain, no vote unless the rules allow."""

from datetime import timedelta

import pytest

from engine import queries
from engine.commands.tasks import claim_task, release_task
from engine.errors import InvalidInputError, NotYourTaskError, SeparationOfDutiesError
from tests.office import Office
from tests.paths import stories
from tests.paths.test_separation import gets
from workflows.errors import NomineeMayNotActError

CHECK = "check_completeness"


def names(office: Office, giver: str, deputy: str, role: str, *, days: int = 20, unit: str = "") -> None:
    """A person names a deputy for some days."""
    office.act(giver, "organisation.delegate_role", role=role, to_person_id=office.people[deputy],
               valid_from=office.today.isoformat(), valid_to=(office.today + timedelta(days=days)).isoformat(),
               reason="Nghỉ phép", unit_id=office.units[unit] if unit else "")  # fmt: skip


def test_every_act_of_a_deputy_bears_both_names(office: Office) -> None:
    case = stories.filed(office)
    items = stories.items(case)
    release_task(office.engine, case.open_tasks()[0].id, office.actor("officer"))
    names(office, "officer", "staff", "personnel_officer")
    case.claim(CHECK, "staff")
    case.do(CHECK, "staff", items=items, outcome="accepted")
    by_staff = [event for event in case.history() if event.actor_id == office.people["staff"]]
    assert {event.kind for event in by_staff} >= {"task.claimed", "task.completed", "decision.evaluated"}
    assert {event.data.get("on_behalf_of") for event in by_staff} == {office.people["officer"]}
    assert {event.post for event in by_staff} == {office.posts["staff"]}
    done = queries.list_tasks(office.engine, office.actor("staff"), "done").items[0]
    assert (done.completed_by, done.completed_for) == (office.people["staff"], office.people["officer"])


def test_who_holds_the_role_himself_is_nobodys_deputy(office: Office) -> None:
    case = stories.filed(office)
    names(office, "secretary", "officer", "personnel_officer")
    case.claim(CHECK, "officer")
    assert "on_behalf_of" not in case.history()[-1].data


def test_a_message_and_an_action_of_a_deputy_bear_both_names(office: Office) -> None:
    names(office, "officer", "staff", "personnel_officer")
    office.act("staff", "nominations.raise_flag", nominee_kind="INDIVIDUAL", nominee_id=office.people["nominee"],
               kind="COMPLAINT", raised_on=office.today.isoformat(), document="05/ĐKN",
               text="Đơn khiếu nại.")  # fmt: skip
    (event,) = queries.search_events(office.engine, chain="system", limit=1).items
    assert (event.actor_id, event.data["on_behalf_of"]) == (office.people["staff"], office.people["officer"])


def test_a_deputy_of_a_deputy_is_none(office: Office) -> None:
    names(office, "officer", "staff", "personnel_officer")
    with pytest.raises(InvalidInputError) as refusal:
        names(office, "staff", "records", "personnel_officer")
    assert refusal.value.details["fields"].keys() == {"from_person_id"}
    assert not office.actor("records").holds("personnel_officer")


def test_it_ends_by_itself(office: Office) -> None:
    case = stories.filed(office)
    names(office, "officer", "staff", "personnel_officer", days=1)
    case.claim(CHECK, "staff")
    office.wait(days=2)
    with pytest.raises(NotYourTaskError):
        case.do(CHECK, "staff", items=[], outcome="accepted")
    assert not office.actor("staff").holds("personnel_officer")


def test_one_unit_of_several(office: Office) -> None:
    gets(office, "head", "unit_head", "vanlang")
    names(office, "head", "staff", "unit_head", unit="bacson")
    staff = office.actor("staff")
    assert staff.holds("unit_head", office.units["bacson"])
    assert not staff.holds("unit_head", office.units["vanlang"])
    assert staff.givers("unit_head", office.units["bacson"]) == (office.people["head"],)
    with pytest.raises(InvalidInputError) as refusal:
        names(office, "officer", "staff", "personnel_officer", unit="bacson")
    assert "unit_id" in refusal.value.details["fields"]


def test_duties_are_kept_apart_for_both_persons(office: Office) -> None:
    """The proposer's deputy checks nothing of his proposal, and the nominee's deputy nothing about him."""
    gets(office, "head", "personnel_officer")
    gets(office, "nominee2", "personnel_officer")
    case = stories.filed(office)
    names(office, "head", "staff", "personnel_officer")
    with pytest.raises(SeparationOfDutiesError) as refusal:
        case.claim(CHECK, "staff")
    assert refusal.value.details["person"] == office.people["head"]
    about_nominee2 = stories.filed(office, nominee="nominee2")
    names(office, "nominee2", "records", "personnel_officer")
    with pytest.raises(NomineeMayNotActError):
        claim_task(office.engine, about_nominee2.open_tasks()[0].id, office.actor("records"))


def test_what_a_deputy_did_counts_as_done_by_both(office: Office) -> None:
    """The office's deputy sums up; neither he nor whom he stood in for confirms the summary."""
    gets(office, "office", "personnel_officer")
    names(office, "office", "staff", "office_officer", days=60)
    case = stories.accepted(office, stories.filed(office))
    office.wait(days=20)
    case.do("summarise_feedback", "staff", text="Không có ý kiến phản đối, hai ý kiến ủng hộ.")
    with pytest.raises(SeparationOfDutiesError):
        case.do("confirm_feedback_summary", "office", note="")
    case.do("confirm_feedback_summary", "officer", note="")


def test_nobody_votes_in_anothers_place(office: Office) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        names(office, "member", "staff", "council_member")
    assert refusal.value.details["fields"].keys() == {"role"}
