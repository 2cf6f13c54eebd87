"""A council with its people over a real database, and cases that begin at the council's own diagram.

Only the council's room and the diagram `council_review` are deployed, with the real tables, roles and guards, so that
these tests stand on the rooms below alone. Whoever walks the whole path uses `tests.office`.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from marshmallow import fields

from engine import queries
from engine.clock import FakeClock, local_date
from engine.commands.actions import perform_action
from engine.commands.deployments import deploy
from engine.commands.instances import start_instance
from engine.commands.tasks import complete_task
from engine.commands.timers import run_due_timers
from engine.context import SYSTEM, Actor, StepContext, Values
from engine.db import Base, open_database, reading
from engine.deployment import DefinitionCache
from engine.ids import RandomIds, SeededIds, system_randomness
from engine.registry import ActionStep, Hooks, MessageStep, Registry
from engine.runtime_environment import Engine
from engine.views import CommandResult, TaskView
from tests.support.tables import create_tables
from workflows.council import steps as council
from workflows.facts import write
from workflows.forms import MarshmallowForm, StepForm, Text
from workflows.nominations.models import AwardForm, Nomination, NominationContent, NomineeKind
from workflows.organisation import steps as organisation
from workflows.organisation.queries import actor_for, actor_of, people_of
from workflows.roles import load_roles
from workflows.rulebook.calendar import FUNCTIONS
from workflows.rulebook.deadlines import next_reminder
from workflows.separation import GUARDS

BPMN = Path(__file__).resolve().parents[2] / "bpmn"
MORNING = datetime(2025, 6, 16, 1, 0, tzinfo=UTC)
"""Monday, 16 June 2025, 8 o'clock in Vietnam."""

MEMBERS = tuple(f"hd{number}" for number in range(1, 10))
PEOPLE: Mapping[str, tuple[str, ...]] = {
    "hd1": ("council_member", "council_chair", "director"),
    "hd2": ("council_member",),
    "hd3": ("council_member", "council_secretary"),
    **dict.fromkeys(MEMBERS[3:], ("council_member",)),
    "head": ("unit_head",),
    "nominee": (),
    "vice": ("council_chair",),
    "admin": ("administrator",),
}


class NominateForm(StepForm):
    """Whom the case is about."""

    number = fields.Integer(required=True)
    nominee_id = Text(required=True)
    nominee_kind = Text(required=True)
    proposer_id = Text(required=True)
    unit_id = Text(required=True)
    form = Text(required=True)


class EmptyForm(StepForm):
    """Nothing to ask."""


def nominate(ctx: StepContext, values: Values) -> Values:
    """Write the facts of a nomination whose dossier is ready for the council."""
    nomination_id, key = str(ctx.ids.new()), f"ĐN-2025-TK-{values['number']:03d}"
    ctx.record_fact(Nomination(
        nomination_id=nomination_id, business_key=key, round_key="2025-TK", number=values["number"],
        unit_id=values["unit_id"], proposer_id=values["proposer_id"], nominee_id=values["nominee_id"],
        nominee_kind=NomineeKind(values["nominee_kind"]), opened_at=ctx.now,
    ))  # fmt: skip
    write(ctx, NominationContent, key="nomination_id", nomination_id=nomination_id, submission_id=None,
          proposed_form=AwardForm(values["form"]), ground="", achievement="Hoàn thành vượt mức chỉ tiêu",
          achieved_from=None, achieved_to=None, summary="", internal_unity=True, filed_on=local_date(ctx.now),
          paper_kinds=[], note="")  # fmt: skip
    return {
        "business_key": key, "nomination_id": nomination_id, "unit_id": values["unit_id"], "session_key": None,
        "proposer_id": values["proposer_id"], "council_outcome": None, "outcome": None, "vote_outcome": None,
    }  # fmt: skip


def withdraw(_ctx: StepContext, _values: Values) -> Values:
    """Take the nomination back."""
    return {"council_outcome": "withdrawn", "outcome": "withdrawn"}


def registry() -> Registry:
    """The council's steps and the organisation's, with the real roles and guards."""
    around = (
        ActionStep("test.nominate", MarshmallowForm("test.nominate", NominateForm), frozenset({"system"}), nominate),
        MessageStep("nominations.withdraw", "withdrawal", MarshmallowForm("nominations.withdraw", EmptyForm),
                    frozenset({"unit_head"}), withdraw, ("council_outcome", "outcome")),
    )  # fmt: skip
    return Registry.of(
        (*council.STEPS, *organisation.STEPS, *around), load_roles(), guards=GUARDS, functions=FUNCTIONS,
        hooks=Hooks(reminders=next_reminder, actor_of=actor_of, people_of=people_of),
    )  # fmt: skip


def connect(database_url: str, *, seed: int | None = None, at: datetime = MORNING) -> Engine:
    """An engine over a database, as one operating-system process has it; seeded for repeatable runs."""
    _database, sessions = open_database(database_url)
    clock = FakeClock(at)
    return Engine(
        sessions=sessions, registry=registry(), clock=clock, machine_clock=clock,
        ids=RandomIds() if seed is None else SeededIds(seed),
        random=system_randomness() if seed is None else Random(seed), definitions=DefinitionCache(),
        nudge=lambda _ids: None,
    )  # fmt: skip


def actor_in(engine: Engine, person_id: str) -> Actor:
    """A person as an actor today."""
    with reading(engine.sessions) as session:
        found = actor_for(session, person_id, local_date(engine.clock.now()))
    assert found is not None
    return found


@dataclass
class Sitting:
    """The council at work. People are named by the nicknames of `PEOPLE`."""

    engine: Engine
    people: dict[str, str] = field(default_factory=dict)
    unit_id: str = ""
    cases: int = 0

    @classmethod
    def open(
        cls, database_url: str, folder: Path, *, seed: int = 11, policy: Mapping[str, str] | None = None
    ) -> "Sitting":
        """Deploy the council's diagram and the tables over an empty database, and let the people arrive.

        `policy` maps texts of the table of parameters to others that hold instead from 1 June 2025.
        """
        engine = connect(database_url, seed=seed)
        create_tables(engine.sessions.kw["bind"], Base.metadata)
        diagrams = folder / "council"
        diagrams.mkdir(parents=True)
        shutil.copy(BPMN / "council_review.bpmn", diagrams)
        shutil.copytree(BPMN / "tables", diagrams / "tables")
        if policy:
            table = (diagrams / "tables/policy/2023-10-19.dmn").read_text(encoding="utf-8")
            for text, other in policy.items():
                assert text in table
                table = table.replace(text, other)
            (diagrams / "tables/policy/2025-06-01.dmn").write_text(table, encoding="utf-8")
        deploy(engine, diagrams, SYSTEM)
        sitting = cls(engine)
        sitting._people_arrive()
        return sitting

    @classmethod
    def reopen(cls, database_url: str, notes: Mapping[str, Any], *, seed: int) -> "Sitting":
        """Go on with the database of a council opened before; `notes` is what its `notes` said."""
        return cls(connect(database_url, seed=seed), dict(notes["people"]), notes["unit_id"])

    @property
    def notes(self) -> dict[str, Any]:
        """What is needed to open it again."""
        return {"people": self.people, "unit_id": self.unit_id}

    @property
    def database_url(self) -> str:
        """Where its database is, for another process."""
        url: sa.URL = self.engine.sessions.kw["bind"].url
        return url.render_as_string(hide_password=False)

    def close(self) -> None:
        """Give the database's connections back."""
        self.engine.sessions.kw["bind"].dispose()

    def _people_arrive(self) -> None:
        admin = Actor("founder", frozenset({"administrator"}))
        since = "2020-01-01"
        made = self.act(admin, "organisation.add_unit", key="cuc", name="Cục Thi hành án dân sự tỉnh Lạng Sơn",
                        kind="AGENCY", legal_personality=True, valid_from=since)  # fmt: skip
        self.unit_id = made["unit_id"]
        for nickname, roles in PEOPLE.items():
            person = self.act(admin, "organisation.add_person", family_name="Nông", middle_name="Văn",
                              given_name=nickname, gender="UNSTATED", person_type="CIVIL_SERVANT")  # fmt: skip
            self.people[nickname] = person["person_id"]
            post = self.act(admin, "organisation.add_post", unit_id=self.unit_id, title=f"Chức vụ {nickname}",
                            valid_from=since)  # fmt: skip
            self.act(admin, "organisation.hold_post", person_id=person["person_id"], post_id=post["post_id"],
                     valid_from=since)  # fmt: skip
            for role in roles:
                scope = {"unit_id": self.unit_id} if role == "unit_head" else {}
                self.act(admin, "organisation.grant_role", person_id=person["person_id"], role=role, valid_from=since,
                         **scope)  # fmt: skip

    def actor(self, who: str | Actor) -> Actor:
        """The person as an actor today."""
        return who if isinstance(who, Actor) else actor_in(self.engine, self.people[who])

    def act(self, who: str | Actor, step: str, **values: Any) -> dict[str, Any]:
        """Perform an action that belongs to no case."""
        return perform_action(self.engine, step, self.actor(who), values).values

    def wait(self, **span: float) -> None:
        """Let time pass; what falls due happens."""
        clock = self.engine.clock
        assert isinstance(clock, FakeClock)
        clock.advance(timedelta(**span))
        while run_due_timers(self.engine):
            pass

    def compose(self, *members: str, **more: Any) -> str:
        """Compose the standing council: hd1 is chair, hd2 vice-chair, hd3 secretary."""
        values = {
            "title": "Hội đồng Thi đua - Khen thưởng", "decision_number": "45/QĐ-CTHADS", "decided_on": "2025-01-06",
            "valid_from": "2025-01-06", "chair_id": self.people["hd1"], "vice_chair_id": self.people["hd2"],
            "secretary_id": self.people["hd3"], "members": [self.people[one] for one in members or MEMBERS], **more,
        }  # fmt: skip
        return str(self.act("hd3", "council.set_members", **values)["council_id"])

    def call(self, key: str = "PH-01", *, mode: str = "SECRET", **more: Any) -> str:
        """Call a sitting of the standing council that votes at once."""
        values = {"session_key": key, "place": "Phòng họp tầng 2", "mode": mode, **more}
        return str(self.act("hd3", "council.create_session", **values)["session_key"])

    def bring(self, nominee: str = "nominee", *, form: str = "GIAY_KHEN", proposer: str = "head") -> "Matter":
        """Start a case at the council: one person nominated."""
        self.cases += 1
        values = {"number": self.cases, "nominee_id": self.people[nominee], "nominee_kind": "INDIVIDUAL",
                  "proposer_id": self.people[proposer], "unit_id": self.unit_id, "form": form}  # fmt: skip
        result = start_instance(self.engine, "council_review", "", SYSTEM, {}, step="test.nominate", values=values)
        return Matter(self, result.instance.id, result.instance.business_key)


@dataclass
class Matter:
    """One case at the council."""

    sitting: Sitting
    id: UUID
    key: str

    @property
    def variables(self) -> Mapping[str, Any]:
        return queries.get_instance(self.sitting.engine, self.id).variables

    @property
    def line_id(self) -> str:
        return str(self.variables["line_id"])

    @property
    def ended_at(self) -> str | None:
        return queries.get_instance(self.sitting.engine, self.id).end_event

    def tasks(self) -> list[TaskView]:
        return list(queries.open_tasks_of_instance(self.sitting.engine, self.id))

    def open_elements(self) -> list[str]:
        return list(dict.fromkeys(task.element_id for task in self.tasks()))

    def task(self, element: str, who: str) -> TaskView:
        """The open task of an element that this person may do."""
        person = self.sitting.people[who]
        found = [task for task in self.tasks() if task.element_id == element and task.assignee in {None, person}]
        assert found, f"{element} is not open for {who}; open are {self.open_elements()}"
        return found[0]

    def do(self, element: str, who: str, /, **values: Any) -> CommandResult:
        """Complete a step with a form."""
        return complete_task(self.sitting.engine, self.task(element, who).id, self.sitting.actor(who), values)

    def schedule(self, key: str = "PH-01") -> "Matter":
        """Put the case on a sitting."""
        self.do("schedule_nomination", "hd3", session_key=key)
        self.sitting.wait(seconds=0)
        return self

    def vote(self, who: str, choice: str, *, key: str | None = None, **more: Any) -> CommandResult:
        """Hand in a ballot without an interest; `key` makes the request one that may come twice."""
        values = {"interest": "NONE", "choice": choice, **more}
        task = self.task("cast_ballot", who)
        return complete_task(self.sitting.engine, task.id, self.sitting.actor(who), values, idempotency_key=key)

    def write_minutes(self, **more: Any) -> CommandResult:
        """The secretary confirms the minutes: all members were there."""
        values = {
            "began_at": MORNING.isoformat(), "ended_at": self.sitting.engine.clock.now().isoformat(),
            "place": "Phòng họp tầng 2", "present": [self.sitting.people[one] for one in MEMBERS], **more,
        }  # fmt: skip
        return self.do("confirm_minutes_secretary", "hd3", **values)
