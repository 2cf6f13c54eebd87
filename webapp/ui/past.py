"""Past cases under a changed table, as one person may read them: how many and what to everybody, whose to some."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.db import reading
from engine.dmn import DecisionTable
from engine.replay import Change, Replay
from webapp import current
from webapp.record import COUNTED
from webapp.ui.findings import fault_words
from webapp.visibility import may_see_case
from workflows.nominations.visibility import may_see


@dataclass(frozen=True, slots=True)
class Group:
    """Changes that are alike: the outputs that differ, then and now, and the rows behind them; no case is named."""

    count: int
    example: Change


@dataclass(frozen=True, slots=True)
class Past:
    """A replay as its page shows it; `untold` cases changed too, but this person may not read them."""

    replay: Replay
    groups: tuple[Group, ...]
    told: tuple[Change, ...]
    untold: int


def past_of(found: Replay, tables: Collection[DecisionTable] = ()) -> Past:
    """Return what the person of this request may see of a replay; `tables` are those of the changed file."""
    changes = [_differing(_worded(change, tables)) for change in found.changes]
    alike: dict[str, list[Change]] = {}
    for change in changes:
        alike.setdefault(_signature(change), []).append(change)
    groups = sorted((Group(len(same), same[0]) for same in alike.values()), key=lambda group: -group.count)
    readable = {key: may_see_case(key) for key in {change.business_key for change in changes}}
    told = [change for change in changes if readable[change.business_key]]
    if found.table == COUNTED and not _sees_counts():
        told = [replace(change, inputs={}) for change in told]
    return Past(found, tuple(groups), tuple(told), len(changes) - len(told))


def _sees_counts() -> bool:
    with reading(current.sessions()) as reader:
        return may_see(reader, "secret_counts", current.actor(), current.business_today()) == "yes"


def _worded(change: Change, tables: Collection[DecisionTable]) -> Change:
    """Return a change that says in words why the table refuses."""
    return change if change.refusal is None else replace(change, fault=fault_words(change.refusal, tables))


def _differing(change: Change) -> Change:
    """Return a change with only those outputs that differ."""
    before, after = change.before, change.after
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return change
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return replace(change, before=_of(before, names), after=_of(after, names))


def _of(outputs: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: outputs[name] for name in names if name in outputs}


def _signature(change: Change) -> str:
    rows = [[(row["decision"], row["rule"]) for row in rows] for rows in (change.rows_before, change.rows_after)]
    return json.dumps([change.before, change.after, change.fault, rows], sort_keys=True, default=str)
