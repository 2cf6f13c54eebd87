"""A warm condition costs at most 3 µs more than the same expression in Python (the best of several runs counts)."""

from collections.abc import Callable
from timeit import repeat
from typing import Any

import pytest

from engine.feel import compile_expression

CONTEXT = {f"variable_{number}": number for number in range(30)} | {
    "decision": "GRANT", "voters": 9, "ballot_round": 1, "outcome": "no_quorum", "form": "B"
}  # fmt: skip
CONDITIONS: list[tuple[str, Callable[[dict[str, Any]], bool]]] = [
    ('decision = "GRANT"', lambda c: c["decision"] == "GRANT"),
    ("voters > 0", lambda c: c["voters"] > 0),
    (
        'ballot_round < 2 and outcome = "no_quorum"',
        lambda c: c["ballot_round"] < 2 and c["outcome"] == "no_quorum",
    ),
    ('form in ("A", "B")', lambda c: c["form"] in ("A", "B")),
]


@pytest.mark.parametrize(("text", "python"), CONDITIONS, ids=[text for text, _ in CONDITIONS])
def test_a_warm_condition(text, python):
    def warm() -> bool:
        return compile_expression(text).evaluate_boolean(CONTEXT)

    assert warm() is python(CONTEXT)
    rounds = 2_000
    cost = min(repeat(warm, number=rounds, repeat=15)) - min(repeat(lambda: python(CONTEXT), number=rounds, repeat=5))
    print(f"{text}: {cost / rounds * 1e6:.2f} µs more than Python")
    assert cost / rounds < 3e-6
