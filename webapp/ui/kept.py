"""Keeps what was typed when a form could not be taken: expired session, stale page, lost origin token."""

from flask import request
from werkzeug.datastructures import MultiDict

PREFIX = "kept:"
_SECRET = frozenset({"password", "old", "new", "again"})
_NEVER = _SECRET | {"csrf_token", "username", "next"}


def keep(form: MultiDict[str, str]) -> list[tuple[str, str]]:
    """Return the typed fields as hidden fields of another form; passwords and tokens are not among them."""
    return [
        (PREFIX + name, value)
        for name, value in form.items(multi=True)
        if name not in _NEVER and not name.startswith((PREFIX, "_"))
    ]


def as_sent() -> list[tuple[str, str]]:
    """Return the request's whole form, its key against doing it twice too; nothing when it held a password or file."""
    if request.method != "POST" or request.files or _SECRET & request.form.keys():
        return []
    return list(request.form.items(multi=True))


def kept_fields(form: MultiDict[str, str]) -> list[tuple[str, str]]:
    """Return the fields that travelled through the sign-in form, under their own names again."""
    return [(name.removeprefix(PREFIX), value) for name, value in form.items(multi=True) if name.startswith(PREFIX)]
