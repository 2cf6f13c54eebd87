"""Interventions as pages show them: what may be repaired, what would come of it, what is proposed, who can move."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import access
from engine.case import Case, instance_view
from engine.context import SYSTEM, Actor
from engine.db import fact_identity, reading, rehearsing
from engine.errors import RepairVoidError
from engine.intervention_views import (
    PlaceView,
    RepairPlan,
    RepairPreview,
    RepairView,
    SuspensionView,
    VariableView,
    Verdict,
)
from engine.migration import running_on, verdict_of, version_of
from engine.models import (
    InstanceStatus,
    ProcessInstance,
    ProcessVersion,
    RepairRequest,
    RepairState,
    StatedReason,
    UserTask,
)
from engine.projection import Snapshot, project, task_view
from engine.repairs import carry_out, check_plan, request_view, variables_of, versions_of
from engine.runtime_environment import Engine
from engine.spiff.repairing import token_places
from engine.spiff.runtime import WaitingMessage, WaitingTimer
from engine.transaction import Transaction
from engine.views import InstanceView, WaitingView


def token_places_of(engine: Engine, instance_id: UUID) -> tuple[PlaceView, ...]:
    """Return where the tokens of a running case stand and where each may be moved to.

    Raises:
        NotFoundError, InstanceEndedError: no such case, or it is over.

    """
    with reading(engine.sessions) as session:
        case = _case(engine, session, instance_id)
        elements = case.deployed.definition.elements
        return tuple(
            PlaceView(
                place.token, place.process_key, place.element_id, place.targets,
                tuple(elements[place.process_key, target].kind for target in place.targets),
            )
            for place in token_places(case.run)
        )  # fmt: skip


def repairable_variables(engine: Engine, instance_id: UUID) -> tuple[VariableView, ...]:
    """Return the variables of a running case that an operator may change.

    Raises:
        NotFoundError, InstanceEndedError: no such case, or it is over.

    """
    with reading(engine.sessions) as session:
        return tuple(variables_of(_case(engine, session, instance_id)).values())


def _case(engine: Engine, session: Session, instance_id: UUID) -> Case:
    transaction = Transaction(engine, session, SYSTEM, engine.clock.now(), False)
    return Case.load(transaction, instance_id, also_suspended=True)


def preview_repair(
    engine: Engine, instance_id: UUID, actor: Actor, plan: RepairPlan, *, revision: int | None = None
) -> RepairPreview:
    """Carry out a repair, look what is open then, and take everything back.

    Args:
        revision: of the case, at which the plan was made.

    Raises:
        ForbiddenError: the actor may neither propose nor approve.
        NotFoundError, InstanceEndedError: no such case, or it is over.
        ImpossibleRepairError: the plan does not fit the case.
        RepairVoidError: the case has another revision by now.

    """
    hooks = engine.registry.hooks
    access.require_any_role(actor, hooks.operators | hooks.approvers | {"system"})
    with rehearsing(engine.sessions) as session:
        case = _case(engine, session, instance_id)
        if revision is not None and case.row.revision != revision:
            raise RepairVoidError("the case moved", business_key=case.row.business_key)
        carry_out(case, check_plan(case, plan))
        return _seen(case, session)


def _seen(case: Case, session: Session) -> RepairPreview:
    """Write the rows of the moved case, to read from them; the session takes everything back."""
    after = Snapshot.of(case.run)
    gone = [token for token in case.before.tasks if token not in after.tasks]
    rows = session.scalars(select(UserTask).where(UserTask.instance_id == case.row.id, UserTask.token.in_(gone)))
    closed = tuple(task_view(row) for row in rows)
    opened = tuple(project(case.frame(), case.before, after, None).opened)
    waiting = [_waiting(case, item, None) for item in after.messages.values()]
    waiting += [_waiting(case, item, item.due_at) for item in after.timers.values()]
    ended = (case.run.end_event or "") if case.run.ended else ""
    return RepairPreview(opened, closed, tuple(waiting), tuple(job.key for job in after.jobs.values()), ended)


def _waiting(case: Case, item: WaitingMessage | WaitingTimer, due_at: datetime | None) -> WaitingView:
    name = case.deployed.name(item.process_key, item.element_id)
    return WaitingView(item.process_key, item.element_id, name, due_at)


def get_request(engine: Engine, request_id: UUID) -> RepairView:
    """Return a proposal.

    Raises:
        NotFoundError: no such proposal.

    """
    with reading(engine.sessions) as session:
        return request_view(versions_of(session, request_id))


def list_requests(
    engine: Engine, *, instance_id: UUID | None = None, open_only: bool = False, limit: int = 200
) -> tuple[RepairView, ...]:
    """Return proposals, newest first: of a case, or all."""
    query = select(RepairRequest).where(RepairRequest.version == 1)
    if instance_id is not None:
        query = query.where(RepairRequest.instance_id == instance_id)
    if open_only:
        later = select(RepairRequest.request_id).where(RepairRequest.state != RepairState.PROPOSED)
        query = query.where(RepairRequest.request_id.not_in(later))
    with reading(engine.sessions) as session:
        first = list(session.scalars(query.order_by(RepairRequest.at.desc(), RepairRequest.id).limit(limit)))
        ids = [row.request_id for row in first]
        last = select(RepairRequest).where(RepairRequest.request_id.in_(ids), RepairRequest.version > 1)
        decided = {row.request_id: row for row in session.scalars(last)} if ids else {}
        return tuple(
            request_view([row, decided[row.request_id]] if row.request_id in decided else [row]) for row in first
        )


def migration_verdicts(engine: Engine, process_key: str, before: int, after: int) -> tuple[Verdict, ...]:
    """Say of each running case of a version whether it can move to another, in the order of their keys.

    Raises:
        NotFoundError: no such version.

    """
    with reading(engine.sessions) as session:
        transaction = Transaction(engine, session, SYSTEM, engine.clock.now(), False)
        to = engine.definitions.get(session, version_of(session, process_key, after))
        rows = running_on(session, version_of(session, process_key, before))
        found = (verdict_of(transaction, row, to) for row in rows)
        return tuple(sorted(found, key=lambda verdict: (verdict.moves, verdict.business_key)))


def suspensions_of(engine: Engine, instance_ids: Iterable[UUID]) -> Mapping[UUID, SuspensionView]:
    """Return since when, by whom and why the suspended ones of some cases rest."""
    asked = set(instance_ids)
    if not asked:
        return {}
    with reading(engine.sessions) as session:
        resting = session.scalars(
            select(ProcessInstance.id).where(
                ProcessInstance.id.in_(asked), ProcessInstance.status == InstanceStatus.SUSPENDED
            )
        ).all()
        about = {f"instance:{instance_id}": instance_id for instance_id in resting}
        reasons = session.scalars(
            select(StatedReason)
            .where(StatedReason.about.in_(about), StatedReason.door == "suspend_instance")
            .order_by(StatedReason.at)
        ).all() if about else ()  # fmt: skip
        return {
            about[row.about]: SuspensionView(about[row.about], row.person_id, row.reason, row.at) for row in reasons
        }


def list_suspended(engine: Engine, limit: int = 200) -> tuple[InstanceView, ...]:
    """Return the cases at rest, those that began first first."""
    query = (
        select(ProcessInstance, ProcessVersion.version)
        .join(ProcessVersion, ProcessVersion.id == ProcessInstance.process_version_id)
        .where(ProcessInstance.status == InstanceStatus.SUSPENDED)
        .order_by(ProcessInstance.started_at, ProcessInstance.id)
        .limit(limit)
    )
    with reading(engine.sessions) as session:
        return tuple(instance_view(row, version) for row, version in session.execute(query))


def reasons_of_interventions(engine: Engine, instance_id: UUID) -> Mapping[str, str]:
    """Return why a case was suspended, resumed, cancelled or repaired, by the fact's name as events carry it."""
    stated = select(StatedReason).where(StatedReason.about == f"instance:{instance_id}")
    asked = select(RepairRequest).where(RepairRequest.instance_id == instance_id)
    with reading(engine.sessions) as session:
        rows = [*session.scalars(stated), *session.scalars(asked)]
        return {fact_identity(row): row.reason for row in rows if row.reason}
