"""The frame of every door: one transaction, tried again after a lost race; a refusal is recorded alone."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import exists, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from engine import incidents, storage_faults, tables
from engine.chain import EventDraft, EventKind, link_system
from engine.context import Actor, DecisionContext, OutgoingMessage, StepContext, Values
from engine.db import register_fact, table_of, unit_of_work
from engine.diagram_versions import refusals_of
from engine.errors import BusyError, EngineError
from engine.live import LiveRun
from engine.models import HistoryEvent, Job, JobStatus, Notice, ProcessInstance, RuleEvaluation, StatedReason
from engine.runtime_environment import Engine
from engine.statements import Statement
from engine.text import storable

LOG = logging.getLogger("engine.doors")
ATTEMPTS = 8
_RETRIED_STATES = {"40001", "40P01"}  # PostgreSQL: serialization failure, deadlock

Answer = TypeVar("Answer")


class LostRaceError(Exception):
    """Another transaction changed the instance first. Never leaves a door."""


class _LiveRunError(Exception):
    """Something went wrong with a run that was kept alive: it is judged on the stored state alone."""


@dataclass(slots=True)
class Transaction:
    """What one attempt of a door holds. Rows it collects are written by `finish`, many per statement.

    Attributes:
        locked: the row of the case is locked as it is read.
        fresh: cases are read from their stored state, even where a run was kept.
        from_live: a kept run was taken.
        live: what the case's runs are once this is committed, by case.
        held: the case of highest id whose row is locked.

    """

    engine: Engine
    session: Session
    actor: Actor
    now: datetime
    locked: bool
    fresh: bool = False
    from_live: bool = False
    live: dict[UUID, LiveRun] = field(default_factory=dict)
    held: UUID | None = None
    system_events: list[EventDraft] = field(default_factory=list)
    event_rows: list[dict[str, Any]] = field(default_factory=list)
    job_rows: list[dict[str, Any]] = field(default_factory=list)
    notice_rows: list[dict[str, Any]] = field(default_factory=list)
    evaluation_rows: list[dict[str, Any]] = field(default_factory=list)

    def holds(self, instance_id: UUID) -> None:
        """Note that a case is about to be locked; on every database, so that a test on either finds a wrong order.

        Raises:
            RuntimeError: a case of higher id is locked already: two such doors could wait for each other for ever.

        """
        if self.held is not None and instance_id < self.held:
            raise RuntimeError(f"case {instance_id} is locked after {self.held}: cases are locked in the order of ids")
        self.held = instance_id

    def system_event(self, kind: str, /, *, business_key: str = "", **data: Any) -> EventDraft:
        """Add an event to the `system` chain."""
        draft = EventDraft(kind, self.actor, business_key=business_key, data=data)
        self.system_events.append(draft)
        return draft

    def context(self, events: list[EventDraft], **place: Any) -> StepContext:
        """Return a context for a step; decisions it makes are written to `events`.

        `place` names the case: instance_id, business_key, process_key, element_id, task_id, variables.
        """
        actor: Actor = place.pop("actor", self.actor)

        def decide(table: str, inputs: Values, on: date) -> Any:
            found = self.decide(table, inputs, on, place.get("instance_id"), place.get("element_id", ""))
            draft = EventDraft(
                EventKind.DECISION_EVALUATED, actor, place.get("process_key", ""), place.get("element_id", ""),
                place.get("business_key", ""), decision_data(found), [found.fact],
            )  # fmt: skip
            events.append(draft)
            return found.value

        return StepContext(
            self.session, self.now, self.engine.ids, self.engine.random, actor, decide,
            check_diagrams=lambda diagrams: refusals_of(self.session, diagrams, self.engine.registry), **place,
        )  # fmt: skip

    def decide(
        self, table: str, inputs: Values, on: date, instance_id: UUID | None, element_id: str
    ) -> tables.Evaluated:
        """Evaluate the table in force and keep the row to store."""
        found = tables.evaluate(
            self.session, self.engine.definitions.tables, self.engine.ids, table=table, inputs=inputs, on=on,
            at=self.now, functions=self.functions(), instance_id=instance_id, element_id=element_id,
        )  # fmt: skip
        self.evaluation_rows.append(found.row)
        return found

    def decision_context(self) -> DecisionContext:
        """Return what functions of expressions and hooks may read."""
        return DecisionContext(self.session, self.now)

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return the registry's FEEL functions, bound to this transaction and instant."""
        bound = self.decision_context()
        return {name: make(bound) for name, make in self.engine.registry.functions.items()}

    def collect(self, ctx: StepContext) -> None:
        """Take over the messages and notices a step left in its context."""
        for message in ctx.messages:
            self.add_message(message, ctx.actor)
        for person_id, kind, business_key, about in ctx.notices:
            self.add_notice(person_id, kind, business_key, about)

    def add_message(self, message: OutgoingMessage, actor: Actor) -> None:
        """Add the job that delivers a message after commit."""
        self.add_job("message", message.name, message.values, business_key=message.business_key, actor=actor)

    def add_job(
        self, kind: str, key: str, payload: Values, *, actor: Actor, business_key: str = "",
        instance_id: UUID | None = None, token: str = "", process_key: str = "", element_id: str = "",
    ) -> dict[str, Any]:  # fmt: skip
        """Add a job row, due at once."""
        row: dict[str, Any] = {
            "id": self.engine.ids.new(), "kind": kind, "key": key, "instance_id": instance_id, "token": token,
            "business_key": business_key, "process_key": process_key, "element_id": element_id, "payload": payload,
            "actor_id": actor.id, "actor_post": actor.post, "status": JobStatus.PENDING, "created_at": self.now,
            "due_at": self.engine.machine_clock.now(), "leased_until": None, "attempts": 0, "error": "",
            "error_class": "", "cause": "", "note": "", "finished_at": None,
        }  # fmt: skip
        self.job_rows.append(row)
        return row

    def add_notice(self, person_id: str, kind: str, business_key: str, about: str) -> None:
        """Add an in-app notice."""
        self.notice_rows.append({
            "id": self.engine.ids.new(), "person_id": person_id, "kind": kind, "business_key": business_key,
            "about": about, "at": self.now, "read_at": None,
        })  # fmt: skip

    def state_reason(self, door: str, about: str, reason: str) -> tuple[str, str]:
        """Store why the actor overrode the usual course; return the fact for the event."""
        row = StatedReason(
            id=self.engine.ids.new(), door=door, about=about, person_id=self.actor.id, reason=reason, at=self.now
        )
        return register_fact(self.session, row)

    def finish(self) -> None:
        """Write all that was collected; the system chain last, since its head is locked until commit."""
        self.session.flush()
        for model, rows in (
            (RuleEvaluation, self.evaluation_rows), (Job, self.job_rows), (Notice, self.notice_rows),
        ):  # fmt: skip
            insert_rows(self.session, model, rows)
        if self.system_events:
            self.event_rows += link_system(self.session, self.system_events, self.now)
        insert_rows(self.session, HistoryEvent, self.event_rows)


def insert_rows(session: Session, model: Any, rows: list[dict[str, Any]]) -> None:
    """Insert rows of one table with one statement."""
    if rows:
        _insert_into(model).run_each(session, rows)


@cache
def _insert_into(model: Any) -> Statement:
    """Return the statement that inserts into a model's table; built once for each."""
    return Statement(insert(table_of(model)))


def decision_data(found: tables.Evaluated) -> dict[str, Any]:
    """Return what an event says of a decision: the table, its version and the rules that matched."""
    return {
        "table": found.row["table_key"],
        "valid_from": found.row["valid_from"],
        "looked_up_on": found.row["looked_up_on"],
        "sha256": found.row["sha256"],
        "rules": found.rules,
    }


def enter(
    engine: Engine, door: str, actor: Actor, target: Mapping[str, Any], work: Callable[[Transaction], Answer]
) -> Answer:
    """Do one door's work in one transaction and commit it.

    A lost race is tried again, from the second attempt with the instance's row locked. What goes wrong with a run that
    was kept alive is tried once more on the stored state. A refusal leaves nothing but one event on the system chain
    that names the door, the code and the ids in `target`.

    Raises:
        EngineError: the refusal of the work.
        BusyError: the race was lost too often.
        UnavailableError: the database is away or cannot write; nothing was done.

    """
    try:
        return _enter(engine, door, actor, target, work)
    except DBAPIError as error:
        if (refusal := storage_faults.as_refusal(error)) is None:
            raise
        LOG.error("%s: %s: %s", door, refusal.code, error.orig)  # noqa: TRY400 - the database's own words are enough
        raise refusal from error


def _enter(
    engine: Engine, door: str, actor: Actor, target: Mapping[str, Any], work: Callable[[Transaction], Answer]
) -> Answer:
    fresh = False
    for attempt in range(ATTEMPTS):
        try:
            answer, jobs = _attempt(engine, actor, attempt > 0, work, fresh=fresh)
        except _LiveRunError:
            LOG.debug("%s is tried on the stored state", door)  # not why: that may hold what a person typed
            fresh = True
            continue
        except EngineError as error:
            record_refusal(engine, door, actor, target, error)
            raise
        except LostRaceError:
            LOG.debug("lost race at %s, attempt %s", door, attempt)
            continue
        except (IntegrityError, OperationalError) as error:
            # two requests with one key, or a deadlock: the second look finds what the first could not
            if attempt == ATTEMPTS - 1 or not _worth_retrying(error):
                raise
            continue
        if jobs:
            engine.nudge(jobs)
        return answer
    raise BusyError("others keep changing this case", **dict(target))


def _attempt(
    engine: Engine, actor: Actor, locked: bool, work: Callable[[Transaction], Answer], *, fresh: bool = False
) -> tuple[Answer, list[UUID]]:
    with unit_of_work(engine.sessions) as session:
        transaction = Transaction(engine, session, actor, engine.clock.now(), locked, fresh)
        try:
            answer = work(transaction)
        except (LostRaceError, DBAPIError):
            raise
        except Exception as error:
            if transaction.from_live:
                raise _LiveRunError from error
            raise
        transaction.finish()
    engine.live.put(transaction.live)
    return answer, [row["id"] for row in transaction.job_rows]


def _worth_retrying(error: IntegrityError | OperationalError) -> bool:
    return isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", "") in _RETRIED_STATES


def record_refusal(engine: Engine, door: str, actor: Actor, target: Mapping[str, Any], error: EngineError) -> None:
    """Write a refusal, alone in its transaction: the code and ids, nothing a person typed.

    Timers of a case that made a door refuse are kept as an incident beside it.
    """

    def work(transaction: Transaction) -> None:
        incidents.open_after_refusal(transaction, error)
        business_key = _known_case(transaction, str(target.get("business_key") or ""))
        ids = _known_ids(engine, target)
        transaction.system_event(
            EventKind.REFUSAL_RECORDED, business_key=business_key, door=door, code=error.code, **ids
        )

    for attempt in range(ATTEMPTS):
        try:
            _attempt(engine, actor, True, work)
        except (IntegrityError, OperationalError) as failure:
            if attempt == ATTEMPTS - 1 or not _worth_retrying(failure):
                raise
        else:
            return


def _known_case(transaction: Transaction, business_key: str) -> str:
    """Return the key if there is such a case; else it is something that somebody typed."""
    known = select(exists().where(ProcessInstance.business_key == storable(business_key)))
    return business_key if business_key and transaction.session.execute(known).scalar_one() else ""


def _known_ids(engine: Engine, target: Mapping[str, Any]) -> dict[str, str]:
    """Return the ids a door was asked about: UUIDs, and a step only when there is one of that name."""
    found = {name: str(value) for name, value in target.items() if isinstance(value, UUID)}
    step = target.get("step")
    if step is not None and any(key == step for _kind, key in engine.registry.steps):
        found["step"] = str(step)
    return found
