"""What an older or newer version left behind, or a disk damaged: said clearly, shown to a person, nothing half done."""

import pytest
import sqlalchemy as sa

from engine import history, queries
from engine.commands.incidents import retry_incident
from engine.commands.instances import cancel_instance
from engine.commands.jobs import run_due_jobs
from engine.commands.tasks import take_over_task
from engine.db import Base, reading
from engine.deployment import DefinitionCache
from engine.errors import EngineError, UnreadableCaseError
from engine.models import DiagramFile, ProcessInstance
from tests.office import Case, Office
from tests.paths import stories
from tests.support.traces import counts
from workflows import labels

STATES = {
    "a later format": lambda state: b"\xff" + state[1:],
    "no format at all": lambda _state: b"",
    "half of it": lambda state: state[: len(state) // 2],
    "something else": lambda _state: b"\x02{}",
}


def replace_state(office: Office, case: Case, state: bytes) -> None:
    with office.database.begin() as connection:
        table = ProcessInstance.__table__
        connection.execute(sa.update(table).where(table.c.id == case.id).values(state=state))


def state_of(office: Office, case: Case) -> bytes:
    with reading(office.engine.sessions) as session:
        return bytes(session.get_one(ProcessInstance, case.id).state)


@pytest.mark.parametrize("damage", STATES)
def test_a_state_that_cannot_be_read_is_refused_in_words_by_every_door(sqlite_office: Office, damage: str) -> None:
    office = sqlite_office
    case = stories.filed(office)
    task, sound = case.open_tasks()[0].id, state_of(office, case)
    items = stories.items(case)
    replace_state(office, case, STATES[damage](sound))
    before = counts(office)
    attempts = (
        lambda: office.complete(task, office.actor("officer"), items=items, outcome="accepted"),
        lambda: take_over_task(office.engine, task, office.actor("secretary"), "Đồng chí Én nghỉ ốm."),
        lambda: case.say("head", "nominations.withdraw", reason="Chuyển sang đợt sau."),
        lambda: cancel_instance(office.engine, case.id, office.actor("admin"), "Nhập trùng."),
    )
    for attempt in attempts:
        with pytest.raises(UnreadableCaseError):
            attempt()
    assert counts(office) == {**before, "history_event": before["history_event"] + len(attempts)}
    assert [one.id for one in case.open_tasks()] == [task], "queues and pages that need no state still open"
    with reading(office.engine.sessions, at_one_instant=True) as session:
        found = [(one.code, one.what) for one in history.verify(session, file_hash=office.file_hash)]
    assert found == [("case_altered", "state")], "the record knows what the state was"
    replace_state(office, case, sound)
    office.complete(task, office.actor("officer"), items=items, outcome="accepted")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_refusal_has_a_sentence(language: str) -> None:
    assert labels.find_label(f"errors.{UnreadableCaseError.code}", language)


def test_a_clock_over_an_unreadable_case_becomes_an_incident(office: Office) -> None:
    case = stories.accepted(office, stories.filed(office))
    other = stories.accepted(office, stories.filed(office, nominee="nominee2"))
    sound = state_of(office, case)
    replace_state(office, case, STATES["a later format"](sound))
    office.wait(days=20)
    assert (case.view.status, other.open_elements()) == ("incident", ["summarise_feedback"])
    (incident,) = queries.list_incidents(office.engine)
    assert (incident.error, incident.business_key) == ("UnreadableCaseError", case.key)
    replace_state(office, case, sound)
    retry_incident(office.engine, incident.job_id, office.actor("admin"), "Đã nâng cấp phần mềm.")
    run_due_jobs(office.engine)
    assert (case.view.status, case.open_elements()) == ("running", ["summarise_feedback"])
    with reading(office.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session, file_hash=office.file_hash)) == []


def another_process_of_the_product(office: Office) -> None:
    """What one process has parsed it keeps; a fresh one has to read it from the database."""
    object.__setattr__(office.engine, "definitions", DefinitionCache())


@pytest.mark.parametrize("damage", ["gone", "no XML", "another diagram"])
def test_a_missing_or_damaged_diagram_stops_what_runs_on_it_and_is_named(sqlite_office: Office, damage: str) -> None:
    office = sqlite_office
    case = stories.filed(office)
    task, items = case.open_tasks()[0].id, stories.items(case)
    table = DiagramFile.__table__
    with office.database.begin() as connection:
        kept = connection.execute(sa.select(table).where(table.c.process_key == "feedback")).mappings().one()
        where = table.c.sha256 == kept["sha256"]
        if damage == "gone":
            connection.execute(sa.delete(table).where(where))
        else:
            connection.execute(sa.update(table).where(where).values(xml=b"<x/>" if damage != "no XML" else b"none"))
    another_process_of_the_product(office)
    before = counts(office)
    for attempt in (
        lambda: office.complete(task, office.actor("officer"), items=items, outcome="accepted"),
        lambda: stories.opened(office, nominee="nominee2"),
    ):
        with pytest.raises(EngineError) as refusal:
            attempt()
        assert refusal.value.code == "case_unreadable"
    assert counts(office) == {**before, "history_event": before["history_event"] + 2}
    with reading(office.engine.sessions, at_one_instant=True) as session:
        codes = {one.code for one in history.verify(session, file_hash=office.file_hash)}
    assert codes == ({"fact_missing"} if damage == "gone" else {"diagram_altered", "fact_altered"})
    with office.database.begin() as connection:
        connection.execute(sa.delete(table).where(where))
        connection.execute(sa.insert(Base.metadata.tables["diagram_file"]).values(dict(kept)))
    another_process_of_the_product(office)
    office.complete(task, office.actor("officer"), items=items, outcome="accepted")
