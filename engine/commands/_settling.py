"""How an action completes the personal tasks of its actor at which it leaves nothing to be done.

A ballot is its member's alone and a multi-instance task waits for it. Whoever declares an interest beside it has
answered it: it ends in the same transaction, in the case's own history, and the case does not wait for the deadline.
"""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from engine.case import Case, case_by_key, lock_instance
from engine.chain import EventKind
from engine.commands._loading import close_row, load_task
from engine.context import Actor
from engine.models import TaskStatus, UserTask
from engine.registry import UserStep
from engine.transaction import Transaction


def settle_tasks(transaction: Transaction, action: str, actor: Actor, business_key: str) -> list[UUID]:
    """Complete the actor's open personal tasks that an action about a case settles; return their ids.

    The case is locked first, so that a task that is just being opened is seen, or opens after what the action wrote.

    Raises:
        InstanceSuspendedError, TimersBrokenError, UnreadableCaseError: the case cannot be moved now; the action waits
            with it.

    """
    steps = transaction.engine.registry.settled_by(action)
    if not steps or not business_key:
        return []
    lock_instance(transaction, case_by_key(business_key).scalar_subquery())
    query = (
        select(UserTask.id)
        .where(UserTask.assignee == actor.id, UserTask.status == TaskStatus.OPEN, UserTask.personal.is_(True))
        .where(UserTask.business_key == business_key, UserTask.step_key.in_(steps))
        .order_by(UserTask.instance_id, UserTask.id)
    )
    found = list(transaction.session.scalars(query))
    return [task_id for task_id in found if _settle(transaction, action, actor, task_id, steps)]


def _settle(
    transaction: Transaction, action: str, actor: Actor, task_id: UUID, steps: Mapping[str, UserStep]
) -> bool:  # fmt: skip
    """Complete one task; not when a timer that was due has just closed it, which stands for itself."""
    found = load_task(transaction, task_id)
    task, step = found.view, steps[found.view.step_key]
    case = Case.open(transaction, found.instance)
    case.act_as(actor)
    case.hold()
    if case.fire_due_timers() and found.token not in {waiting.token for waiting in case.run.user_tasks()}:
        case.finish()
        return False
    ctx = case.context(task.process_key, task.element_id, task.variables, task.id)
    event = case.event(EventKind.TASK_COMPLETED, task.process_key, task.element_id, task=task.id, settled_by=action)
    step.settled_by[action](ctx)
    case.services.conclude(event, ctx, step.key, {})
    case.run.complete(found.token, {})
    close_row(transaction, found, step, actor)
    case.finish(event, completed=(found.token, task.id))
    return True
