"""The switch between Vietnamese and English."""

from flask import Blueprint, redirect, request, session
from flask.typing import ResponseReturnValue

from webapp.auth.pages import safe_next
from webapp.i18n import LANGUAGES
from webapp.security import ANYONE, allowed

bp = Blueprint("language", __name__)


@bp.post("/language")
@allowed(ANYONE)
def choose() -> ResponseReturnValue:
    """Remember the language in this browser and go back."""
    wanted = request.form.get("language", "")
    if wanted in LANGUAGES:
        session["language"] = wanted
        session.permanent = True
    return redirect(safe_next(request.form.get("next")))
