"""What pages see of the council: frozen values with names resolved, and never a choice of a secret ballot."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from engine.errors import ForbiddenError
from workflows.rulebook.queries import RuleRow


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member at a line or sitting.

    Attributes:
        seat: CHAIR, VICE_CHAIR, SECRETARY or MEMBER.
        state: at a line `voted`, `waiting` (it is open), `not_voted` (it was counted) or `recused`; at a sitting
            `present`, `absent` or `unknown`.
        manner: PRESENT or WRITTEN_OPINION of who voted, else empty.
        reason: why recused (`self`, `family`, …), or the typed reason of an absence.
        deputy: the name of who voted in the member's place, empty when nobody did.

    """

    id: str
    name: str
    post: str
    seat: str
    state: str
    manner: str = ""
    reason: str = ""
    deputy: str = ""


@dataclass(frozen=True, slots=True)
class ResultView:
    """The count of a closed line and the rule it was measured by.

    Attributes:
        outcome: `passed`, `failed` or `no_quorum`; empty when nobody was allowed to vote.
        base: of how many members the share is taken; `needed` and `quorum` in ballots.
        rules: the rows of the table that matched, each with its source and how sure it is.
        intact: the secret box is still what was counted; always true for an open line.

    """

    members: int
    recused: int
    cast: int
    agree: int
    disagree: int
    abstain: int
    outcome: str
    base: int
    needed: str
    quorum: str
    percentage: str
    looked_up_on: date
    closed_at: datetime
    rules: tuple[RuleRow, ...]
    intact: bool


@dataclass(frozen=True, slots=True)
class LineView:
    """One nomination at one ballot round of a sitting.

    Attributes:
        cast: how many members voted so far; with `quorum_needed` it tells whether the quorum is reached.
        result: None while the line is open. No count of choices exists before.
        no_quorum: what was decided without a quorum (`reschedule`, `submit`, `stop`), else empty.

    """

    line_id: str
    session_key: str
    nomination_id: str
    business_key: str
    nominee: str
    unit: str
    proposed_form: str
    ballot_round: int
    mode: str
    opened_at: datetime
    deadline_at: datetime | None
    members: tuple[MemberView, ...]
    voters: int
    recused: int
    cast: int
    quorum_needed: int
    result: ResultView | None
    no_quorum: str = ""

    @property
    def open(self) -> bool:
        """Tell whether ballots are taken."""
        return self.result is None

    @property
    def quorum_reached(self) -> bool:
        """Tell whether enough members voted so far."""
        return self.cast >= self.quorum_needed


@dataclass(frozen=True, slots=True)
class SessionView:
    """A sitting with its people and how far it is.

    Attributes:
        members: with their state at the sitting, from the attendance the secretary recorded.
        agenda: nominations on it whose line is not open yet, by business key.

    """

    session_key: str
    title: str
    held_on: date
    opens_at: datetime | None
    ballot_deadline_at: datetime | None
    mode: str
    place: str
    chair_id: str
    chair: str
    vice_chair_id: str
    secretary_id: str
    secretary: str
    decision_number: str
    decided_on: date | None
    closed_at: datetime | None
    members: tuple[MemberView, ...]
    lines_open: int
    lines_closed: int
    agenda: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VoteView:
    """A line as one member, `member_id`, meets it in the list of nominees.

    Attributes:
        state: `open` (the ballot may be cast now), `voted`, `recused`, `closed` or `kept` (it waits for the member, the
            deputy may not cast it: `refusal` says why).
        task_id: the ballot's task while the state is `open`.
        choice, note: the member's ballot of an open line, which may be changed while the line is open; empty on a
            secret line.
        code: the code of the member's receipt, once there is one.
        deputy: the name of who cast it in the member's place, empty when nobody did.

    """

    line_id: str
    session_key: str
    nomination_id: str
    business_key: str
    nominee: str
    unit: str
    proposed_form: str
    ballot_round: int
    mode: str
    deadline_at: datetime | None
    state: str
    task_id: UUID | None = None
    choice: str = ""
    note: str = ""
    code: str = ""
    member_id: str = ""
    deputy: str = ""
    refusal: ForbiddenError | None = None


@dataclass(frozen=True, slots=True)
class BallotView:
    """A ballot of an open line, for whoever may see `open_ballots`; `deputy` cast it in the member's place."""

    member_id: str
    member: str
    choice: str
    note: str
    at: datetime
    deputy: str = ""
