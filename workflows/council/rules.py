"""Rules of a vote as pure functions: who is recused, how ballots are counted, what proves a box."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from workflows.council.models import BallotChoice

ALWAYS_RECUSED = frozenset({"self", "declared"})
"""Reasons no policy can set aside: the nominee never votes, and a declared interest is kept to."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many ballots said what. Abstentions are cast, and not in favour."""

    agree: int
    disagree: int
    abstain: int

    @property
    def cast(self) -> int:
        """Return how many ballots were cast."""
        return self.agree + self.disagree + self.abstain


def count_ballots(choices: Iterable[BallotChoice]) -> Tally:
    """Count ballots. Their order does not matter, and an absent member adds nothing."""
    found = Counter(choices)
    return Tally(found[BallotChoice.AGREE], found[BallotChoice.DISAGREE], found[BallotChoice.ABSTAIN])


def recused_members(members: Sequence[str], reasons: Mapping[str, str], policy: str) -> dict[str, str]:
    """Return the members who keep away from a line, with the reason of each, in the order of the members.

    Args:
        members: ids of the sitting's members.
        reasons: person id to reason: self, family, direct_proposer, collective_head, declared.
        policy: the reasons that recuse, as the policy table lists them: `SELF,FAMILY,DIRECT_PROPOSER`.

    Source:
        RULES F10.

    """
    counting = ALWAYS_RECUSED | {part.strip().lower() for part in policy.split(",") if part.strip()}
    return {member: reasons[member] for member in members if reasons.get(member) in counting}


def allowed_sizes(policy: str) -> frozenset[int]:
    """Return the sizes a council may have, from `3,5,7,9,11`; empty when any size is allowed."""
    return frozenset(int(part) for part in policy.split(",") if part.strip())


def percentage(part: int, base: int) -> str:
    """Return a share in per cent with two decimals, e.g. 7 of 9 -> `77.78`; `0.00` of nothing.

    Raises:
        ValueError: a negative count.

    """
    if part < 0 or base < 0:
        raise ValueError("counts are not negative")
    if base == 0:
        return "0.00"
    return str((Decimal(part * 100) / base).quantize(Decimal("0.01"), ROUND_HALF_UP))


def box_digest(line_id: str, ballots: Iterable[tuple[UUID, BallotChoice]]) -> str:
    """Return the SHA-256 that proves a closed box: over the line and its ballots in the order of their random ids."""
    body = "\n".join([line_id, *sorted(f"{ballot_id} {choice.value}" for ballot_id, choice in ballots)])
    return hashlib.sha256(body.encode()).hexdigest()


_CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def receipt_code(bits: int) -> str:
    """Return the code on a receipt from 40 random bits, e.g. `K7QM-2XBD`; letters that look alike are left out."""
    letters = [_CODE_LETTERS[(bits >> (5 * place)) & 31] for place in range(8)]
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"
