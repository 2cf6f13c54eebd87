"""Rules of deciding and numbering: plain values in, plain values out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from workflows.decisions.models import DirectorChoice
from workflows.documents.models import SigningCapacity
from workflows.nominations.models import AwardForm

PASSED = "passed"
GRANTS = {
    DirectorChoice.GRANT_GIAY_KHEN: AwardForm.GIAY_KHEN,
    DirectorChoice.REFER_TO_MINISTER: AwardForm.BANG_KHEN_BO_TRUONG,
}
"""The form to which a choice leads, for the choices that lead to one."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the record tells of who would sign a paper of the agency on a day.

    Attributes:
        in_place_of: whose signature it would be otherwise, empty for one's own right; `document` delegates it.
        post: the title of the chief post.
        deputy_head: a managing post of the agency itself that does not lead it.
        leads_unit: the head of a unit that belongs to the agency.
        acting: the post itself says that its holder is acting head.

    """

    in_place_of: str = ""
    document: str = ""
    post: str = ""
    deputy_head: bool = False
    leads_unit: bool = False
    acting: bool = False


def departs_from_vote(choice: DirectorChoice, proposed: AwardForm, outcome: str) -> bool:
    """Tell whether a choice differs from what the council advised (RULES F15, G02).

    The council advised the proposed form when the vote passed, and no award when it failed or found no quorum. Sending
    the nomination back is no departure: nothing is decided by it.
    """
    if choice is DirectorChoice.RETURN_TO_COUNCIL:
        return False
    advised = proposed if outcome == PASSED else None
    return GRANTS.get(choice) is not advised


def needs_reason(choice: DirectorChoice, *, departs: bool, policy: bool) -> bool:
    """Tell whether a reason must be written: always for a return or a refusal, for a departure by policy."""
    return choice in {DirectorChoice.RETURN_TO_COUNCIL, DirectorChoice.REJECT} or (departs and policy)


def next_number(given: Iterable[int]) -> int:
    """Return the number after the highest given so far; the first of a year is 1."""
    return max(given, default=0) + 1


def number_text(pattern: str, number: int) -> str:
    """Return a paper's number as written: below ten with a nought before it (decree 30/2020, appendix I).

    Raises:
        ValueError: the pattern has no place for the number.

    """
    if "{n}" not in pattern:
        raise ValueError(f"the pattern {pattern!r} has no {{n}}")
    return pattern.replace("{n}", f"{number:02d}")


def decision_key(text: str, year: int) -> str:
    """Return the name of a decision in addresses: `12/QĐ-CTHADS` of 2025 is `12-QĐ-CTHADS-2025`."""
    return f"{text.replace('/', '-').replace(' ', '')}-{year}"


def capacities(standing: Standing) -> tuple[SigningCapacity, ...]:
    """Return how a person may sign a paper of the agency, the usual way first (decree 30/2020 art. 13, RULES A07).

    In his own right the head, an acting head, or a deputy head who is in charge. In the head's place a deputy head
    (KT., or Q. where a decision made him acting head) or the head of a unit (TUQ.); for others the decree has no form.
    """
    if not standing.in_place_of:
        if standing.acting:
            return (SigningCapacity.ACTING_HEAD,)
        return (SigningCapacity.FOR_HEAD,) if standing.deputy_head else (SigningCapacity.HEAD,)
    if standing.deputy_head:
        return (SigningCapacity.FOR_HEAD, SigningCapacity.ACTING_HEAD)
    return (SigningCapacity.BY_AUTHORISATION,) if standing.leads_unit else ()


def date_faults(named: Sequence[tuple[str, date]], *, first: date, last: date) -> dict[str, str]:
    """Return for each day outside `first`..`last` the problem that stands beside its field."""
    faults = {}
    for field, day in named:
        if day > last:
            faults[field] = "date_in_future"
        elif day < first:
            faults[field] = "date_before"
    return faults


def issuer_title(head_title: str, agency: str) -> str:
    """Return the head's full title: `Cục trưởng` of a `Cục …`, or `Trưởng Thi hành án dân sự tỉnh` of that body.

    Words with which the title ends and the body's name begins are written once.
    """
    title, name = head_title.split(), agency.split()
    for shared in range(min(len(title), len(name)), 0, -1):
        if [word.lower() for word in title[-shared:]] == [word.lower() for word in name[:shared]]:
            return " ".join(title + name[shared:])
    return " ".join(title + name)
