"""The stories of the demonstration (`stories.toml`): who is nominated, for what, and where each case ends up."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from webapp.demo.people import ACCOUNTS, STAFF

STATIONS = (
    "draft", "submitted", "appraisal", "feedback", "summary", "confirm", "council", "session", "voting",
    "secretary_minutes", "chair_minutes", "director", "decided",
)  # fmt: skip
"""Where a case waits on the straight path, in order."""

_REACH = {
    "withdrawn_draft": "draft", "returned": "submitted", "supplemented": "submitted", "out_of_scope": "submitted",
    "blocked": "submitted", "ineligible": "submitted", "warned": "submitted", "verification": "feedback",
    "feedback_blocked": "feedback", "withdrawn": "feedback", "withdrawn_before_council": "council",
}  # fmt: skip
"""Paths that leave the straight one before the director, with the last station they come to."""

GRANTED = frozenset({"signature", "register", "honour", "honoured"})
REFERRED = frozenset({"letter", "letter_signature", "minister", "minister_awarded", "fallback_honoured"})


@dataclass(frozen=True, slots=True)
class Story:
    """One nomination.

    Attributes:
        round: key of the round.
        nominee: full name of a member of staff, or key of a unit.
        path: where it stands in the end.
        unit: the unit that proposes.
        proposer: user name of its head.
        comments: `KIND: text` of what staff say in the feedback.
        against: how many members vote against.
        flag: kind of the record about the nominee.
        returned: the dossier comes back once on its way.
        relative_of: user name of the nominee's sibling among the accounts.

    """

    round: str
    nominee: str
    path: str
    unit: str
    proposer: str
    collective: bool
    form: str
    achievement: str
    summary: str
    session: str = ""
    comments: tuple[str, ...] = ()
    against: int = 0
    flag: str = ""
    returned: bool = False
    relative_of: str = ""
    reason: str = ""

    @property
    def station(self) -> str:
        """The last station of the straight path that the story comes to."""
        return _REACH.get(self.path, self.path if self.path in STATIONS else "decided")

    def comes_to(self, station: str) -> bool:
        """Tell whether the story comes to a station or goes beyond it."""
        return STATIONS.index(self.station) >= STATIONS.index(station)

    def passes(self, station: str) -> bool:
        """Tell whether the story goes beyond a station."""
        return STATIONS.index(self.station) > STATIONS.index(station)


def load_stories() -> tuple[Story, ...]:
    """Return the stories in the order in which the units file them."""
    table = tomllib.loads(Path(__file__).with_name("stories.toml").read_text(encoding="utf-8"))
    return tuple(_story(table["theme"][row["theme"]], row) for row in table["story"])


def _story(theme: dict[str, str], row: dict[str, Any]) -> Story:
    heads = {account.unit: account.username for account in ACCOUNTS if account.leading}
    units = {member.name: member.unit for member in STAFF}
    collective = row["nominee"] in heads
    unit = row["nominee"] if collective else units[row["nominee"]]
    rest = {name: value for name, value in row.items() if name not in {"theme", "form", "comments"}}
    return Story(
        **rest, unit=unit, proposer=heads[unit], collective=collective, form=row.get("form", "GIAY_KHEN"),
        achievement=theme["achievement"], summary=theme["summary"], comments=tuple(row.get("comments", ())),
    )  # fmt: skip
