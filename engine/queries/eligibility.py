"""Who may do a task, and why others may not: asked before anybody tries, by the judges the doors ask."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import access, constraints
from engine.case import services_of
from engine.commands._loading import LoadedTask, load_task, require_open
from engine.context import Actor, DecisionContext
from engine.db import reading
from engine.errors import ForbiddenError
from engine.models import Draft, ProcessInstance, StatedReason
from engine.projection import queue_of
from engine.runtime_environment import Engine
from engine.statements import Statement, one_of
from engine.transaction import Transaction
from engine.views import Candidate, ReasonView, TaskView


def why_not(engine: Engine, task_id: UUID, actor: Actor) -> ForbiddenError | None:
    """Return what keeps a person of the queue from an open task, None when he may do it or is not of the queue.

    Raises:
        NotFoundError: no such task.
        TaskNotOpenError: it was completed or cancelled.

    """
    with reading(engine.sessions) as session:
        transaction = Transaction(engine, session, actor, engine.clock.now(), False)
        found = load_task(transaction, task_id)
        require_open(found.view)
        if not access.in_queue(actor, found.view):
            return None
        return _refusal(transaction, found, actor)


def candidates(engine: Engine, task_id: UUID) -> tuple[Candidate, ...]:
    """Return those who walk the queue of an open task today, each with what keeps him from it.

    Raises:
        NotFoundError: no such task.
        TaskNotOpenError: it was completed or cancelled.

    """
    hooks = engine.registry.hooks
    with reading(engine.sessions) as session:
        transaction = Transaction(engine, session, Actor(""), engine.clock.now(), False)
        found = load_task(transaction, task_id)
        require_open(found.view)
        bound = transaction.decision_context()
        people = hooks.people_of(bound, queue_of(found.view.role, found.view.scope))
        actors = [actor for person_id in people if (actor := hooks.actor_of(bound, person_id)) is not None]
        return tuple(Candidate(actor.id, _refusal(transaction, found, actor)) for actor in actors)


def _refusal(transaction: Transaction, found: LoadedTask, actor: Actor) -> ForbiddenError | None:
    task, engine = found.view, transaction.engine
    services = services_of(transaction, found.instance)
    services.actor = access.acting(actor, task)
    ctx = services.context(task.process_key, task.element_id, task.variables, task_id=task.id)
    deployed = engine.definitions.get(transaction.session, found.instance.process_version_id)
    try:
        access.judge(engine.registry, ctx, task, deployed.properties(task.process_key, task.element_id))
    except ForbiddenError as refusal:
        return refusal
    return None


def kept_apart(engine: Engine, actor: Actor, tasks: Sequence[TaskView]) -> dict[UUID, ForbiddenError]:
    """Return by task what its diagram declares against a person: for a page of a queue, with at most two statements.

    Guards of the domain, which look into the case, are asked only when a task is opened.
    """
    with reading(engine.sessions) as session:
        versions = _versions(session, {task.instance_id for task in tasks})
        declared = {}
        for task in tasks:
            deployed = engine.definitions.get(session, versions[task.instance_id])
            found = constraints.declared(deployed.properties(task.process_key, task.element_id))
            if found is not None:
                declared[task.id] = found
        concerned = [task for task in tasks if task.id in declared]
        deeds = constraints.deeds_of(session, {task.instance_id for task in concerned}) if concerned else {}
        bound = DecisionContext(session, engine.clock.now())
        refusals = {}
        for task in concerned:
            acting = access.acting(actor, task)
            done = deeds[task.instance_id]
            refusal = constraints.refused(acting, task, declared[task.id], done, registry=engine.registry, ctx=bound)
            if refusal is not None:
                refusals[task.id] = refusal
        return refusals


_VERSIONS = Statement(
    select(ProcessInstance.id, ProcessInstance.process_version_id).where(one_of(ProcessInstance.id, "ids"))
)


def _versions(session: Session, instance_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    return dict(_VERSIONS.all(session, {"ids": instance_ids}))


def heads_of(engine: Engine, task: TaskView) -> tuple[str, ...]:
    """Return the persons who head the unit to which a task's lane belongs: they assign it and say how urgent it is."""
    with reading(engine.sessions) as session:
        bound = DecisionContext(session, engine.clock.now())
        return tuple(engine.registry.hooks.heads_of(bound, queue_of(task.role, task.scope)))


def stored_draft(engine: Engine, task_id: UUID, actor: Actor) -> tuple[dict[str, object], int]:
    """Return one's own draft of a task and its version; nothing and 0 when there is none. Never another person's."""
    query = select(Draft).where(Draft.task_id == task_id, Draft.person_id == actor.id)
    with reading(engine.sessions) as session:
        row = session.scalars(query).one_or_none()
        return ({}, 0) if row is None else (dict(row.values), row.version)


def stated_reasons(engine: Engine, about: str) -> tuple[ReasonView, ...]:
    """Return what was stated about a thing (`task:…`), newest first. Text people typed: a page shows it to few."""
    query = select(StatedReason).where(StatedReason.about == about).order_by(StatedReason.at.desc(), StatedReason.id)
    with reading(engine.sessions) as session:
        return tuple(ReasonView(row.door, row.person_id, row.reason, row.at) for row in session.scalars(query))
