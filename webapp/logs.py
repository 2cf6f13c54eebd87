"""Logs: one line per event, plain or JSON, without form contents, secrets or personal data.

What may appear beside the message is a short list of codes and counts; of an exception its type and the places it
passed through, never its message, which may quote what a person typed.
"""

import logging
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

ALLOWED = ("code", "status", "reference", "method", "endpoint", "milliseconds", "job", "duty", "count")
"""What a log call may add by `extra`; anything else is dropped."""

LEVELS = ("debug", "info", "warning", "error")
FORMATS = ("plain", "json")
_ROOT = Path(__file__).resolve().parent.parent
_QUIET = ("spiff", "celery", "kombu", "amqp", "alembic", "sqlalchemy", "fontTools", "urllib3")


def configure(level: str, form: str) -> None:
    """Send the logs of this process to standard error.

    Args:
        level: one of `LEVELS`; other libraries speak from `warning` on.
        form: one of `FORMATS`.

    """
    shared: list[Processor] = [
        structlog.stdlib.ExtraAdder(allow=ALLOWED),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        first_line_of_libraries,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        tell_exception,
    ]
    last: Processor = structlog.processors.JSONRenderer(ensure_ascii=False) if form == "json" else plain_line
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def first_line_of_libraries(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Keep the first line of what a library says: Celery's beat adds the whole stack to each ring that failed."""
    if str(event.get("logger", "")).partition(".")[0] in _QUIET:
        event["event"] = str(event["event"]).partition("\n")[0]
    return event


def tell_exception(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Put an exception's type and places into the event instead of its text."""
    found = event.pop("exc_info", None)
    if isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    elif found and not isinstance(found, tuple):
        found = sys.exc_info()
    if found and found[1] is not None:
        event["exception"] = " < ".join(_told(found[1]))
    return event


def _told(error: BaseException) -> Iterator[str]:
    """Yield an exception and those it came from, each with the places it passed, innermost first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield f"{type(current).__name__} [{', '.join(_places(current.__traceback__))}]"
        current = current.__cause__ or current.__context__


def _places(trace: TracebackType | None) -> Iterator[str]:
    for frame in reversed(traceback.extract_tb(trace)):
        file = Path(frame.filename)
        inside = file.is_relative_to(_ROOT) and ".venv" not in file.parts
        yield f"{file.relative_to(_ROOT) if inside else file.name}:{frame.lineno} {frame.name}"


def plain_line(_logger: Any, _method: str, event: EventDict) -> str:
    """Return an event as `time level logger: message key=value …`."""
    head = [event.pop(name, "") for name in ("timestamp", "level", "logger", "event")]
    rest = " ".join(f"{name}={value}" for name, value in event.items())
    return " ".join(f"{head[0]} {head[1]} {head[2]}: {head[3]} {rest}".split())
