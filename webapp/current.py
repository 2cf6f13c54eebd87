"""What a view may reach: the composition, the engine, the person of this request."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from flask import current_app, g

from engine.clock import Clock, local_date
from engine.context import Actor
from engine.db import SessionFactory
from engine.runtime_environment import Engine
from webapp.auth.views import AccountView
from workflows.documents.storage import FileStorage


@dataclass(frozen=True, slots=True)
class Composition:
    """The three layers put together, once per process (`webapp/wiring.py`)."""

    settings: Any
    engine: Engine
    files: FileStorage

    @property
    def sessions(self) -> SessionFactory:
        """The one session factory."""
        return self.engine.sessions

    @property
    def machine_clock(self) -> Clock:
        """The machine's clock: sign-in, leases, rate limits."""
        return self.engine.machine_clock


EXTENSION = "thidua"


def composition() -> Composition:
    """Return the composition of the running application."""
    return cast(Composition, current_app.extensions[EXTENSION])


def engine() -> Engine:
    """Return the engine, as the doors take it."""
    return composition().engine


def sessions() -> SessionFactory:
    """Return the session factory, for the rooms' queries."""
    return composition().sessions


def business_now() -> datetime:
    """Return the business instant."""
    return composition().engine.clock.now()


def business_today() -> date:
    """Return the business day in Vietnam."""
    return local_date(business_now())


def account() -> AccountView | None:
    """Return the account of this request, None when nobody is signed in."""
    return cast("AccountView | None", g.get("account"))


def actor() -> Actor:
    """Return who acts in this request, with the roles of the business day."""
    return cast(Actor, g.actor)


def holds(*roles: str) -> bool:
    """Tell whether the person of this request holds one of the roles today."""
    found = cast("Actor | None", g.get("actor"))
    return found is not None and any(found.holds(role) for role in roles)
