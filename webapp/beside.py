"""What a refusal says beside which field, for programs: the names are those of the request's body."""

from typing import Any

from engine.errors import EngineError, ImpossibleRepairError, ReasonRequiredError
from webapp.forms import field_errors
from workflows.labels import find_label

_FIELD_OF_REPAIR = {"unknown_element": "target", "place": "target"}
"""Where a repair's problem stands that is neither about a token nor about a variable."""


def sentences_beside(error: EngineError) -> dict[str, Any]:
    """Return field → sentences in the request's language; empty when the refusal is about the whole."""
    if isinstance(error, ReasonRequiredError):
        return {"reason": [find_label("problems.reason_required") or error.code]}
    if isinstance(error, ImpossibleRepairError):
        problem, variable = str(error.details.get("problem", "")), error.details.get("variable")
        field = f"variables.{variable}" if variable is not None else _FIELD_OF_REPAIR.get(problem, "token")
        return {field: [find_label(f"repair_problems.{problem}") or error.code]}
    return field_errors(error)
