"""Door of in-app notices: they may be marked read."""

from uuid import UUID

from sqlalchemy import update

from engine.context import SYSTEM
from engine.db import table_of
from engine.models import Notice
from engine.runtime_environment import Engine
from engine.transaction import Transaction, enter


def mark_read(engine: Engine, person_id: str, notice_id: UUID | None = None) -> int:
    """Mark one notice of a person, or all of them, as read; return how many were unread."""

    def work(transaction: Transaction) -> int:
        table = table_of(Notice)
        statement = update(table).where(table.c.person_id == person_id, table.c.read_at.is_(None))
        if notice_id is not None:
            statement = statement.where(table.c.id == notice_id)
        return transaction.session.connection().execute(statement.values(read_at=transaction.now)).rowcount

    return enter(engine, "mark_read", SYSTEM, {"person": person_id}, work)
