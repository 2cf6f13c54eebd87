"""A sub-department with its head, its staff and an open round: what the tests of nominations begin with."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from engine.context import StepContext
from tests import builders as build
from tests.builders import Facts
from workflows.nominations.models import Nomination


@dataclass
class Bacson:
    """Ids of the people; `head` heads `bacson`, `nominee` and `colleague` work there, `stranger` elsewhere."""

    facts: Facts
    head: str
    nominee: str
    colleague: str
    stranger: str
    officer: str

    @classmethod
    def with_round(cls, facts: Facts, **round_values: Any) -> "Bacson":
        """The unit, its people and a round that is open today."""
        with facts.acting() as ctx:
            build.a_unit(ctx, "agency")
            for key in ("bacson", "vanlang", "tccb"):
                build.a_unit(ctx, key, parent_id="agency")
            build.a_unit(ctx, "team", parent_id="bacson")
            head = build.a_person(ctx, "Triệu Văn Khôi", unit_id="bacson", title="Chi cục trưởng", leading=True,
                                  roles=("unit_head@bacson",))  # fmt: skip
            nominee = build.a_person(ctx, "Nông Thị Hoa", unit_id="bacson")
            colleague = build.a_person(ctx, "Mã Văn Quân", unit_id="team")
            stranger = build.a_person(ctx, "Dương Thị Lan", unit_id="vanlang")
            officer = build.a_person(ctx, "Vi Thị Én", unit_id="tccb", roles=("personnel_officer",))
            build.a_round(ctx, **round_values)
        return cls(facts, head, nominee, colleague, stranger, officer)

    def acting(self, who: str = "", **place: Any) -> AbstractContextManager[StepContext]:
        """A context of a person; of the head unless told otherwise."""
        return self.facts.acting(who or self.head, **place)

    def opened(self, nominee: str = "", **opening: Any) -> Nomination:
        """A nomination of the nominee, nothing stated yet."""
        with self.acting() as ctx:
            return build.a_nomination(ctx, nominee_id=nominee or self.nominee, **opening)

    def filed(self, nominee: str = "", values: dict[str, Any] | None = None, **opening: Any) -> Nomination:
        """A nomination whose dossier was filed."""
        with self.acting() as ctx:
            return build.a_filed_nomination(ctx, nominee_id=nominee or self.nominee, values=values, **opening)
