"""How commands reach the engine: over a database that stands at this version, in the system's name."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from engine.errors import EngineError
from engine.runtime_environment import Engine
from webapp import schema
from webapp.backup import database_exists
from webapp.cli.words import fail, refusal_text
from webapp.settings import Settings, from_environment


@dataclass(frozen=True, slots=True)
class Opened:
    """The settings of this environment and the engine over them."""

    settings: Settings
    engine: Engine


@contextmanager
def opened() -> Iterator[Opened]:
    """Yield the engine; a refusal of a door inside the block ends the command with its sentence."""
    from webapp.wiring import build_engine

    settings = from_environment()
    standing = schema.revision_of(settings.database_url) if database_exists(settings) else None
    schema.require_known(standing)
    if standing != schema.newest_revision():
        fail("cơ sở dữ liệu chưa ở phiên bản này, hãy chạy: thidua migrate (database is not at this version).")
    engine = build_engine(settings)
    try:
        yield Opened(settings, engine)
    except EngineError as refusal:
        fail(refusal_text(refusal))
    finally:
        engine.sessions.kw["bind"].dispose()
