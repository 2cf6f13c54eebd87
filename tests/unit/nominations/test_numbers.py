"""Units that open nominations in the same moment: every number once, none left out, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from engine.clock import FakeClock
from engine.commands.actions import perform_action
from engine.deployment import DefinitionCache
from engine.ids import RandomIds, system_randomness
from engine.registry import ActionStep, AnyStep, Registry
from engine.runtime_environment import Engine
from tests import builders as build
from tests.builders import NOON, Facts
from workflows.nominations.steps import STEPS
from workflows.organisation.queries import actor_for

UNITS, TIMES = 4, 4


def alone(step: AnyStep) -> AnyStep:
    """The step as one that begins no case: here only its numbers are of interest."""
    return replace(step, starts="") if isinstance(step, ActionStep) else step


@pytest.mark.slow
def test_numbers_have_no_gap_under_a_race(database_url: str) -> None:
    facts = Facts(database_url)
    clock = FakeClock(NOON)
    engine = Engine(
        sessions=facts.sessions, registry=Registry.of(map(alone, STEPS), []), clock=clock, machine_clock=clock,
        ids=RandomIds(), random=system_randomness(), definitions=DefinitionCache(), nudge=lambda _ids: None,
    )  # fmt: skip
    people = {}
    with facts.acting() as ctx:
        build.a_round(ctx)
        for number in range(UNITS):
            unit = build.a_unit(ctx, f"unit-{number}")
            head = build.a_person(ctx, unit_id=unit, leading=True, roles=(f"unit_head@{unit}",))
            actor = actor_for(ctx.session, head, ctx.today)
            assert actor is not None
            people[unit] = (actor, [build.a_person(ctx, unit_id=unit) for _ in range(TIMES)])
    start = Barrier(UNITS)

    def propose(unit: str) -> list[str]:
        actor, nominees = people[unit]
        start.wait()
        return [
            str(perform_action(engine, "nominations.open", actor, {
                "round": "2025-TK", "unit": unit, "nominee_kind": "INDIVIDUAL", "nominee_id": nominee,
            }).values["business_key"])
            for nominee in nominees
        ]  # fmt: skip

    with ThreadPoolExecutor(UNITS) as pool:
        keys = sorted(key for found in pool.map(propose, people) for key in found)
    facts.database.dispose()
    assert keys == [f"ĐN-2025-TK-{number:03d}" for number in range(1, UNITS * TIMES + 1)]
