"""The elements of a decision model: inputs, decisions, knowledge models, services, and what they require."""

from dataclasses import dataclass

from engine.dmn.run import Logic
from engine.dmn.table import DecisionTable
from engine.dmn.types import ANY, ItemType
from engine.feel import Expression


@dataclass(frozen=True, slots=True)
class InputData:
    """A named input of the model."""

    name: str
    item_type: ItemType = ANY
    description: str = ""
    label: str = ""
    id: str = ""

    @property
    def type_name(self) -> str:
        """Name of the type, `Any` when the file says none."""
        return self.item_type.name

    @property
    def allowed(self) -> str:
        """The values the type allows, as written; empty when any."""
        return self.item_type.allowed.text if self.item_type.allowed else ""


@dataclass(frozen=True, slots=True)
class Reference:
    """What an element requires: `prefix` is the name under which another file was imported, or empty."""

    prefix: str
    name: str


@dataclass(frozen=True, slots=True)
class DecisionElement:
    """A decision or a knowledge model (whose value is a function): its logic and what that draws on."""

    id: str
    name: str
    logic: Logic
    required_inputs: tuple[Reference, ...] = ()
    required_decisions: tuple[Reference, ...] = ()
    required_knowledge: tuple[Reference, ...] = ()
    description: str = ""
    item_type: ItemType = ANY
    table: DecisionTable | None = None
    expression: Expression | None = None


@dataclass(frozen=True, slots=True)
class ServiceElement:
    """A decision service: given inputs and input decisions it answers with its output decisions."""

    id: str
    name: str
    inputs: tuple[Reference, ...]
    input_decisions: tuple[Reference, ...]
    outputs: tuple[Reference, ...]
    item_type: ItemType = ANY
