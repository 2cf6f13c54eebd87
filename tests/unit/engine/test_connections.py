"""Connections: what only reads writes nothing; one that rested is asked, and replaced where the server let it go."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from engine.db import Base, SessionFactory, open_database, reading, table_of, unit_of_work
from engine.models import Notice
from engine.statements import Statement

NOW = datetime(2025, 5, 20, tzinfo=UTC)

NOTICES = Statement(sa.delete(table_of(Notice)))


@pytest.mark.parametrize("at_one_instant", [False, True])
def test_a_reading_writes_nothing_and_one_that_would_is_a_mistake_of_the_program(
    database_url: str, at_one_instant: bool
) -> None:
    database, sessions = open_database(database_url)
    Base.metadata.create_all(database)
    with reading(sessions, at_one_instant=at_one_instant) as session:
        assert session.scalars(sa.select(Notice)).all() == []
        with pytest.raises(RuntimeError, match="writes nothing"):
            session.execute(sa.delete(Notice))
        with pytest.raises(RuntimeError, match="writes nothing"):
            NOTICES.run(session, {})
    database.dispose()


@pytest.mark.postgresql
def test_a_proof_reads_the_database_at_one_instant(postgresql_url: str) -> None:
    database, sessions = open_database(postgresql_url)
    Base.metadata.create_all(database)
    notice = Notice(id=UUID(int=1), person_id="p", kind="k", business_key="", about="", at=NOW, read_at=None)
    count = sa.select(sa.func.count()).select_from(Notice)
    with reading(sessions, at_one_instant=True) as proof, reading(sessions) as glance:
        assert (proof.scalar(count), glance.scalar(count)) == (0, 0)
        with unit_of_work(sessions) as session:
            session.add(notice)
        assert (proof.scalar(count), glance.scalar(count)) == (0, 1)
    database.dispose()


def own_process(sessions: SessionFactory) -> int:
    with unit_of_work(sessions) as session:
        found: int = session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    return found


def cut_off(address: str, process: int) -> None:
    other = sa.create_engine(address)
    with other.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_terminate_backend({process}, 5000)")
    other.dispose()


@pytest.mark.postgresql
@pytest.mark.parametrize("unasked_seconds", [-1.0, 3600.0], ids=["rested, so asked", "young, but told goodbye"])
def test_a_connection_that_broke_is_replaced_before_anybody_notices(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch, unasked_seconds: float
) -> None:
    monkeypatch.setattr("engine.connections.UNASKED_SECONDS", unasked_seconds)
    database, sessions = open_database(postgresql_url)
    first = own_process(sessions)
    assert own_process(sessions) == first, "one that is well is used again"
    cut_off(postgresql_url, first)
    assert own_process(sessions) != first
    database.dispose()


@pytest.mark.postgresql
def test_a_young_connection_that_was_told_something_else_stays(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.connections.UNASKED_SECONDS", 3600.0)
    database, sessions = open_database(postgresql_url)
    with unit_of_work(sessions) as session:
        session.connection().exec_driver_sql("LISTEN office")
    first = own_process(sessions)
    other = sa.create_engine(postgresql_url)
    with other.begin() as connection:
        connection.exec_driver_sql("NOTIFY office, 'the sitting begins'")
    other.dispose()
    assert own_process(sessions) == first
    database.dispose()


@pytest.mark.postgresql
def test_one_that_breaks_at_work_is_refused_once(postgresql_url: str) -> None:
    database, sessions = open_database(postgresql_url)

    def broken_at_work() -> int:
        with unit_of_work(sessions) as session:
            process: int = session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            cut_off(postgresql_url, process)
            return int(session.connection().exec_driver_sql("SELECT 1").scalar_one())

    with pytest.raises(DBAPIError) as fault:
        broken_at_work()
    assert fault.value.connection_invalidated
    assert own_process(sessions) > 0
    database.dispose()
