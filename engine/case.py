"""One case in one transaction: its row, its run and its history chain, from loading to writing back."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from engine.chain import GENESIS, EventDraft, EventKind, Head, chain_of, link, state_digest
from engine.context import SYSTEM, Actor, StepContext
from engine.db import table_of
from engine.deployment import Deployed
from engine.errors import (
    InstanceEndedError,
    InstanceSuspendedError,
    NotFoundError,
    TimersBrokenError,
    UnreadableCaseError,
)
from engine.failures import place_of
from engine.incidents import clear_incidents
from engine.live import LiveRun
from engine.models import InstanceStatus, ProcessInstance
from engine.projection import Changes, Frame, Snapshot, drop_all_jobs, project, task_created
from engine.services import Services
from engine.spiff.runtime import Run
from engine.statements import Statement
from engine.text import storable
from engine.transaction import LostRaceError, Transaction, insert_rows
from engine.views import CommandResult, InstanceView

LOG = logging.getLogger("engine.cases")
_INSTANCE = table_of(ProcessInstance)
_MOVED = (
    "process_version_id", "state", "variables", "ended_at", "end_event", "history_sequence", "history_hash", "revision",
)  # fmt: skip
_AS_IT_WAS_READ = update(_INSTANCE).where(
    _INSTANCE.c.id == bindparam("read_id"), _INSTANCE.c.revision == bindparam("read_revision")
)
_MOVE, _END = Statement(_AS_IT_WAS_READ, _MOVED), Statement(_AS_IT_WAS_READ, (*_MOVED, "status"))
"""Every door that moves a case ends with one; its status is else left to the doors of incidents and suspension."""


def lock_instance(transaction: Transaction, instance_id: Any) -> None:
    """Wait for the instance's row where rows can be locked; `instance_id` may be a subquery.

    The lock is taken by a statement of its own: under READ COMMITTED only the next one sees what the
    transaction waited for had written.
    """
    if transaction.session.get_bind().dialect.name != "sqlite":
        query = select(ProcessInstance.id).where(ProcessInstance.id == instance_id).with_for_update()
        if (found := transaction.session.execute(query).scalar_one_or_none()) is not None:
            transaction.holds(found)


def case_by_key(business_key: str) -> Select[Any]:
    """Return the query for the id of the case with that key; of several the one that still runs, else the latest."""
    return (
        select(ProcessInstance.id)
        .where(ProcessInstance.business_key == storable(business_key))
        .order_by(ProcessInstance.ended_at.is_not(None), ProcessInstance.started_at.desc())
        .limit(1)
    )


def services_of(transaction: Transaction, row: ProcessInstance, deployed: Deployed | None = None) -> Services:
    """Return the services of a case, acting in the name of the door's actor; its expressions are compiled already."""
    place = {"instance_id": row.id, "business_key": row.business_key}
    return Services(transaction, [], transaction.actor, place, None if deployed is None else deployed.definition)


def read_run(row: ProcessInstance, deployed: Deployed, services: Services) -> Run:
    """Return the run of a stored state.

    Raises:
        UnreadableCaseError: it was written by another version, or is damaged.

    """
    try:
        return Run.load(deployed.definition, row.state, services)
    except Exception as error:  # whatever foreign bytes make the reader raise
        LOG.exception("the state of case %s cannot be read", row.id)
        raise UnreadableCaseError("the state of the case cannot be read", instance=str(row.id)) from error


def _live_run(transaction: Transaction, row: ProcessInstance, services: Services) -> Run | None:
    """Return the run that was kept since this very state was committed, bound to this door; None without one."""
    if transaction.fresh:
        return None
    run = transaction.engine.live.take(row.id, row.process_version_id, row.revision, row.state)
    if run is not None:
        run.bind(services)
        transaction.from_live = True
    return run


def instance_view(row: ProcessInstance, version: int) -> InstanceView:
    """Return an instance row as a value."""
    return InstanceView(
        row.id, row.process_key, version, row.business_key, str(row.status), row.started_at, row.ended_at,
        row.end_event, row.revision, dict(row.variables),
    )  # fmt: skip


@dataclass(slots=True)
class Case:
    """A loaded case. `events` gathers what happens; `finish` writes it all."""

    transaction: Transaction
    row: ProcessInstance
    deployed: Deployed
    services: Services
    run: Run
    before: Snapshot
    events: list[EventDraft] = field(default_factory=list)

    @classmethod
    def load(cls, transaction: Transaction, instance_id: UUID, *, also_suspended: bool = False) -> "Case":
        """Load a case by id; what it refuses besides is told by `open`.

        Raises:
            NotFoundError: no such case.

        """
        if transaction.locked:
            lock_instance(transaction, instance_id)
        row = transaction.session.get(ProcessInstance, instance_id)
        if row is None:
            raise NotFoundError("no such instance", instance=str(instance_id))
        return cls.open(transaction, row, also_suspended=also_suspended)

    @classmethod
    def open(cls, transaction: Transaction, row: ProcessInstance, *, also_suspended: bool = False) -> "Case":
        """Load the run of a case whose row was read; a session that holds the row lets it go: `finish` writes it.

        Raises:
            InstanceEndedError: the case is over.
            InstanceSuspendedError: it rests, and the door is none that acts on such a case.
            UnreadableCaseError: its state, or a diagram of its version, cannot be read.

        """
        if row.ended_at is not None:
            raise InstanceEndedError("the case is over", instance=str(row.id))
        if row.status == InstanceStatus.SUSPENDED and not also_suspended:
            raise InstanceSuspendedError("the case is suspended", instance=str(row.id), business_key=row.business_key)
        if isinstance(row, ProcessInstance):
            transaction.session.expunge(row)
        deployed = transaction.engine.definitions.get(transaction.session, row.process_version_id)
        services = services_of(transaction, row, deployed)
        run = _live_run(transaction, row, services) or read_run(row, deployed, services)
        return cls(transaction, row, deployed, services, run, Snapshot.of(run), services.events)

    @classmethod
    def start(
        cls, transaction: Transaction, deployed: Deployed, business_key: str, variables: dict[str, Any]
    ) -> "Case":
        """Start a case; its row is inserted by `finish`."""
        row = ProcessInstance(
            id=transaction.engine.ids.new(), process_version_id=deployed.id, process_key=deployed.process_key,
            business_key=business_key, status=InstanceStatus.RUNNING, state=b"", variables=variables, revision=0,
            started_at=transaction.now, ended_at=None, end_event=None, history_sequence=0, history_hash=GENESIS,
        )  # fmt: skip
        services = services_of(transaction, row, deployed)
        data = {"version": deployed.version, "sha256": deployed.sha256, "variables": variables}
        started = EventDraft(
            EventKind.INSTANCE_STARTED, transaction.actor, deployed.process_key, "", business_key, data
        )
        services.events.append(started)
        run = Run.start(deployed.definition, deployed.process_key, variables, services)
        return cls(transaction, row, deployed, services, run, Snapshot(), services.events)

    def hold(self) -> None:
        """Lock the case before anything is written for it, so that two doors never wait for each other in a ring.

        Raises:
            LostRaceError: another transaction changed the case since it was read.

        """
        transaction = self.transaction
        transaction.holds(self.row.id)
        if transaction.locked or transaction.session.get_bind().dialect.name == "sqlite":
            return
        query = select(ProcessInstance.revision).where(ProcessInstance.id == self.row.id).with_for_update()
        if transaction.session.execute(query).scalar_one() != self.row.revision:
            raise LostRaceError

    def event(self, kind: str, process_key: str = "", element_id: str = "", **data: Any) -> EventDraft:
        """Add an event of the door's actor to the case's chain."""
        draft = EventDraft(
            kind, self.services.actor, process_key or self.row.process_key, element_id, self.row.business_key, data
        )
        self.events.append(draft)
        return draft

    def context(
        self, process_key: str, element_id: str, variables: Mapping[str, Any], task_id: UUID | None = None
    ) -> StepContext:
        """Return a context for a step at an element."""
        return self.services.context(process_key, element_id, variables, task_id=task_id)

    def act_as(self, actor: Actor) -> None:
        """Let what follows happen in an actor's name."""
        self.services.actor = actor

    def fire_due_timers(self) -> int:
        """Fire all timers that are due at the door's instant, and those they lead to; return how many.

        In a suspended case none fires: they do, in their order, when it is resumed.

        Raises:
            TimersBrokenError: what they lead to fails; the door that asked is refused and an incident is opened.

        """
        if self.row.status == InstanceStatus.SUSPENDED:
            return 0
        try:
            return self._fire_due_timers()
        except (LostRaceError, OperationalError, IntegrityError):
            raise  # of the database, not of the case
        except Exception as error:
            LOG.exception("what fell due in case %s failed", self.row.id)
            place = place_of(error)
            raise TimersBrokenError(
                "what fell due fails", instance=str(self.row.id), business_key=self.row.business_key,
                process=place.process_key, element=place.element_id,
            ) from error  # fmt: skip

    def _fire_due_timers(self) -> int:
        now, fired = self.transaction.now, 0
        due = {timer.token: timer for timer in self.run.timers() if timer.due_at <= now}
        if not due:
            return 0
        actor, mark = self.services.actor, len(self.events)
        self.act_as(SYSTEM)
        while due:
            draft = None
            for token in self.run.fire_due(now):
                timer = due.get(token)
                fired += 1
                if timer is not None:
                    draft = self.event(EventKind.TIMER_FIRED, timer.process_key, timer.element_id, due_at=timer.due_at)
            self._note_flows(draft or self.event(EventKind.TIMER_FIRED))
            remaining = {timer.token: timer for timer in self.run.timers() if timer.due_at <= now}
            due = remaining if remaining.keys() != due.keys() else {}
        self._timers_first(mark)
        self.act_as(actor)
        return fired

    def _timers_first(self, mark: int) -> None:
        """Order what the timers led to (services, decisions) after the timers themselves."""
        tail = self.events[mark:]
        self.events[mark:] = sorted(tail, key=lambda draft: draft.kind != EventKind.TIMER_FIRED)

    def _note_flows(self, draft: EventDraft) -> None:
        flows = [f"{process_key}/{flow_id}" for process_key, flow_id in self.run.take_flows()]
        if flows:
            draft.data["flows"] = [*draft.data.get("flows", []), *flows]

    def finish(self, main: EventDraft | None = None, *, completed: tuple[str, UUID] | None = None) -> CommandResult:
        """Write state, rows and history; `main` gets the flows taken, `completed` is the token and id of a done task.

        Raises:
            LostRaceError: another transaction changed the case since it was read.

        """
        self._note_flows(main or self.events[0])
        self.fire_due_timers()
        after = Snapshot.of(self.run)
        self._write_state()
        changes = project(self.frame(), self.before, after, completed[0] if completed else None)
        self._tell(changes)
        if changes.left and not self.run.ended and clear_incidents(self.transaction, {self.row.id}, set()):
            self.row.status = InstanceStatus.RUNNING  # what had given up was left behind
        self.write_history()
        if not self.run.ended:
            row = self.row
            self.transaction.live[row.id] = LiveRun(self.run, row.process_version_id, row.revision, row.state)
        closed = [completed[1]] if completed else []
        closed += [task_id for task_id, _task in changes.cancelled]
        return CommandResult(self.view(), tuple(changes.opened), tuple(closed))

    def abandon(self, main: EventDraft) -> CommandResult:
        """End the case without a result: everything it waits for is taken away, its last state is kept."""
        row = self.row
        row.status, row.ended_at = InstanceStatus.CANCELLED, self.transaction.now
        main.data["revision"] = row.revision
        changes = project(self.frame(), self.before, Snapshot(), None)
        for task_id, task in changes.cancelled:
            self.event(EventKind.TASK_CANCELLED, task.process_key, task.element_id, task=task_id)
        self.write_history()
        return CommandResult(self.view(), (), tuple(task_id for task_id, _task in changes.cancelled))

    def frame(self) -> Frame:
        """Return where the rows of the case are written."""
        transaction = self.transaction
        return Frame(
            transaction.session, transaction.engine.registry, transaction.engine.ids, transaction.now, self.row.id,
            self.row.business_key, self.deployed, self.services.evaluate,
        )  # fmt: skip

    def _tell(self, changes: Changes) -> None:
        """Write the events and jobs that follow from what the projection did, and the end when it is reached."""
        for task_id, task in changes.cancelled:
            self.event(EventKind.TASK_CANCELLED, task.process_key, task.element_id, task=task_id)
        for view in changes.opened:
            kind, process_key, element_id, data = task_created(view)
            self.event(kind, process_key, element_id, **data)
        for job in changes.jobs:
            self.transaction.add_job(
                "service", job.key, {"params": dict(job.params), "variables": dict(job.variables)},
                actor=self.services.actor, business_key=self.row.business_key, instance_id=self.row.id, token=job.token,
                process_key=job.process_key, element_id=job.element_id,
            )  # fmt: skip
        if self.run.ended:
            self.event(EventKind.INSTANCE_ENDED, element_id=self.run.end_event or "", outcome=self.run.end_event)

    def _write_state(self) -> None:
        """Take over the run into the row's values; a new case is inserted now, since its tasks refer to it."""
        row, run = self.row, self.run
        row.state, row.variables = run.dump(), dict(run.variables())
        if run.ended:
            row.status, row.ended_at, row.end_event = InstanceStatus.COMPLETED, self.transaction.now, run.end_event
        if row.revision == 0:
            values = {column.key: getattr(row, column.key) for column in table_of(ProcessInstance).columns}
            insert_rows(self.transaction.session, ProcessInstance, [values])
            self.transaction.system_event(
                EventKind.INSTANCE_STARTED, business_key=row.business_key, instance=row.id, process=row.process_key,
                version=self.deployed.version, sha256=self.deployed.sha256,
            )  # fmt: skip

    def write_history(self) -> None:
        """Link the events and write the row, if it still is as it was read.

        Raises:
            LostRaceError: it is not.

        """
        row, transaction = self.row, self.transaction
        transaction.holds(row.id)
        head = Head(row.history_sequence, row.history_hash)
        self.events[-1].state_hash = state_digest(
            str(row.process_version_id), row.revision + 1, row.end_event, row.variables, row.state
        )
        transaction.event_rows += link(chain_of(row.id), head, self.events, transaction.now)
        row.history_sequence, row.history_hash = head.sequence, head.hash
        values = {"read_id": row.id, "read_revision": row.revision, "status": row.status}
        row.revision += 1
        values |= {name: getattr(row, name) for name in _MOVED}
        if (_MOVE if row.ended_at is None else _END).run(transaction.session, values) != 1:
            raise LostRaceError
        if row.ended_at is not None:
            drop_all_jobs(transaction.session, row.id, transaction.now)
            transaction.system_event(
                EventKind.INSTANCE_ENDED, business_key=row.business_key, instance=row.id, status=str(row.status),
                sequence=head.sequence, head=head.hash,
            )  # fmt: skip

    def view(self) -> InstanceView:
        """Return the case as a value."""
        return instance_view(self.row, self.deployed.version)
