"""Doors of interventions in running cases: one operator proposes, another person approves, then it is carried out.

A repair is frozen to the revision of its case: when the case moved meanwhile the proposal is void. A migration is not,
since its cases go on; each is judged anew when it is carried out, and either all of them move or none.
"""

from uuid import UUID

from engine import access, idempotency
from engine.case import Case
from engine.chain import EventKind
from engine.commands.suspension import mark_tasks, release_jobs
from engine.context import Actor
from engine.deployment import Deployed
from engine.errors import (
    ConflictError,
    ForbiddenError,
    ImpossibleRepairError,
    InstanceEndedError,
    InvalidInputError,
    MigrationRefusedError,
    NotFoundError,
    OwnProposalError,
    RepairDecidedError,
    RepairVoidError,
)
from engine.idempotency import Request
from engine.intervention_views import RepairPlan, RepairView
from engine.migration import held_on, move_case, running_on, verdict_of, version_of
from engine.models import InstanceStatus, RepairKind, RepairRequest, RepairState
from engine.repairs import (
    add_version,
    carry_out,
    check_plan,
    plan_columns,
    plan_of,
    redescribe,
    request_view,
    versions_of,
)
from engine.runtime_environment import Engine
from engine.transaction import Transaction, enter

MOST_NAMED = 5
"""Cases a refused migration names; the dry run lists all."""


def propose_repair(
    engine: Engine, instance_id: UUID, actor: Actor, plan: RepairPlan, reason: str, *,
    idempotency_key: str | None = None,
) -> RepairView:  # fmt: skip
    """Propose to move a token of a case or to change variables; nothing moves until another person approves.

    Raises:
        ForbiddenError: the actor is no operator.
        NotFoundError, InstanceEndedError: no such case, or it is over.
        ImpossibleRepairError: the plan does not fit the case as it stands.
        ReasonRequiredError: no reason.

    """

    def work(transaction: Transaction) -> RepairView:
        sent = {"plan": plan_columns(plan), "reason": reason}
        request = Request("propose_repair", str(instance_id), idempotency_key, sent)
        if (answer := idempotency.find(transaction, request)) is not None:
            return request_view(versions_of(transaction.session, UUID(answer["request"])))
        access.require_operator(engine.registry, actor)
        text = access.clean_reason(reason)
        case = Case.load(transaction, instance_id, also_suspended=True)
        case.hold()
        whole = check_plan(case, plan)
        event = case.event(EventKind.REPAIR_PROPOSED, whole.process_key, whole.source, target=whole.target,
                           variables=sorted(whole.variables))  # fmt: skip
        row = add_version(
            transaction, event, None, request_id=engine.ids.new(), kind=RepairKind.REPAIR, state=RepairState.PROPOSED,
            process_key=case.row.process_key, business_key=case.row.business_key, instance_id=instance_id,
            revision=case.row.revision + 1, plan=plan_columns(whole), reason=text,
        )  # fmt: skip
        event.data["request"] = row.request_id
        _tell_approvers(transaction, row, EventKind.REPAIR_PROPOSED)
        case.write_history()
        idempotency.remember(transaction, request, {"request": row.request_id})
        return request_view([row])

    return enter(engine, "propose_repair", actor, {"instance": instance_id}, work)


def propose_migration(
    engine: Engine, process_key: str, actor: Actor, reason: str, *, before: int, after: int,
    instances: tuple[UUID, ...] = (), idempotency_key: str | None = None,
) -> RepairView:  # fmt: skip
    """Propose to move cases of version `before` to `after`; without `instances` all that run on it and can move.

    Raises:
        ForbiddenError: the actor is no operator.
        NotFoundError: no such version.
        InvalidInputError: the two versions are one.
        MigrationRefusedError: none can move, or one of the cases named cannot.
        ReasonRequiredError: no reason.

    """

    def work(transaction: Transaction) -> RepairView:
        sent = {"before": before, "after": after, "instances": sorted(map(str, instances)), "reason": reason}
        request = Request("propose_migration", process_key, idempotency_key, sent)
        if (answer := idempotency.find(transaction, request)) is not None:
            return request_view(versions_of(transaction.session, UUID(answer["request"])))
        access.require_operator(engine.registry, actor)
        text = access.clean_reason(reason)
        if before == after:
            raise InvalidInputError("the cases are on that version", fields={"after": ["same_version"]})
        to = _version(transaction, process_key, after)
        rows = running_on(transaction.session, version_of(transaction.session, process_key, before), instances)
        verdicts = [verdict_of(transaction, row, to) for row in rows]
        moving = [verdict for verdict in verdicts if verdict.moves]
        if not moving or (instances and len(moving) < len(set(instances))):
            refused = [verdict.business_key for verdict in verdicts if not verdict.moves]
            count = (len(set(instances)) or len(verdicts)) - len(moving)  # also those that are over, or elsewhere
            raise MigrationRefusedError("not all of them can move", cases=refused[:MOST_NAMED], count=count)
        event = transaction.system_event(EventKind.MIGRATION_PROPOSED, process=process_key, before=before, after=after,
                                         cases=len(moving))  # fmt: skip
        row = add_version(
            transaction, event, None, request_id=engine.ids.new(), kind=RepairKind.MIGRATION,
            state=RepairState.PROPOSED, process_key=process_key, reason=text, instance_id=None,
            plan={"before": before, "after": after, "instances": [str(verdict.instance_id) for verdict in moving]},
        )  # fmt: skip
        event.data["request"] = row.request_id
        _tell_approvers(transaction, row, EventKind.MIGRATION_PROPOSED)
        idempotency.remember(transaction, request, {"request": row.request_id})
        return request_view([row])

    return enter(engine, "propose_migration", actor, {}, work)


def _tell_approvers(transaction: Transaction, asked: RepairRequest, kind: EventKind) -> None:
    """Leave a notice for everybody who may decide a proposal."""
    hooks, bound = transaction.engine.registry.hooks, transaction.decision_context()
    people = {person for role in hooks.approvers for person in hooks.people_of(bound, role)}
    for person_id in sorted(people - {transaction.actor.id}):
        transaction.add_notice(person_id, kind, asked.business_key, str(asked.request_id))


def _version(transaction: Transaction, process_key: str, version: int) -> Deployed:
    found = version_of(transaction.session, process_key, version)
    return transaction.engine.definitions.get(transaction.session, found)


def _open_request(transaction: Transaction, request_id: UUID) -> list[RepairRequest]:
    """Return the versions of a proposal somebody else may decide now.

    Raises:
        ForbiddenError: the actor holds no approver's role.
        OwnProposalError: he, or the person in whose place he stands, proposed it.
        RepairDecidedError: it is over.

    """
    roles = transaction.engine.registry.hooks.approvers
    access.require_any_role(transaction.actor, roles)
    transaction.actor = access.acting_in(transaction.actor, roles)
    versions = versions_of(transaction.session, request_id)
    if versions[0].person_id in (transaction.actor.id, transaction.actor.on_behalf_of):
        raise OwnProposalError("nobody approves what he proposed", request=str(request_id))
    if versions[-1].state != RepairState.PROPOSED:
        raise RepairDecidedError("it is decided", request=str(request_id), state=str(versions[-1].state))
    return versions


def approve_request(
    engine: Engine, request_id: UUID, actor: Actor, reason: str = "", *, idempotency_key: str | None = None
) -> RepairView:
    """Approve a proposal of somebody else and carry it out, in one transaction.

    Raises:
        ForbiddenError: the actor may not approve; `OwnProposalError` when he proposed it.
        NotFoundError: no such proposal.
        RepairDecidedError: somebody decided already.
        RepairVoidError: the case of the repair moved, or ended, since; the proposal is void from now on.
        MigrationRefusedError: a case of the migration can no longer move; the proposal stays open.

    """

    def work(transaction: Transaction) -> RepairView:
        request = Request("approve_request", str(request_id), idempotency_key, {"reason": reason})
        if (idempotency.find(transaction, request)) is not None:
            return request_view(versions_of(transaction.session, request_id))
        versions = _open_request(transaction, request_id)
        text = access.clean_reason(reason) if reason.strip() else ""
        if versions[0].kind == RepairKind.REPAIR:
            done = _repair(transaction, versions, text)
        else:
            done = _migrate(transaction, versions, text)
        idempotency.remember(transaction, request, {"request": request_id})
        return request_view([*versions, done])

    try:
        return enter(engine, "approve_request", actor, {"request": request_id}, work)
    except RepairVoidError:
        _declare_void(engine, request_id, actor)
        raise


def _repair(transaction: Transaction, versions: list[RepairRequest], reason: str) -> RepairRequest:
    asked = versions[0]
    try:
        case = Case.load(transaction, _instance_of(asked), also_suspended=True)
    except InstanceEndedError as error:
        raise RepairVoidError("the case is over", request=str(asked.request_id)) from error
    case.hold()
    if case.row.revision != asked.revision or case.fire_due_timers():
        raise RepairVoidError("the case moved", request=str(asked.request_id), business_key=asked.business_key)
    try:
        plan = check_plan(case, plan_of(asked))
    except ImpossibleRepairError as error:  # same revision, other rules: the version of the software changed
        raise RepairVoidError("the plan fits no more", request=str(asked.request_id)) from error
    event = case.event(
        EventKind.INSTANCE_REPAIRED,
        plan.process_key,
        plan.source,
        target=plan.target,
        request=asked.request_id,
        proposed_by=asked.person_id,
        variables=plan.variables,
    )
    done = add_version(transaction, event, versions[-1], state=RepairState.APPROVED, reason=reason)
    carry_out(case, plan)
    suspended = case.row.status == InstanceStatus.SUSPENDED
    case.finish(event)
    redescribe(case)
    if suspended and case.row.ended_at is None:
        mark_tasks(transaction, case.row.id, suspended=True)
    elif suspended:
        release_jobs(case)  # a message that waited for it finds it over
    transaction.add_notice(asked.person_id, EventKind.INSTANCE_REPAIRED, asked.business_key, str(asked.request_id))
    return done


def _instance_of(row: RepairRequest) -> UUID:
    if row.instance_id is None:
        raise NotFoundError("the proposal names no case", request=str(row.request_id))
    return row.instance_id


def _migrate(transaction: Transaction, versions: list[RepairRequest], reason: str) -> RepairRequest:
    asked = versions[0]
    chosen = tuple(UUID(text) for text in asked.plan["instances"])
    before = version_of(transaction.session, asked.process_key, asked.plan["before"])
    to = _version(transaction, asked.process_key, asked.plan["after"])
    moved, refused = 0, []
    for found in running_on(transaction.session, before, chosen):  # in the order of ids, in which all doors lock
        row = held_on(transaction, found, before)
        if row is None:
            continue
        if not verdict_of(transaction, row, to).moves:
            refused.append(row.business_key)
        elif not refused:
            transaction.session.expunge(row)
            move_case(transaction, row.id, to, request=asked.request_id, proposed_by=asked.person_id)
            if row.status == InstanceStatus.SUSPENDED:
                mark_tasks(transaction, row.id, suspended=True)
            moved += 1
    if refused or not moved:
        raise MigrationRefusedError("some cannot move", cases=refused[:MOST_NAMED], count=len(refused))
    event = transaction.system_event(
        EventKind.MIGRATION_DONE, process=asked.process_key, before=asked.plan["before"], after=asked.plan["after"],
        request=asked.request_id, cases=moved, proposed_by=asked.person_id,
    )  # fmt: skip
    transaction.add_notice(asked.person_id, EventKind.MIGRATION_DONE, "", str(asked.request_id))
    return add_version(transaction, event, versions[-1], state=RepairState.APPROVED, reason=reason)


def _declare_void(engine: Engine, request_id: UUID, actor: Actor) -> None:
    """Write for good that a proposal is void, unless somebody did already."""

    def work(transaction: Transaction) -> None:
        try:
            versions = _open_request(transaction, request_id)
        except (ConflictError, ForbiddenError):
            return
        _end(transaction, versions, RepairState.VOID, EventKind.REPAIR_VOIDED, "")

    enter(engine, "void_request", actor, {"request": request_id}, work)


def _end(
    transaction: Transaction, versions: list[RepairRequest], state: RepairState, kind: EventKind, reason: str
) -> RepairRequest:
    """End a proposal without carrying it out: on the chain of its case, or of the system when the case is over."""
    asked = versions[0]
    case = _case_of(transaction, asked)
    if case is None:
        event = transaction.system_event(kind, business_key=asked.business_key)
    else:
        event = case.event(kind, asked.plan["process_key"], asked.plan["source"])
    event.data.update({"request": asked.request_id, "proposed_by": asked.person_id})
    transaction.add_notice(asked.person_id, kind, asked.business_key, str(asked.request_id))
    done = add_version(transaction, event, versions[-1], state=state, reason=reason)
    if case is not None:
        case.write_history()
    return done


def _case_of(transaction: Transaction, asked: RepairRequest) -> Case | None:
    """Return the case of a repair with its row held, None when it is over, or there is none."""
    if asked.instance_id is None:
        return None
    try:
        case = Case.load(transaction, asked.instance_id, also_suspended=True)
    except InstanceEndedError:
        return None
    case.hold()
    return case


def reject_request(
    engine: Engine, request_id: UUID, actor: Actor, reason: str, *, idempotency_key: str | None = None
) -> RepairView:
    """Reject a proposal of somebody else; nothing of it is carried out.

    Raises:
        ForbiddenError: the actor may not approve; `OwnProposalError` when he proposed it.
        NotFoundError: no such proposal.
        RepairDecidedError: somebody decided already.
        ReasonRequiredError: no reason.

    """

    def work(transaction: Transaction) -> RepairView:
        request = Request("reject_request", str(request_id), idempotency_key, {"reason": reason})
        if idempotency.find(transaction, request) is not None:
            return request_view(versions_of(transaction.session, request_id))
        versions = _open_request(transaction, request_id)
        text = access.clean_reason(reason)
        repair = versions[0].kind == RepairKind.REPAIR
        kind = EventKind.REPAIR_REJECTED if repair else EventKind.MIGRATION_REJECTED
        done = _end(transaction, versions, RepairState.REJECTED, kind, text)
        idempotency.remember(transaction, request, {"request": request_id})
        return request_view([*versions, done])

    return enter(engine, "reject_request", actor, {"request": request_id}, work)
