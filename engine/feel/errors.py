"""What can be wrong with a FEEL expression, in words that name the place."""

from collections.abc import Iterable

from engine.errors import InvalidInputError


class FeelSyntaxError(InvalidInputError):
    """The text is not FEEL. `details` holds the position (from 0), what was found and what was expected."""

    code = "feel_syntax"

    def __init__(self, text: str, position: int, expected: Iterable[str]) -> None:
        wanted = sorted(set(expected))
        found = text[position : position + 12] or "the end"
        said = ", ".join(name if name[0].isalpha() else f"'{name}'" for name in wanted) or "something else"
        super().__init__(
            f"at character {position + 1}: found {found!r}, expected {said}",
            expression=text[:200], position=position, found=found, expected=wanted,
        )  # fmt: skip


class FeelEvaluationError(InvalidInputError):
    """The expression is sound but cannot be used with these values, e.g. a condition that gives no boolean."""

    code = "feel_evaluation"


class FeelLimitError(FeelEvaluationError):
    """The expression asks for more steps, depth or size than an evaluation may take."""

    code = "feel_limit"
