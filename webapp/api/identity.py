"""Who asks: a token for a name and password, and oneself."""

from flask import request
from marshmallow import fields, validate

from engine.commands.records import record_event
from engine.context import Actor
from webapp import current
from webapp.api import schemas
from webapp.api.base import Body, endpoints
from webapp.auth import service
from webapp.auth.errors import SignInRefusedError, TooManyAttemptsError
from webapp.security import ANYONE, STAFF, allowed
from webapp.ui.words import post

blp = endpoints("identity", "Sign-in and oneself.")
_NOBODY = Actor("anonymous")


class Credentials(Body):
    """Sign-in name and password."""

    username = fields.String(required=True, validate=validate.Length(1, 100), metadata={"example": "ccbacson"})
    password = fields.String(required=True, validate=validate.Length(1, 200), metadata={"format": "password"})


@blp.route("/auth/token", methods=["POST"])
@allowed(ANYONE)
@blp.arguments(Credentials)
@blp.response(200, schemas.Token)
def get_token(given: dict[str, str]) -> dict[str, object]:
    """Get a bearer token.

    It lives for twelve hours; five failures for a name close it for fifteen minutes.
    """
    here = current.composition()
    try:
        found, token = service.sign_in(
            here.sessions, username=given["username"], password=given["password"], address=request.remote_addr or "",
            now=here.machine_clock.now(), kind="token",
        )  # fmt: skip
    except (SignInRefusedError, TooManyAttemptsError) as refusal:
        record_event(here.engine, "sign_in_failed", _NOBODY, code=refusal.code)
        raise
    record_event(here.engine, "signed_in", Actor(found.person_id), account=str(found.id))
    return {"access_token": token, "expires_in": int(service.TOKEN_LIFE.total_seconds())}


@blp.route("/me")
@allowed(STAFF)
@blp.response(200, schemas.Me)
def get_me() -> dict[str, object]:
    """Say who I am and which roles I hold today."""
    actor, account = current.actor(), current.account()
    return {
        "id": actor.id, "username": account.username if account else "", "name": actor.name, "post": post(actor.post),
        "roles": sorted(actor.groups),
    }  # fmt: skip
