"""Nobody judges his own case: what nominees, families, proposers and directors may not do, and who does it then.

One post may still be two things where the law has it so: the director is chair of the council, for all to see.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from engine import history, queries
from engine.commands.tasks import take_over_task
from engine.context import SYSTEM
from engine.db import reading
from engine.errors import ForbiddenError, SeparationOfDutiesError
from engine.views import EventView
from tests.office import COUNCIL, Case, Office
from tests.paths import stories
from tests.support.traces import rows
from workflows.council import queries as council
from workflows.council.signatures import signatures_of
from workflows.errors import (
    DeputyNotNeededError,
    NomineeMayNotActError,
    RecusedMayNotActError,
)


@pytest.fixture
def office(sqlite_office: Office) -> Office:
    return sqlite_office


def gets(office: Office, who: str, role: str, unit: str = "") -> None:
    """A person is granted a role from today on."""
    office.act(SYSTEM, "organisation.grant_role", person_id=office.people[who], role=role,
               valid_from=office.today.isoformat(), unit_id=office.units[unit] if unit else "")  # fmt: skip


def are_family(office: Office, one: str, other: str) -> None:
    office.act(SYSTEM, "organisation.declare_relation", person_id=office.people[one], relative_id=office.people[other],
               kind="SPOUSE")  # fmt: skip


def stands_in(office: Office, deputy: str = "deputy") -> None:
    """The director delegates to his deputy for a month."""
    office.act("director", "organisation.delegate_role", role="director", to_person_id=office.people[deputy],
               valid_from=office.today.isoformat(), valid_to=(office.today + timedelta(days=60)).isoformat(),
               document="03/UQ-CTHADS", reason="Đi công tác")  # fmt: skip


def signed_minutes(office: Office, case: Case) -> tuple[str, ...]:
    """The lines over the chair's signature under the minutes of a case."""
    with reading(office.engine.sessions) as session:
        (line,) = council.lines_of_nomination(session, case.nomination_id)
        minutes, sitting = council.minutes_of(session, line.line_id), council.find_session(session, line.session_key)
        assert minutes is not None
        assert sitting is not None
        return signatures_of(session, minutes, sitting)[1].lines


def of_the_agency(office: Office, nominee: str) -> Case:
    """Somebody of the agency itself is nominated; a member of the council proposes for it."""
    gets(office, "member", "unit_head", "agency")
    return stories.filed(office, nominee=nominee, who="member", unit="agency")


def recused(office: Office, case: Case) -> dict[str, str]:
    """Whom the line keeps away, by nickname, and why."""
    (line,) = [row for name, row in rows(office) if name == "session_line" and row["business_key"] == case.key]
    names = {person: nickname for nickname, person in office.people.items()}
    return {names[one["person_id"]]: one["reason"] for one in line["recused"]}


def put_to_the_vote(office: Office, case: Case) -> None:
    stories.heard(office, stories.accepted(office, case))
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(office))
    office.wait(hours=1)


def test_the_nominee_does_nothing_in_the_own_case_in_any_role(office: Office) -> None:
    gets(office, "nominee", "personnel_officer")
    gets(office, "nominee", "council_member")
    case = stories.filed(office)
    task = case.open_tasks()[0].id
    nominee = office.actor("nominee")
    attempts: list[Callable[[], object]] = [
        lambda: office.claim(task, nominee),
        lambda: office.complete(task, nominee, items=[], outcome="accepted"),
        lambda: take_over_task(office.engine, task, nominee, "Tôi làm thay."),
        lambda: queries.task_form(office.engine, task, nominee),
    ]
    for attempt in attempts:
        with pytest.raises(NomineeMayNotActError):
            attempt()
    other = stories.filed(office, nominee="nominee2")
    assert office.claim(other.open_tasks()[0].id, nominee), "in another's case the same officer may act"


def test_a_head_who_nominates_himself_may_file_nothing(office: Office) -> None:
    with pytest.raises(ForbiddenError):
        stories.filed(office, nominee="head")


def test_family_of_the_nominee_keeps_away(office: Office) -> None:
    are_family(office, "officer", "nominee")
    are_family(office, "nominee", "member2")
    case = stories.filed(office)
    with pytest.raises(RecusedMayNotActError) as refusal:
        case.claim("check_completeness", "officer")
    assert refusal.value.details["why"] == "family"
    checked(case, "secretary")
    office.wait(days=20)
    case.do("summarise_feedback", "office", text="Không có ý kiến phản đối, hai ý kiến ủng hộ.")
    case.do("confirm_feedback_summary", "secretary", note="")
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(office))
    office.wait(hours=1)
    assert recused(office, case) == {"member2": "family", "head": "direct_proposer"}
    assert "member2" not in stories.voters(case)


def checked(case: Case, who: str) -> None:
    items = case.form("check_completeness", who).values["items"]
    case.do("check_completeness", who, items=items, outcome="accepted")
    case.do("appraise", who, recommendation="support", report="Hồ sơ đầy đủ, thành tích rõ, đề nghị Hội đồng xét.")


def test_who_declares_an_interest_keeps_away_from_then_on(office: Office) -> None:
    case = stories.filed(office)
    case.claim("check_completeness", "officer")
    office.act("officer", "nominations.declare_interest", nomination=case.key, reason="Tôi là bạn thân của chị Hoa.")
    office.act("deputy", "nominations.declare_interest", nomination=case.key, reason="Chúng tôi từng kiện nhau.")
    with pytest.raises(RecusedMayNotActError) as refusal:
        case.do("check_completeness", "officer", items=[], outcome="accepted")
    assert refusal.value.details["why"] == "declared"
    take_over_task(office.engine, case.open_tasks()[0].id, office.actor("secretary"), "Đồng chí Én có liên quan.")
    checked(case, "secretary")
    office.wait(days=20)
    case.do("summarise_feedback", "office", text="Không có ý kiến phản đối, hai ý kiến ủng hộ.")
    case.do("confirm_feedback_summary", "secretary", note="")
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(office))
    office.wait(hours=1)
    assert recused(office, case) == {"deputy": "declared", "head": "direct_proposer"}


def test_the_proposer_checks_nothing_of_the_own_proposal(office: Office) -> None:
    """A unit head who is at the same time an officer of the standing body."""
    gets(office, "officer", "unit_head", "bacson")
    case = stories.filed(office, who="officer")
    with pytest.raises(SeparationOfDutiesError):
        case.claim("check_completeness", "officer")
    items = case.form("check_completeness", "secretary").values["items"]
    case.do("check_completeness", "secretary", items=items, outcome="accepted")
    with pytest.raises(SeparationOfDutiesError):
        take_over_task(office.engine, case.open_tasks()[0].id, office.actor("officer"), "Tôi làm cho nhanh.")


def test_the_direct_proposer_does_not_vote(office: Office) -> None:
    case = stories.ready_for_council(office)
    case.do("schedule_nomination", "secretary", session_key=stories.sitting(office))
    office.wait(hours=1)
    assert recused(office, case) == {"head": "direct_proposer"}
    assert set(stories.voters(case)) == set(COUNCIL) - {"head"}


@pytest.mark.slow
def test_where_the_director_is_the_nominee_the_deputy_decides_and_signs_for_him(office: Office) -> None:
    gets(office, "deputy", "council_chair")
    case = of_the_agency(office, "director")
    put_to_the_vote(office, case)
    assert recused(office, case) == {"director": "self", "member": "direct_proposer"}
    stories.vote(case)
    values = case.form("confirm_minutes_secretary", "secretary").values
    absent = [{**row, "reason": row["reason"] or "Đi công tác"} for row in values["absent"]]
    case.do("confirm_minutes_secretary", "secretary", **{**values, "absent": absent})
    with pytest.raises(NomineeMayNotActError):
        case.do("confirm_minutes_chair", "director", confirmed=True)
    case.do("confirm_minutes_chair", "deputy", confirmed=True)
    assert signed_minutes(office, case) == ("KT. CHỦ TỊCH HỘI ĐỒNG", "PHÓ CHỦ TỊCH HỘI ĐỒNG")
    with pytest.raises(NomineeMayNotActError):
        case.do("director_decides", "director", decision="GRANT_GIAY_KHEN")
    with pytest.raises(ForbiddenError):
        case.do("director_decides", "deputy", decision="GRANT_GIAY_KHEN")
    stands_in(office)
    case.do("director_decides", "deputy", decision="GRANT_GIAY_KHEN")
    with pytest.raises(NomineeMayNotActError):
        case.do("sign_decision", "director", together=[], capacity="HEAD", confirm=True)
    case.do("sign_decision", "deputy", together=[], capacity="FOR_HEAD", confirm=True)
    (decision,) = [row for name, row in rows(office) if name == "award_decision"]
    assert decision["papers"]["signer_lines"] == ["KT. CỤC TRƯỞNG", "PHÓ CỤC TRƯỞNG"]
    assert decision["papers"]["signer_name"] == "Lương Thị Cúc"
    office.machines_work()
    stories.honoured(stories.registered(case))
    assert case.ended_at == "end_awarded"
    with reading(office.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session, file_hash=office.file_hash)) == []


def test_a_deputy_decides_only_where_the_director_must_not(office: Office) -> None:
    stands_in(office)
    case = stories.reviewed(office)
    with pytest.raises(DeputyNotNeededError):
        case.do("director_decides", "deputy", decision="GRANT_GIAY_KHEN")
    are_family(office, "director", "nominee")
    with pytest.raises(RecusedMayNotActError):
        case.do("director_decides", "director", decision="GRANT_GIAY_KHEN")
    case.do("director_decides", "deputy", decision="GRANT_GIAY_KHEN")


def test_the_director_may_chair_the_council_and_all_can_see_it(office: Office) -> None:
    """One person in two seats: each event tells the seat by its step, and the post in which he acted."""
    case = stories.granted(office)
    by_director = [event for event in done(case) if event.actor_id == office.people["director"]]
    assert [event.element_id for event in by_director] == ["cast_ballot", "confirm_minutes_chair", "director_decides"]
    assert {event.post for event in by_director} == {office.posts["director"]}
    (minutes,) = [row for name, row in rows(office) if name == "minutes" and row["version"] == 2]
    assert minutes["chair_confirmed_by"] == office.people["director"]


def done(case: Case) -> list[EventView]:
    return [event for event in case.history() if event.kind == "task.completed"]


def test_every_event_tells_the_post_of_who_acted(office: Office) -> None:
    """Also after the person has moved to another post: what was done stays done in the old one."""
    case = stories.filed(office)
    checked(case, "officer")
    names = {person: nickname for nickname, person in office.people.items()}
    before = case.history()
    for event in before:
        assert event.post == office.posts.get(names.get(event.actor_id, ""), "")
    holding = next(row for name, row in rows(office)
                   if name == "post_holding" and row["person_id"] == office.people["officer"])  # fmt: skip
    today = office.today
    office.act(SYSTEM, "organisation.end_holding", holding_id=holding["holding_id"],
               valid_to=(today + timedelta(days=1)).isoformat())  # fmt: skip
    post = office.act(SYSTEM, "organisation.add_post", unit_id=office.units["office"], title="Phó Chánh Văn phòng",
                      valid_from=(today + timedelta(days=2)).isoformat())["post_id"]  # fmt: skip
    office.act(SYSTEM, "organisation.hold_post", person_id=office.people["officer"], post_id=post,
               valid_from=(today + timedelta(days=2)).isoformat())  # fmt: skip
    office.wait(days=20)
    assert case.history()[: len(before)] == before
    case.do("summarise_feedback", "office", text="Không có ý kiến phản đối, hai ý kiến ủng hộ.")
    case.do("confirm_feedback_summary", "officer", note="")
    assert done(case)[-1].post == post
    refused = office.actor("staff")
    with pytest.raises(ForbiddenError):
        office.act(refused, "organisation.add_unit", name="x")
    (told,) = queries.search_events(office.engine, chain="system", limit=1).items
    assert (told.kind, told.post) == ("refusal.recorded", office.posts["staff"])
