"""Statements that go to the driver past SQLAlchemy's own way say and hear the same as those that do not."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from engine.db import Base, columns_of, open_database, table_of, unit_of_work, value_of
from engine.models import Job, JobStatus, RuleEvaluation
from engine.statements import Statement, one_of
from tests.bench.measure import counting

NOW = datetime(2025, 5, 20, 1, 30, tzinfo=UTC)
AN_ID, ANOTHER_ID = UUID(int=7), UUID(int=8)
EVALUATION = {
    "id": AN_ID, "instance_id": None, "element_id": "vote_outcome", "table_key": "vote_outcome",
    "valid_from": date(2019, 1, 1), "sha256": "ab" * 32, "looked_up_on": date(2025, 5, 20), "at": NOW,
    "inputs": {"votes": 7, "quorum": True}, "outputs": {"outcome": "passed"}, "matched": [{"id": "F13 – 70 %"}],
}  # fmt: skip
INSERT = Statement(sa.insert(table_of(RuleEvaluation)))
FIND = Statement(sa.select(*columns_of(RuleEvaluation)).where(RuleEvaluation.id == sa.bindparam("sought")))


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    database, sessions = open_database(database_url)
    Base.metadata.create_all(database)
    with unit_of_work(sessions) as session:
        yield session
    database.dispose()


def test_what_is_written_is_read_again_as_what_it_was(session: Session) -> None:
    assert INSERT.run(session, EVALUATION) == 1
    (cells,) = FIND.all(session, {"sought": AN_ID})
    assert dict(zip(table_of(RuleEvaluation).columns.keys(), cells, strict=True)) == EVALUATION
    assert FIND.first(session, {"sought": AN_ID}) == cells
    assert FIND.first(session, {"sought": ANOTHER_ID}) is None


def test_sqlalchemy_reads_what_the_driver_was_given_and_the_other_way_round(session: Session) -> None:
    INSERT.run(session, EVALUATION)
    theirs = session.get_one(RuleEvaluation, AN_ID)
    assert (theirs.at, theirs.valid_from, theirs.inputs) == (NOW, date(2019, 1, 1), {"votes": 7, "quorum": True})
    session.add(RuleEvaluation(**{**EVALUATION, "id": ANOTHER_ID, "element_id": "prize"}))
    session.flush()
    cells = FIND.first(session, {"sought": ANOTHER_ID})
    assert cells is not None
    assert value_of(RuleEvaluation, cells).element_id == "prize"


def test_many_rows_are_one_journey_and_none_is_none(session: Session) -> None:
    rows = [{**EVALUATION, "id": UUID(int=number)} for number in range(1, 6)]
    with counting(session.get_bind()) as asked:  # type: ignore[arg-type]
        INSERT.run_each(session, rows)
        INSERT.run_each(session, [])
    assert asked.count == 1
    assert len(Statement(sa.select(RuleEvaluation.id)).all(session, {})) == 5


def test_an_insert_takes_the_defaults_of_its_columns(session: Session) -> None:
    job = {
        "id": AN_ID, "kind": "message", "key": "k", "payload": {}, "actor_id": "a", "actor_post": "", "token": "",
        "created_at": NOW, "due_at": NOW,
    }  # fmt: skip
    Statement(sa.insert(table_of(Job))).run(session, job)
    stored = session.get_one(Job, AN_ID)
    assert (stored.status, stored.attempts, stored.instance_id) == (JobStatus.PENDING, 0, None)


def test_a_value_nobody_gave_is_a_mistake_of_the_program(session: Session) -> None:
    with pytest.raises(KeyError, match="sought"):
        FIND.first(session, {})
    with pytest.raises(KeyError, match="table_key"):
        INSERT.run(session, {name: value for name, value in EVALUATION.items() if name != "table_key"})


def test_an_update_sets_what_it_was_made_for_and_tells_how_many_rows_it_met(session: Session) -> None:
    INSERT.run(session, EVALUATION)
    table = table_of(RuleEvaluation)
    rename = Statement(sa.update(table).where(table.c.id == sa.bindparam("which")), ["element_id"])
    assert rename.run(session, {"which": AN_ID, "element_id": "prize", "table_key": "not set"}) == 1
    assert rename.run(session, {"which": ANOTHER_ID, "element_id": "prize"}) == 0
    found = session.get_one(RuleEvaluation, AN_ID)
    assert (found.element_id, found.table_key) == ("prize", "vote_outcome")


def test_deleted_rows_may_be_read(session: Session) -> None:
    INSERT.run(session, EVALUATION)
    table = table_of(RuleEvaluation)
    empty = Statement(sa.delete(table).where(table.c.id == sa.bindparam("which")).returning(table.c.valid_from))
    assert empty.all(session, {"which": AN_ID}) == [(date(2019, 1, 1),)]
    assert empty.all(session, {"which": AN_ID}) == []


def test_a_fault_of_the_database_is_sqlalchemys_and_names_no_value(database_url: str) -> None:
    database, sessions = open_database(database_url)
    Base.metadata.create_all(database)
    secret = {**EVALUATION, "element_id": "what nobody may read in a log"}

    def twice() -> None:
        with unit_of_work(sessions) as session:
            INSERT.run(session, secret)
            INSERT.run(session, secret)

    with pytest.raises(IntegrityError) as fault:
        twice()
    assert "INSERT INTO rule_evaluation" in str(fault.value)
    assert "nobody may read" not in str(fault.value)
    assert fault.value.orig is not None
    with unit_of_work(sessions) as session:
        assert FIND.first(session, {"sought": AN_ID}) is None, "the transaction went with it"
    database.dispose()


def test_a_naive_instant_is_refused_before_it_is_sent(session: Session) -> None:
    with pytest.raises(ValueError, match="naive"):
        INSERT.run(session, {**EVALUATION, "at": NOW.replace(tzinfo=None)})


@pytest.mark.postgresql
def test_a_server_that_went_away_is_known_as_such(postgresql_url: str) -> None:
    database, sessions = open_database(postgresql_url)
    Base.metadata.create_all(database)

    def cut_off() -> None:
        with unit_of_work(sessions) as session, database.connect() as other:
            own = session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            other.exec_driver_sql(f"SELECT pg_terminate_backend({own})")
            FIND.first(session, {"sought": AN_ID})

    with pytest.raises(DBAPIError) as fault:
        cut_off()
    assert fault.value.connection_invalidated
    with unit_of_work(sessions) as session:
        assert FIND.first(session, {"sought": AN_ID}) is None, "the next transaction has a new connection"
    database.dispose()


MANY = Statement(
    sa.select(RuleEvaluation.id)
    .where(one_of(RuleEvaluation.id, "ids"), one_of(RuleEvaluation.element_id, "elements"))
    .order_by(RuleEvaluation.id)
)


def test_a_list_is_one_value_of_a_statement_however_long_it_is(session: Session) -> None:
    ids = [UUID(int=number) for number in range(1, 300)]
    INSERT.run_each(session, [{**EVALUATION, "id": one} for one in ids])

    def found(wanted: list[UUID], elements: list[str]) -> list[UUID]:
        return [row[0] for row in MANY.all(session, {"ids": wanted, "elements": elements})]

    assert found(ids, ["vote_outcome", "prize"]) == ids
    assert found([AN_ID, UUID(int=999), ANOTHER_ID, AN_ID], ["vote_outcome"]) == [AN_ID, ANOTHER_ID]
    assert found([], ["vote_outcome"]) == found(ids, []) == found(ids, ["'); --", '"', "\\", "Én"]) == []


def test_an_index_answers_for_a_list(session: Session) -> None:
    INSERT.run_each(session, [{**EVALUATION, "id": UUID(int=number)} for number in range(1, 300)])
    connection = session.connection()
    text = str(sa.select(RuleEvaluation.id).where(one_of(RuleEvaluation.id, "ids")).compile(dialect=connection.dialect))
    if connection.dialect.name == "sqlite":
        told = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("[]",)).all()
        assert any("SEARCH rule_evaluation USING" in str(row) for row in told), told
    else:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        told = connection.exec_driver_sql(f"EXPLAIN {text}", {"ids": [AN_ID]}).all()
        assert any("Index Cond" in str(row) for row in told), told
