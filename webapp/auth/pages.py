"""Sign in, sign out, change one's own password."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from engine.commands.records import record_event
from engine.context import Actor
from engine.errors import EngineError
from webapp import current
from webapp.auth import service
from webapp.auth.errors import SignInRefusedError, TooManyAttemptsError, WeakPasswordError
from webapp.auth.guard import TOKEN, idle_time
from webapp.errors import error_text, status_of
from webapp.i18n import choose, t
from webapp.security import ANYONE, STAFF, allowed
from webapp.ui.kept import kept_fields

bp = Blueprint("auth", __name__)
_NOBODY = Actor("anonymous")


def safe_next(target: str | None) -> str:
    """Return a path of this site; anything that leads elsewhere becomes the first page."""
    parts = urlsplit(target or "")
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or parts.path.startswith(("//", "/\\")):
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")


@bp.get("/sign-in")
@allowed(ANYONE)
def sign_in_page() -> ResponseReturnValue:
    """Show the sign-in form."""
    if current.account():
        return redirect(safe_next(request.args.get("next")))
    return render_template("auth/sign_in.html", next=safe_next(request.args.get("next")), kept=[])


@bp.post("/sign-in")
@allowed(ANYONE)
def sign_in() -> ResponseReturnValue:
    """Check name and password; go on where the person was, with what had been typed."""
    here = current.composition()
    username, kept = request.form.get("username", ""), kept_fields(request.form)
    target = safe_next(request.form.get("next"))
    try:
        found, token = service.sign_in(
            here.sessions,
            username=username,
            password=request.form.get("password", ""),
            address=request.remote_addr or "",
            now=here.machine_clock.now(),
            idle=idle_time(),
        )
    except (SignInRefusedError, TooManyAttemptsError) as error:
        record_event(here.engine, "sign_in_failed", _NOBODY, code=error.code)
        page = render_template(
            "auth/sign_in.html", next=target, kept=kept, error=error_text(error), username=username[:100]
        )
        return page, status_of(error)
    chosen = session.get("language")
    session.clear()
    session[TOKEN] = token
    if chosen:
        choose(chosen)
    record_event(here.engine, "signed_in", Actor(found.person_id), account=str(found.id))
    if kept:
        return render_template("auth/resume.html", target=target, kept=kept)
    return redirect(target)


@bp.post("/sign-out")
@allowed(STAFF)
def sign_out() -> ResponseReturnValue:
    """End the session of this browser."""
    token = session.pop(TOKEN, None)
    if isinstance(token, str):
        service.sign_out(current.sessions(), token)
    record_event(current.engine(), "signed_out", current.actor())
    flash(t("auth.signed_out"))
    return redirect(url_for("auth.sign_in_page"))


@bp.route("/password", methods=["GET", "POST"])
@allowed(STAFF)
def password() -> ResponseReturnValue:
    """Change one's own password; other sessions of the account end."""
    account = current.account()
    assert account is not None  # noqa: S101 - the guard let only signed-in people through
    if request.method == "GET":
        return render_template("auth/password.html", account=account, errors={})
    old, new, again = (request.form.get(name, "") for name in ("old", "new", "again"))
    errors: dict[str, str] = {}
    if new != again:
        errors["again"] = t("auth.not_the_same")
    else:
        try:
            service.change_password(
                current.sessions(),
                account.id,
                old=old,
                new=new,
                keep=session.get(TOKEN),
                now=current.composition().machine_clock.now(),
            )
        except (WeakPasswordError, SignInRefusedError) as error:
            errors = _beside_field(error)
    if errors:
        return render_template("auth/password.html", account=account, errors=errors), 422
    record_event(current.engine(), "password_changed", current.actor())
    flash(t("auth.password_changed"))
    return redirect("/")


def _beside_field(error: EngineError) -> dict[str, str]:
    if isinstance(error, WeakPasswordError):
        return {"new": t(f"auth.weak_{error.details['reason']}", least=error.details["least"])}
    return {"old": t("auth.old_wrong")}
