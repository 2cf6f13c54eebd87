"""Nominations in the middle of a secret vote, by councils of any size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.context import Actor
from tests.office import COUNCIL, Case, Office
from tests.paths import stories
from workflows.council.forms import BallotForm

BALLOT = {"interest": "NONE", "choice": "AGREE", "manner": "PRESENT"}
PROPOSER = "proposer"
"""A head of a unit who sits in no council, so that all its members vote."""
DEADLINE_DAYS = 3_000


@dataclass(frozen=True, slots=True)
class Ballot:
    """One open ballot and who holds it."""

    task_id: UUID
    who: str
    actor: Actor


def check_form(values: Mapping[str, Any]) -> None:
    """Check a ballot as the baseline does it too."""
    BallotForm().load(values)


def council_of(office: Office, size: int) -> tuple[str, ...]:
    """Return the nicknames of a council; who is missing arrives."""
    more = [f"member-{number}" for number in range(len(COUNCIL), size)]
    for nickname in more:
        if nickname not in office.people:
            office.person_arrives(
                nickname, f"Lương Văn Ủy{nickname[7:]}", "agency", "Ủy viên Hội đồng", roles=("council_member",)
            )
    return (*COUNCIL, *more)


def cases_before_council(office: Office, count: int) -> list[Case]:
    """Bring nominations to where they wait for a sitting, each of a nominee of its own."""
    if PROPOSER not in office.people:
        office.person_arrives(PROPOSER, "Vy Văn Đề", "bacson", "Phó Chi cục trưởng", roles=("unit_head@bacson",))
    cases = []
    for _ in range(count):
        nickname = f"nominee-{len(office.people)}"
        office.person_arrives(nickname, f"Nông Văn Số{len(office.people)}", "bacson", "Thư ký")
        filed = stories.filed(office, nominee=nickname, who=PROPOSER)
        cases.append(stories.accepted(office, filed))
    office.wait(days=20)
    for case in cases:
        case.do("summarise_feedback", "office", text="Không có ý kiến phản đối.")
        case.do("confirm_feedback_summary", "officer", note="")
    return cases


def call_sitting(office: Office, members: Sequence[str], key: str) -> str:
    """Call a sitting of exactly these members."""
    seated = [office.people[who] for who in members]
    made = office.act(
        "secretary", "council.create_session", session_key=key, place="Phòng họp tầng 2", mode="SECRET", opens_at=None,
        ballot_deadline_at=office.later(days=DEADLINE_DAYS), members=seated, chair_id=office.people["director"],
        vice_chair_id=office.people["deputy"], secretary_id=office.people["secretary"], accept_size=True,
        decision_number="46/QĐ-CTHADS", decided_on=office.today.isoformat(),
    )  # fmt: skip
    return str(made["session_key"])


def voting_cases(office: Office, count: int, *, members: int = len(COUNCIL), session: str = "PH-ĐO") -> list[Case]:
    """Bring nominations into the middle of a vote."""
    council = council_of(office, members)
    cases = cases_before_council(office, count)
    key = call_sitting(office, council, session)
    for case in cases:
        case.do("schedule_nomination", "secretary", session_key=key)
    office.wait(hours=1)
    return cases


def ballots_of(case: Case) -> list[Ballot]:
    """Return the open ballots of a case."""
    office = case.office
    names = {person: nickname for nickname, person in office.people.items()}
    holders = [(task.id, names[str(task.assignee)]) for task in case.open_tasks() if task.element_id == "cast_ballot"]
    return [Ballot(task_id, who, office.actor(who)) for task_id, who in holders]
