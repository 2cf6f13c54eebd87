"""A process that is killed between its commit and its answer: whoever asks again under the same key gets that answer.

The process is a real one and kills itself as soon as the database has said that the commit stands.
"""

import multiprocessing as mp
import os
import signal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import history, queries
from engine.commands.tasks import claim_task, complete_task
from engine.db import reading
from engine.errors import RequestMismatchError, TaskAlreadyClaimedError
from tests.office import Office
from tests.paths import stories
from tests.support.traces import counts

PATIENCE = 120
KEY = "one key"


def answer_and_die(
    database_url: str, folder: Path, names: dict[str, dict[str, str]], task_id: UUID, values: dict[str, Any]
) -> None:
    """A process of the product that never tells what it has done."""
    office = Office.reopen(database_url, folder, names)
    sa.event.listen(Session, "after_commit", lambda _session: os.kill(os.getpid(), signal.SIGKILL))
    complete_task(office.engine, task_id, office.actor("officer"), values, idempotency_key=KEY)


@pytest.mark.slow
def test_an_answer_that_was_lost_is_given_again(office: Office) -> None:
    case = stories.filed(office)
    task = case.task("check_completeness", "officer")
    values = {"items": stories.items(case), "outcome": "accepted"}
    settings = office.settings
    process = mp.get_context("spawn").Process(
        target=answer_and_die, args=(settings.database_url, settings.data_dir, office.names, task.id, values)
    )
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL
    process.close()

    assert case.open_elements() == ["appraise"], "it was done"
    before = counts(office)
    result = complete_task(office.engine, task.id, office.actor("officer"), values, idempotency_key=KEY)
    assert [view.element_id for view in result.opened] == ["appraise"]
    assert result.closed == (task.id,)
    assert counts(office) == before, "and it is not done again"
    with pytest.raises(RequestMismatchError):
        complete_task(office.engine, task.id, office.actor("officer"), {**values, "outcome": "rejected"},
                      idempotency_key=KEY)  # fmt: skip
    somebody_elses(office, case.task("appraise", "officer").id)
    with reading(office.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session, file_hash=office.file_hash)) == []


def somebody_elses(office: Office, task_id: UUID) -> None:
    """The same key of another person is another key: it neither gets the officer's answer nor is refused for it."""
    with pytest.raises(TaskAlreadyClaimedError):
        claim_task(office.engine, task_id, office.actor("secretary"), idempotency_key=KEY)
    assert queries.get_task(office.engine, task_id).assignee == office.people["officer"]
