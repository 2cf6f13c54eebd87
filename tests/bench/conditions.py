"""What a warm condition of a gateway costs beside the same expression in Python."""

from collections.abc import Callable
from timeit import repeat
from typing import Any

from engine.feel import compile_expression
from tests.bench.ground import Ground
from tests.bench.result import Result, Target

CONTEXT: dict[str, Any] = {f"variable_{number}": number for number in range(30)} | {
    "decision": "GRANT", "voters": 9, "ballot_round": 1, "outcome": "no_quorum", "form": "B"
}  # fmt: skip
CONDITIONS: list[tuple[str, Callable[[dict[str, Any]], bool]]] = [
    ('decision = "GRANT"', lambda c: c["decision"] == "GRANT"),
    ("voters > 0", lambda c: c["voters"] > 0),
    ('ballot_round < 2 and outcome = "no_quorum"', lambda c: c["ballot_round"] < 2 and c["outcome"] == "no_quorum"),
    ('form in ("A", "B")', lambda c: c["form"] in ("A", "B")),
]
ROUNDS = 2_000


def conditions(_ground: Ground) -> list[Result]:
    """Measure each condition."""
    return [
        Result(f"`{text}`, over Python's own", microseconds_over_python(text, python), "µs", Target(3),
               data="35 variables", detail="warm; the best of 15 runs of 2,000")
        for text, python in CONDITIONS
    ]  # fmt: skip


def microseconds_over_python(text: str, python: Callable[[dict[str, Any]], bool]) -> float:
    """Return how much longer a warm condition takes than Python, in microseconds; the best of several runs counts."""

    def warm() -> bool:
        return compile_expression(text).evaluate_boolean(CONTEXT)

    if warm() is not python(CONTEXT):
        raise AssertionError(f"{text} gives another answer than Python")
    ours = min(repeat(warm, number=ROUNDS, repeat=15))
    theirs = min(repeat(lambda: python(CONTEXT), number=ROUNDS, repeat=5))
    return (ours - theirs) / ROUNDS * 1e6
