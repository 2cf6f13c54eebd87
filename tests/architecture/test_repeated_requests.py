"""Each door takes an idempotency key; what does not is written down here, with the reason.

What a key does is shown by `tests/paths/test_repeated_requests.py`, that each post of the REST interface takes one by
`tests/web/test_api.py`.
"""

import ast
from collections.abc import Iterator

from tests.architecture.sources import modules

KEY = "idempotency_key"
WITHOUT_A_KEY = {
    "back_off": "no door: tells how long to wait",
    "internal_step": "no door: finds a step",
    "reassign": "no door: the common course of those that are, each of which hands its key over",
    "beat": "says when a duty ran last; said twice, the later one holds",
    "deploy": "adds what differs from what is in force; a second time nothing differs",
    "find_stuck_cases": "a sweep of the worker: what it has done it does not find again",
    "fire_instance": "a sweep of the worker: what it has done it does not find again",
    "mark_read": "what was read stays read",
    "record_event": "an event of the shell: who opens a file twice has opened it twice",
    "run_due_jobs": "a sweep of the worker; a job's row says whether it is done",
    "run_due_timers": "a sweep of the worker; a timer's row goes when it fires",
    "run_job": "the doorbell of a job, whose row says whether it is done",
}


def doors() -> Iterator[ast.FunctionDef]:
    """Public functions of the doors' folder that are given the engine."""
    for module in modules():
        folder, _, name = module.name.rpartition(".")
        if folder == "engine.commands" and not name.startswith("_"):
            for node in module.tree.body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    names = [argument.arg for argument in node.args.args]
                    if names[:1] == ["engine"]:
                        yield node


def test_every_door_takes_an_idempotency_key() -> None:
    found = {door.name: {argument.arg for argument in door.args.kwonlyargs} for door in doors()}
    assert {"complete_task", "start_instance", "correlate", "perform_action", "cancel_instance"} <= found.keys()
    without = {name for name, keywords in found.items() if KEY not in keywords}
    assert without == WITHOUT_A_KEY.keys() - {"reassign"}
    assert KEY in found["reassign"]


def test_every_door_uses_the_key_it_takes() -> None:
    """Handed to `Request`, or to the door it calls."""
    for door in doors():
        if KEY in {argument.arg for argument in door.args.kwonlyargs}:
            used = [node for node in ast.walk(door) if isinstance(node, ast.Name) and node.id == KEY]
            assert used, door.name
