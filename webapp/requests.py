"""What a request says, without what no text may hold."""

from functools import cached_property
from typing import Any

from flask import Flask, Request, abort, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import BadRequest

from engine.text import storable

NUL = "\0"
LONGEST_KEY = 200


class CleanRequest(Request):
    """A request whose questions hold no NUL: PostgreSQL has no text with one, and no keyboard types it.

    Fields of forms are cleaned by `workflows.forms.clean_text`, as all that is kept.
    """

    @cached_property
    def args(self) -> ImmutableMultiDict[str, str]:
        """The parameters of the address."""
        given = super().args
        return ImmutableMultiDict([(name.replace(NUL, ""), text.replace(NUL, "")) for name, text in given.items(True)])

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """Return the body as JSON; one nested too deep to be read is refused like any that is none."""
        try:
            return super().get_json(force, silent, cache)
        except RecursionError as fault:
            if silent:
                return None
            raise BadRequest from fault


def sent_key() -> str | None:
    """Return the key a form bears in `_key`, by which the same form sent again gets the first answer; None without."""
    return key_of(request.form.get("_key", ""))


def key_of(text: str) -> str | None:
    """Return a key as it may be kept, None for none."""
    return storable(text)[:LONGEST_KEY] or None


def _refuse_nameless_paths() -> None:
    """Answer 404 to a path that holds a NUL: nothing has such a name."""
    if NUL in request.path:
        abort(404)


def init_app(app: Flask) -> None:
    """Let the application read its requests so."""
    app.request_class = CleanRequest
    app.before_request(_refuse_nameless_paths)
