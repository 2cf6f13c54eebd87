"""Logs tell what happened, never what somebody typed."""

import json
import logging
from collections.abc import Iterator

import pytest

from webapp import logs, worker

SENSITIVE = "đơn tố cáo của bà Hoa"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def written(form: str, capsys: pytest.CaptureFixture[str]) -> str:
    logs.configure("info", form)
    log = logging.getLogger("webapp.test")
    try:
        try:
            raise ValueError(SENSITIVE)
        except ValueError as first:
            raise KeyError(SENSITIVE) from first
    except KeyError:
        log.exception("unexpected error", extra={"reference": "ab12", "form": SENSITIVE, "password": "x y z"})
    log.info("refused", extra={"code": "forbidden", "status": 403, "username": SENSITIVE})
    log.debug("not told")
    return capsys.readouterr().err


@pytest.mark.parametrize("form", logs.FORMATS)
def test_nothing_typed_is_written(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = written(form, capsys)
    assert SENSITIVE not in text
    assert "x y z" not in text
    assert "not told" not in text
    assert "KeyError" in text
    assert "ValueError" in text
    assert "ab12" in text
    assert "forbidden" in text


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [json.loads(line) for line in written("json", capsys).splitlines()]
    assert [line["event"] for line in lines] == ["unexpected error", "refused"]
    assert lines[1]["level"] == "info"
    assert lines[1]["logger"] == "webapp.test"
    assert "tests/web/test_logs.py" in lines[0]["exception"]


def test_plain_is_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    lines = written("plain", capsys).splitlines()
    assert len(lines) == 2
    assert lines[1].endswith("info webapp.test: refused code=forbidden status=403")


def test_words_of_a_database_over_two_lines_are_one(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "plain")
    logging.getLogger("webapp.test").error("no answer: %s", "refused\n\tIs the server running?\n")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("error webapp.test: no answer: refused Is the server running?")


def test_a_bug_in_a_duty_of_the_worker_is_told_without_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "plain")
    worker.run_job(SENSITIVE)  # no id at all
    (line,) = capsys.readouterr().err.splitlines()
    assert "thidua.worker: job: unexpected error" in line
    assert "ValueError" in line
    assert SENSITIVE not in line


@pytest.mark.parametrize("form", logs.FORMATS)
def test_beat_tells_no_stack_of_a_broker_that_is_away(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", form)
    logging.getLogger("celery.beat").error("Message Error: %s\n%s", "refused", ['  File "beat.py", line 10'])
    text = capsys.readouterr().err
    assert "Message Error: refused" in text
    assert "beat.py" not in text
