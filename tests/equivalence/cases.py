"""One case run by ours and by the reference at once: every act on both, everything that can be seen compared.

Ours is stored and pruned after each act and read back before the next, as every door does, or goes on as the live
object that was pruned, as one in the cache does; the reference does neither.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.spiff.parser import Definition
from engine.spiff.runtime import Run
from engine.spiff.values import Services
from tests.equivalence import reference
from tests.equivalence.scripts import MORNING, Clock, stock_clock
from tests.equivalence.trees import plain

ROUNDS = 60


@dataclass(frozen=True)
class Act:
    """Something done to a case; `who` is process, element and person of what it is done to.

    Attributes:
        kind: `complete`, `job`, `message` or `wait`.

    """

    kind: str
    who: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    days: float = 0

    def __str__(self) -> str:
        """Return the act as it can be typed."""
        return f"Act({self.kind!r}, {self.who!r}, {dict(self.values)!r}, {self.days!r})"


Look = dict[str, Any]


class Pair:
    """A case on both sides.

    Args:
        serve: makes the services of one side; both must answer alike.
        live: let ours go on as it is, not from its stored state.

    """

    def __init__(
        self, definition: Definition, bundle: reference.Bundle, variables: Mapping[str, Any],
        serve: Callable[[Clock], Services], *, live: bool = False,
    ) -> None:  # fmt: skip
        self.clock = Clock()
        self.live = live
        self.definition, self.services = definition, serve(self.clock)
        self.flows: Counter[tuple[str, str]] = Counter()
        run = Run.start(definition, definition.root_key, variables, self.services)
        self.stock = reference.Reference(bundle, variables, serve(self.clock))
        self._keep(run)

    def _keep(self, run: Run) -> None:
        self.flows.update(run.take_flows())
        self.state = run.dump()
        self._run = run
        self.bytes = len(self.state)

    @property
    def run(self) -> Run:
        """Ours: as it is stored, or the object that lives on."""
        return self._run if self.live else Run.load(self.definition, self.state, self.services)

    def do(self, act: Act) -> bool:
        """Let both sides do an act, after what is due; tell whether there was anything to do it to.

        Raises:
            AssertionError: one side refuses, or the other did what this one did not.

        """
        if act.kind == "wait":
            self.clock.at += timedelta(days=act.days)
        self._fire()
        return act.kind == "wait" or {"complete": self._complete, "job": self._job, "message": self._message}[act.kind](
            act
        )

    def _fire(self) -> None:
        run = self.run
        for _round in range(ROUNDS):
            if not run.fire_due(self.clock.now()):
                break
        for _round in range(ROUNDS):
            before = self.stock.timers()
            self.stock.fire_due()
            if self.stock.timers() == before:
                break
        self._keep(run)

    def _complete(self, act: Act) -> bool:
        run = self.run
        whose = _tasks(run)
        if act.who not in [who for who, _token, _variables in whose]:
            return False
        place = [who for who, _token, _variables in whose].index(act.who)
        run.complete(whose[place][1], act.values)
        self.stock.complete(place, act.values)
        self._keep(run)
        return True

    def _job(self, act: Act) -> bool:
        run = self.run
        jobs = sorted((job.process_key, job.element_id, job.token) for job in run.jobs())
        names = [job[:2] for job in jobs]
        if act.who not in names:
            return False
        place = names.index(act.who)
        run.finish_job(jobs[place][2], act.values)
        self.stock.finish_job(place, act.values)
        self._keep(run)
        return True

    def _message(self, act: Act) -> bool:
        run = self.run
        ours, theirs = run.correlate(act.who[0], act.values), self.stock.correlate(act.who[0], act.values)
        assert ours == theirs, f"message {act.who[0]}: stock {theirs} | ours {ours}"
        self._keep(run)
        return ours

    def look(self) -> tuple[Look, Look]:
        """Return what can be seen of the stock side and of ours."""
        run, stock = self.run, self.stock
        ours: Look = {
            "user tasks": [(*who, plain(variables)) for who, _token, variables in _tasks(run)],
            "timers": sorted((timer.process_key, timer.element_id, timer.due_at) for timer in run.timers()),
            "subscriptions": sorted((item.process_key, item.element_id, item.message) for item in run.subscriptions()),
            "jobs": sorted((job.process_key, job.element_id) for job in run.jobs()),
            "flows": sorted(self.flows.elements()),
            "elements": {(one.process_key, one.element_id): (one.state, one.count) for one in run.element_states()},
            "ended": run.ended,
            "variables": plain(run.variables()),
        }
        theirs: Look = {
            "user tasks": [(*task[:-1], plain(task[-1])) for task in stock.user_tasks()],
            "timers": stock.timers(),
            "subscriptions": stock.subscriptions(),
            "jobs": stock.jobs(),
            "flows": stock.flows(),
            "elements": stock.elements(),
            "ended": stock.ended,
            "variables": plain(stock.variables()),
        }
        return theirs, ours

    def difference(self) -> str:
        """Return the first thing that is seen on one side only, empty when all agrees."""
        theirs, ours = self.look()
        for name, seen in theirs.items():
            if seen != ours[name]:
                return f"{name}: stock {_only(seen, ours[name])} | ours {_only(ours[name], seen)}"
        end = self.run.end_event
        if ours["ended"] and end not in self.stock.ends:
            return f"end event: stock {sorted(self.stock.ends)} | ours {end}"
        return ""


def _only(seen: Any, other: Any) -> Any:
    if isinstance(seen, dict):
        return {name: value for name, value in seen.items() if name not in other or other[name] != value}
    if isinstance(seen, list) and seen and isinstance(seen[0], tuple) and isinstance(seen[0][-1], dict):
        known = {item[:-1]: item[-1] for item in other}
        return [(*item[:-1], _only(item[-1], known.get(item[:-1], {}))) for item in seen]
    if isinstance(seen, list):
        rest = [*other]
        return [item for item in seen if item not in rest or rest.remove(item)]  # type: ignore[func-returns-value]
    return seen


def _tasks(run: Run) -> list[tuple[tuple[str, ...], str, Mapping[str, Any]]]:
    found = [
        ((task.process_key, task.element_id, task.loop_assignee or ""), task.token, task.variables)
        for task in run.user_tasks()
    ]
    return sorted(found, key=lambda item: item[0])


def replay(make: Callable[[], Pair], acts: Sequence[Act]) -> str:
    """Do acts one after another, those with nothing to do them to left out; return the first difference."""
    with stock_clock(Clock()):
        return _replayed(make, acts)


def _replayed(make: Callable[[], Pair], acts: Sequence[Act]) -> str:
    try:
        pair = make()
        with stock_clock(pair.clock):
            found = pair.difference()
            for act in acts:
                if found:
                    break
                pair.do(act)
                found = pair.difference()
    except Exception as fault:
        return f"{type(fault).__name__}: {fault}"
    return found


def shortest(make: Callable[[], Pair], acts: Sequence[Act]) -> list[Act]:
    """Return a history that differs still when any one act more is left out."""
    found = list(acts)
    size = max(1, len(found) // 2)
    while size:
        for start in range(0, len(found), size):
            fewer = found[:start] + found[start + size :]
            if replay(make, fewer):
                found = fewer
                break
        else:
            size //= 2
    return found


def due_in(days: float) -> str:
    """Return an instant some days after the morning all cases begin, as services give it."""
    at: datetime = MORNING.replace(microsecond=0) + timedelta(days=days)
    return at.isoformat().replace("+00:00", "Z")
