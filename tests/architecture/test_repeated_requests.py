"""Each door takes an idempotency key; what does not is written down here, with the reason.

What a key does is shown by `tests/paths/test_repeated_requests.py`, that each post of the REST interface takes one by
`tests/web/test_api.py`.
"""

import ast
from collections.abc import Iterator

from tests.architecture.sources import Module, dotted, modules

KEY = "idempotency_key"
WITHOUT_A_KEY = {
    "back_off": "no door: tells how long to wait",
    "internal_step": "no door: finds a step",
    "reassign": "no door: the common course of those that are, each of which hands its key over",
    "beat": "says when a duty ran last; said twice, the later one holds",
    "deploy": "adds what differs from what is in force; a second time nothing differs",
    "forget_old_answers": "a sweep of the worker: what is gone it does not find again",
    "find_stuck_cases": "a sweep of the worker: what it has done it does not find again",
    "fire_instance": "a sweep of the worker: what it has done it does not find again",
    "mark_read": "what was read stays read",
    "record_event": "an event of the shell: who opens a file twice has opened it twice",
    "run_due_jobs": "a sweep of the worker; a job's row says whether it is done",
    "run_due_timers": "a sweep of the worker; a timer's row goes when it fires",
    "run_job": "the doorbell of a job, whose row says whether it is done",
}


PAGES_WITHOUT_A_KEY = {
    ("webapp.ui.ballots", "complete_task"): "the table of ballots: what is cast waits no more",
    ("webapp.ui.ballots", "perform_action"): "an open ballot is changed: said twice, the later one holds",
    ("webapp.ui.drafts", "save_draft"): "a page that sent no key",
    ("webapp.ui.giving", "set_follow_up"): "said twice, the later one holds",
    ("webapp.ui.giving", "set_priority"): "said twice, the later one holds",
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


def called(module: Module) -> Iterator[tuple[str, ast.Call]]:
    """Calls of doors in a page or an operation, by the door's name."""
    doors_here = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(module.tree) if isinstance(node, ast.ImportFrom) for alias in node.names
        if (node.module or "").startswith("engine.commands")
    }  # fmt: skip
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            place, _, name = dotted(node.func).rpartition(".")
            if place in doors_here or (not place and name in doors_here):
                yield (name if place else doors_here[name]), node


def test_every_page_and_operation_hands_a_key_over() -> None:
    with_a_key = {door.name for door in doors() if KEY in {argument.arg for argument in door.args.kwonlyargs}}
    found = {
        (module.name, door)
        for module in modules() if module.name.startswith(("webapp.ui.", "webapp.api."))
        for door, call in called(module)
        if door in with_a_key and KEY not in {keyword.arg for keyword in call.keywords}
    }  # fmt: skip
    assert found == PAGES_WITHOUT_A_KEY.keys()
