"""The side navigation: only what this person can use."""

from dataclasses import dataclass

from flask import request, url_for

from webapp import current

COUNCIL = ("council_member", "council_chair", "council_secretary", "personnel_officer", "director", "auditor")


@dataclass(frozen=True, slots=True)
class Link:
    """One entry: `key` names its words (`nav.<key>`)."""

    key: str
    href: str
    current: bool
    count: int = 0


ENTRIES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("mine", "queue.mine", ("staff",)),
    ("group", "queue.group", ("staff",)),
    ("done", "queue.done", ("staff",)),
    ("new", "proposals.new", ("unit_head",)),
    ("nominations", "nominations.index", ("staff",)),
    ("rounds", "rounds.index", ("staff",)),
    ("council", "council.index", COUNCIL),
    ("decisions", "decisions.index", ("staff",)),
    ("honours", "honours.index", ("staff",)),
    ("lookup", "lookup.search", ("staff",)),
    ("rules", "rules.index", ("staff",)),
    ("audit", "audit.index", ("auditor",)),
    ("admin", "admin.index", ("administrator",)),
)


_ROOM_OF = {"incidents": "admin", "operations": "admin", "versions": "admin", "modeller": "admin"}
"""Pages that are tabs of another room's page."""


def navigation(counts: dict[str, int]) -> list[Link]:
    """Return the entries of the person of this request, with how much waits behind each queue."""
    here = request.endpoint or ""
    return [
        Link(key, url_for(endpoint), here == endpoint or _same_page(here, endpoint), counts.get(key, 0))
        for key, endpoint, roles in ENTRIES
        if current.holds(*roles) or roles == ("staff",)
    ]


def _same_page(here: str, endpoint: str) -> bool:
    room = endpoint.split(".", maxsplit=1)[0]
    return room != "queue" and _ROOM_OF.get(here.split(".", maxsplit=1)[0], here.split(".", maxsplit=1)[0]) == room
