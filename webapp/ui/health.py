"""For those who watch the service: is it up, can it reach its database?"""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from webapp import current
from webapp.auth.queries import count_accounts
from webapp.security import ANYONE, allowed

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@allowed(ANYONE)
def healthz() -> ResponseReturnValue:
    """Answer that the process lives."""
    return {"status": "ok"}


@bp.get("/readyz")
@allowed(ANYONE)
def readyz() -> ResponseReturnValue:
    """Answer that the database answers."""
    try:
        count_accounts(current.sessions())
    except SQLAlchemyError:
        return {"status": "database unreachable"}, 503
    return {"status": "ok"}
