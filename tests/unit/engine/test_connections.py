"""Connections that rested: asked before they are used again, and replaced where the server let go of them."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from engine.db import SessionFactory, open_database, unit_of_work

pytestmark = pytest.mark.postgresql


def own_process(sessions: SessionFactory) -> int:
    with unit_of_work(sessions) as session:
        found: int = session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    return found


def cut_off(address: str, process: int) -> None:
    other = sa.create_engine(address)
    with other.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_terminate_backend({process}, 5000)")
    other.dispose()


def test_a_rested_connection_that_broke_is_replaced_before_anybody_notices(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.connections.UNASKED_SECONDS", -1.0)
    database, sessions = open_database(postgresql_url)
    first = own_process(sessions)
    assert own_process(sessions) == first, "one that is well is used again"
    cut_off(postgresql_url, first)
    assert own_process(sessions) != first
    database.dispose()


def test_one_that_broke_while_it_was_hardly_at_rest_is_refused_once(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.connections.UNASKED_SECONDS", 3600.0)
    database, sessions = open_database(postgresql_url)
    first = own_process(sessions)
    cut_off(postgresql_url, first)
    with pytest.raises(DBAPIError) as fault:
        own_process(sessions)
    assert fault.value.connection_invalidated
    assert own_process(sessions) != first
    database.dispose()
