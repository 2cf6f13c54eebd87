"""The switch between Vietnamese and English."""

from flask import Blueprint, redirect, request, session
from flask.typing import ResponseReturnValue

from webapp import i18n
from webapp.auth.pages import safe_next
from webapp.security import ANYONE, allowed

bp = Blueprint("language", __name__)


@bp.post("/language")
@allowed(ANYONE)
def choose() -> ResponseReturnValue:
    """Remember the language in this browser and go back."""
    wanted = request.form.get("language", "")
    if wanted in i18n.LANGUAGES:
        i18n.choose(wanted)
        session.permanent = True
    return redirect(safe_next(request.form.get("next")))
