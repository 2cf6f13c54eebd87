"""An overdue task is told to the head of its unit, once: a due row like a reminder's, written when the task opens."""

from sqlalchemy import bindparam, delete, select, update

from engine.case import Case
from engine.chain import EventKind
from engine.context import DecisionContext
from engine.db import table_of
from engine.models import DueTimer, TaskStatus, UserTask
from engine.projection import queue_of

_TASK = table_of(UserTask)
_MARKED = update(_TASK).where(_TASK.c.id == bindparam("task_id"))


def escalate(case: Case, row: DueTimer) -> None:
    """Tell the heads of the unit that a task is late, mark it in the queues, and be done with the row.

    Where the unit has no head today nobody is told; the mark and the event stand all the same.
    """
    transaction = case.transaction
    task = transaction.session.scalars(
        select(UserTask).where(
            UserTask.instance_id == case.row.id, UserTask.token == row.token, UserTask.status == TaskStatus.OPEN
        )
    ).one()
    transaction.session.expunge(task)
    bound = DecisionContext(transaction.session, transaction.now)
    heads = list(transaction.engine.registry.hooks.heads_of(bound, queue_of(task.role, task.scope)))
    key = case.deployed.properties(task.process_key, task.element_id)["escalate"]
    case.event(EventKind.TASK_ESCALATED, task.process_key, task.element_id, task=task.id, step=task.step_key,
               deadline=key, people=heads)  # fmt: skip
    for person_id in heads:
        transaction.add_notice(person_id, "task.escalated", case.row.business_key, str(task.id))
    connection = transaction.session.connection()
    connection.execute(_MARKED, {"task_id": task.id, "escalated_at": transaction.now})
    connection.execute(delete(table_of(DueTimer)).where(table_of(DueTimer).c.id == row.id))
