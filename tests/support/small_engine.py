"""An engine over a real database with a handful of steps, for what a few elements show."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from engine.clock import FakeClock
from engine.commands.deployments import deploy
from engine.commands.instances import start_instance
from engine.context import SYSTEM, Actor, StepContext, Values
from engine.db import Base, open_database
from engine.deployment import DefinitionCache
from engine.errors import InvalidInputError
from engine.ids import SeededIds
from engine.registry import AnyStep, DecisionStep, Hooks, MessageStep, Registry, Role, ServiceStep, UserStep
from engine.runtime_environment import Engine
from engine.views import CommandResult
from tests.support.diagrams import Diagram
from tests.support.tables import create_tables

MORNING = datetime(2025, 6, 16, 1, 0, tzinfo=UTC)
AN, BINH = Actor("an", frozenset({"officer"})), Actor("binh", frozenset({"officer", "member"}))
CHI = Actor("chi", frozenset({"head", "head@unit-1"}))
STRANGER = Actor("stranger")

TABLE = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:thidua="urn:thidua" '
    'thidua:lookedUpBy="on" id="size" name="size" namespace="urn:test">'
    '<inputData id="amount" name="amount"><variable name="amount" typeRef="number" /></inputData>'
    '<decision id="size" name="size"><informationRequirement><requiredInput href="#amount" />'
    "</informationRequirement>"
    '<decisionTable hitPolicy="UNIQUE"><input id="i"><inputExpression typeRef="number"><text>amount</text>'
    '</inputExpression></input><output id="o" name="size" typeRef="string" /><annotation name="source" />'
    '<rule id="small"><inputEntry><text>&lt;= {limit}</text></inputEntry><outputEntry><text>"small"</text>'
    "</outputEntry><annotationEntry><text>art. 1</text></annotationEntry></rule>"
    '<rule id="large"><inputEntry><text>&gt; {limit}</text></inputEntry><outputEntry><text>"large"</text>'
    "</outputEntry><annotationEntry><text>art. 2</text></annotationEntry></rule></decisionTable>"
    "</decision></definitions>"
)


@dataclass
class FreeForm:
    """A form that takes the fields it is told of."""

    names: tuple[str, ...] = ("answer",)

    def load(self, _ctx: StepContext, data: Mapping[str, Any]) -> Values:
        unknown = data.keys() - set(self.names)
        if unknown:
            raise InvalidInputError("unknown keys", fields={name: ["unknown_field"] for name in unknown})
        return dict(data)

    def schema(self, ctx: StepContext) -> dict[str, Any]:
        return {"type": "object", "title": ctx.business_key, "properties": {name: {} for name in self.names}}


def user(key: str, *outputs: str, apply: Callable[..., Values] | None = None, **more: Any) -> UserStep:
    """A user step whose form takes its outputs and hands them on."""
    form = FreeForm(outputs or ("answer",))
    return UserStep(key, form, apply or (lambda _ctx, values: values if outputs else {}), outputs, **more)


def service(key: str, run: Callable[..., Values] | None = None, *outputs: str) -> ServiceStep:
    """A service step."""
    return ServiceStep(key, run or (lambda _ctx, _params: {}), outputs)


def message(name: str, *outputs: str, roles: frozenset[str] = frozenset({"officer"})) -> MessageStep:
    """A message step that hands its form on."""
    return MessageStep(f"room.{name}", name, FreeForm(outputs or ("answer",)), roles,
                       lambda _ctx, values: values if outputs else {}, outputs)  # fmt: skip


def size_step() -> DecisionStep:
    """The table `size` over the variable `amount`, looked up by the day."""
    return DecisionStep("size", lambda ctx: {"amount": ctx.variables["amount"]}, lambda ctx: ctx.today,
                        lambda _ctx, value: {"size": value}, ("size",))  # fmt: skip


@dataclass
class SmallEngine:
    """An engine, its clocks and its folder of diagrams."""

    engine: Engine
    clock: FakeClock
    machine: FakeClock
    folder: Path
    rung: list[UUID] = field(default_factory=list)

    def deploy(self, *diagrams: Diagram, tables: Mapping[date, str] | None = None) -> None:
        """Deploy diagrams, and versions of the table `size` by their first day and limit."""
        for drawn in diagrams:
            (self.folder / f"{drawn.key}.bpmn").write_bytes(drawn.xml())
        for valid_from, limit in (tables or {}).items():
            place = self.folder / "tables" / "size"
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{valid_from}.dmn").write_text(TABLE.replace("{limit}", limit), encoding="utf-8")
        deploy(self.engine, self.folder, SYSTEM)

    def start(self, key: str = "probe", case: str = "case-1", **variables: Any) -> CommandResult:
        """Start a case."""
        return start_instance(self.engine, key, case, SYSTEM, variables)

    def wait(self, by: timedelta) -> None:
        """Let time pass on both clocks."""
        self.clock.advance(by)
        self.machine.advance(by)


def small_engine(url: str, folder: Path, *steps: AnyStep, hooks: Hooks | None = None, **more: Any) -> SmallEngine:
    """Return an engine over an empty database."""
    database, sessions = open_database(url)
    create_tables(database, Base.metadata)
    clock, machine = FakeClock(MORNING), FakeClock(MORNING)
    roles = [Role("officer"), Role("member"), Role("head", "unit_id")]
    rung: list[UUID] = []
    folder.mkdir(exist_ok=True)
    engine = Engine(
        sessions=sessions,
        registry=Registry.of(steps, roles, hooks=hooks, **more),
        clock=clock,
        machine_clock=machine,
        ids=SeededIds(1),
        random=Random(1),
        definitions=DefinitionCache(),
        nudge=rung.extend,
    )
    return SmallEngine(engine, clock, machine, folder, rung)
