"""What a signature would make, shown before it is given: number, date, list and the paper itself as a draft.

A person may have several capacities to sign in (KT., Q.). The page shows the paper in the one that stands in its form,
or in each while none does; what is sent is signed only if its very paper was the one shown (`_seen`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from engine import queries
from engine.access import acting
from engine.context import Actor
from engine.db import reading
from engine.errors import ForbiddenError
from engine.views import TaskView
from webapp import current
from webapp.forms import FieldView, fields_of
from webapp.i18n import language
from webapp.ui.choices import source
from webapp.wiring import FONTS
from workflows.decisions import papers
from workflows.decisions.authority import DIRECTOR, signing_capacities
from workflows.decisions.press import Press
from workflows.decisions.signing import SigningPreview, preview
from workflows.errors import NotWaitingForSignatureError
from workflows.referrals import papers as letters
from workflows.referrals.service import preview_letter

PREVIEW, SEEN = "_preview", "_seen"
"""Names by which the page's own form asks for a preview alone, and says which paper was shown."""


@dataclass(frozen=True, slots=True)
class Paper:
    """How the paper of a signing step is shown before it exists."""

    preview: Callable[[Session, Sequence[str], Actor, str, date], SigningPreview]
    data: Callable[[Session, SigningPreview], dict[str, Any]]
    pdf: Callable[[Session, Press, SigningPreview], bytes]
    certificate: Callable[[Session, Press, SigningPreview], bytes] | None = None


def _letter(session: Session, keys: Sequence[str], actor: Actor, capacity: str, on: date) -> SigningPreview:
    return preview_letter(session, keys[0], actor, capacity, on)


PAPERS: Mapping[str, Paper] = {
    "decisions.sign_decision": Paper(
        preview, papers.preview_data, papers.preview_pdf, papers.preview_certificate_pdf
    ),
    "referrals.sign_letter": Paper(_letter, letters.preview_data, letters.preview_pdf),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signing:
    """What the page of a signing task shows.

    Attributes:
        kind: `decision` or `letter`.
        ways: the paper in the capacity that stands in the form, or in each of the person's while none does.
        together: keys of the cases chosen to be signed with it.
        seen: the digest of the paper that is shown, empty while several are.
        again: it was sent without having been shown, and is now.
        has_certificate: a Giấy khen is made with it.

    """

    kind: str
    ways: tuple[SigningPreview, ...]
    together: tuple[str, ...]
    seen: str
    again: bool
    has_certificate: bool


def preview_of(task: TaskView, fields: Sequence[FieldView]) -> Signing | None:
    """Return what signing this task would make now, as its form stands; None for other tasks."""
    paper = PAPERS.get(task.step_key)
    if paper is None:
        return None
    signer, on, chosen = acting(current.actor(), task), current.business_today(), _standing(fields, "capacity")
    together = tuple(_standing(fields, "together"))
    with reading(current.sessions()) as reader:
        found = [one.value for one in signing_capacities(reader, signer, on)]
        wanted = [one for one in found if one in chosen] or found
        ways = tuple(paper.preview(reader, [task.business_key, *together], signer, one, on) for one in wanted)
        seen = _digest(reader, paper, ways[0]) if len(ways) == 1 else ""
    if not ways:
        return None
    sent = request.method == "POST" and bool(chosen) and request.form.get(PREVIEW) != "1"
    again = sent and request.form.get(SEEN, "") != seen
    kind = "decision" if paper.certificate else "letter"
    return Signing(kind, ways, together, seen, again, paper.certificate is not None)


def _standing(fields: Sequence[FieldView], name: str) -> list[str]:
    """Return what stands in a field, of the choices it has."""
    for field in fields:
        if field.name == name:
            values = field.value if isinstance(field.value, list) else [field.value]
            return [option.value for option in field.options if option.value in values]
    return []


def _digest(session: Session, paper: Paper, shown: SigningPreview) -> str:
    return papers.digest_of({"capacity": shown.capacity.value, **paper.data(session, shown)})


def held_back(task: TaskView, schema: Mapping[str, Any], values: Mapping[str, Any]) -> int:
    """Return with what status a sent form is shown again and nothing signed, 0 where the door is to be asked.

    200 where only the preview is wanted, 409 where another paper would be signed than the one that was shown.
    """
    if task.step_key not in PAPERS:
        return 0
    if request.form.get(PREVIEW) == "1":
        return HTTPStatus.OK
    shown = preview_of(task, fields_of(schema, values, language=language(), options=source()))
    return HTTPStatus.CONFLICT if shown is not None and shown.again else 0


def draft_pdf(
    business_key: str, *, capacity: str = "", together: Sequence[str] = (), certificate: bool = False
) -> bytes:
    """Return the paper that a signature would make for a case, marked as a draft.

    Args:
        business_key: of a case that waits for the signature.
        capacity: in which it would be signed; the usual one of the person when empty.
        together: cases that would be signed with it.
        certificate: the Giấy khen in place of the decision.

    Raises:
        ForbiddenError: the person does not sign this case, not in this capacity, or there is no such paper.
        NotWaitingForSignatureError: one of `together` is not for this person to sign with it.

    """
    task = _task_of(business_key)
    paper = PAPERS[task.step_key]
    make = paper.certificate if certificate else paper.pdf
    signer, on = acting(current.actor(), task), current.business_today()
    _require_signable(task, together)
    with reading(current.sessions()) as reader:
        usual = [one.value for one in signing_capacities(reader, signer, on)]
        if make is None or not usual:
            raise ForbiddenError("there is no such paper for this person to sign", business_key=business_key)
        shown = paper.preview(reader, [business_key, *together], signer, capacity or usual[0], on)
        return make(reader, Press(FONTS), shown)


def _task_of(business_key: str) -> TaskView:
    """Return the open signing task of a case, for who signs it: by the role, or because it was handed on."""
    me = current.actor()
    instance = queries.find_instance(current.engine(), business_key)
    tasks = queries.open_tasks_of_instance(current.engine(), instance.id) if instance else ()
    for task in tasks:
        if task.step_key in PAPERS and (me.holds(DIRECTOR) or task.assignee == me.id):
            return task
    raise ForbiddenError("the case does not wait for this person's signature", business_key=business_key)


def _require_signable(task: TaskView, together: Sequence[str]) -> None:
    if not together:
        return
    schema = queries.task_form(current.engine(), task.id, current.actor()).schema
    known = _choices(schema.get("properties", {}).get("together", {}))
    for key in together:
        if key not in known:
            raise NotWaitingForSignatureError("not waiting for this signature", key=key)


def _choices(schema: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(str(value) for value in schema.get("items", {}).get("enum", ()))
