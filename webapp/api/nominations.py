"""Nominations: open one, read it, its record and its dossier."""

from typing import Any

from flask import Response
from flask_smorest.fields import Upload
from marshmallow import ValidationError, fields, validate
from werkzeug.datastructures import FileStorage

from engine import queries
from engine.commands.actions import perform_action
from engine.commands.instances import start_instance
from engine.db import reading
from engine.views import EventView
from webapp import current
from webapp.api import schemas
from webapp.api.base import Body, IdempotencyHeader, PageQuery, endpoints, one_of, with_etag
from webapp.record import without_hidden_authors, without_hidden_rules
from webapp.security import STAFF, allowed
from webapp.visibility import require_visible_case
from workflows.decisions import queries as decisions
from workflows.documents import queries as documents
from workflows.documents import service as filing
from workflows.forms import problem
from workflows.nominations import queries as nominations
from workflows.nominations.queries import NominationView

blp = endpoints("nominations", "Nominations and their dossiers.", "/nominations")
PROCESS = "nomination"
OPEN_STEP, FILE_STEP, SCAN_STEP = "nominations.open", "documents.file_document", "decisions.file_signed_scan"
SIGNED_SCAN = "SIGNED_SCAN"
DETAIL = schemas.Nomination()


class NewNomination(Body):
    """Who is proposed by which unit in which round, for which form of award."""

    round = fields.String(required=True, validate=validate.Length(1, 100), metadata={"example": "2025-TK"})
    unit = fields.String(required=True, validate=validate.Length(1, 100), metadata={"description": "A unit's id."})
    nominee_kind = fields.String(required=True, validate=one_of("INDIVIDUAL", "COLLECTIVE"))
    nominee_id = fields.String(
        required=True, validate=validate.Length(1, 100), metadata={"description": "A person's or a unit's id."}
    )
    form = fields.String(
        validate=one_of("GIAY_KHEN", "BANG_KHEN_BO_TRUONG"), metadata={"description": "Proposed award."}
    )


class FilePart(Upload):  # type: ignore[misc]  # the library is untyped
    """A part of the body that is a file; a text of that name is none."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> FileStorage:
        if not isinstance(value, FileStorage):
            raise ValidationError(problem("required"))
        return value


class Filing(Body):
    """A file (PDF, DOCX, PNG or JPEG, told by its content), what kind of document it is, which one it replaces."""

    kind = fields.String(required=True, validate=validate.Length(1, 40), metadata={"example": "ACHIEVEMENT_REPORT"})
    document_id = fields.String(validate=validate.Length(1, 100), metadata={"description": "Replaces this one."})
    file = FilePart(required=True)


def _visible(key: str) -> NominationView:
    """Return a nomination by id or business key, when this person may read it."""
    with reading(current.sessions()) as reader:
        view = nominations.view_of(reader, key, current.business_today())
    require_visible_case(view.business_key)
    return view


def _as_it_stands(view: NominationView) -> dict[str, Any]:
    case = queries.find_instance(current.engine(), view.business_key)
    place = {
        "instance_id": case.id if case else None, "status": case.status if case else None,
        "end_event": case.end_event if case else None,
    }  # fmt: skip
    return {**{name: getattr(view, name) for name in view.__slots__}, **place}


@blp.route("", methods=["POST"])
@allowed(STAFF)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(NewNomination)
@blp.response(201, schemas.NominationCreated)
def open_nomination(header: dict[str, Any], given: dict[str, str]) -> dict[str, Any]:
    """Open a nomination; its first task is the proposal."""
    values = {name: value for name, value in given.items() if name != "form"}
    if "form" in given:
        values["proposed_form"] = given["form"]
    done = start_instance(
        current.engine(), PROCESS, "", current.actor(), {}, step=OPEN_STEP, values=values,
        idempotency_key=header["key"],
    )  # fmt: skip
    return {
        "id": done.instance.variables["nomination_id"], "business_key": done.instance.business_key,
        "instance_id": done.instance.id, "task_id": done.opened[0].id if done.opened else None,
    }  # fmt: skip


@blp.route("/<string:nomination_id>")
@allowed(STAFF)
@blp.response(200, schemas.Nomination, headers={"ETag": {"schema": {"type": "string"}}})
def get_nomination(nomination_id: str) -> Response:
    """Read a nomination by its id or business key."""
    return with_etag(DETAIL, _as_it_stands(_visible(nomination_id)))


@blp.route("/<string:nomination_id>/history")
@allowed(STAFF)
@blp.arguments(PageQuery, location="query")
@blp.response(200, schemas.EventPageSchema)
def list_history(query: dict[str, Any], nomination_id: str) -> dict[str, Any]:
    """List what happened in the case, newest first."""
    view = _visible(nomination_id)
    case = queries.find_instance(current.engine(), view.business_key)
    if case is None:
        return {"items": [], "next_cursor": None}
    page = queries.search_events(
        current.engine(), chain=str(case.id), limit=query["limit"], cursor=query["cursor"] or None
    )
    told = without_hidden_rules(without_hidden_authors(page.items))
    return {"items": [event_body(one) for one in told], "next_cursor": page.next_cursor}


def event_body(event: EventView) -> dict[str, Any]:
    """Return an event for `Event`."""
    found = {name: getattr(event, name) for name in event.__slots__}
    return {**found, "facts": [{"fact": name, "hash": digest} for name, digest in event.facts]}


@blp.route("/<string:nomination_id>/documents")
@allowed(STAFF)
@blp.response(200, schemas.DocumentList)
def list_documents(nomination_id: str) -> dict[str, Any]:
    """List the dossier."""
    view = _visible(nomination_id)
    with reading(current.sessions()) as reader:
        rows = documents.documents_of(reader, view.id)
    return {
        "items": [
            {
                "id": row.document_id, "kind": row.kind.value, "name": row.name, "media_type": row.media_type,
                "size": row.size, "sha256": row.sha256, "version": row.version, "filed_at": row.recorded_at,
            }
            for row in rows
        ]
    }  # fmt: skip


@blp.route("/<string:nomination_id>/documents", methods=["POST"])
@allowed(STAFF)
@blp.arguments(IdempotencyHeader, location="headers")
@blp.arguments(Filing, location="files")
@blp.response(201, schemas.DocumentFiled)
def file_document(header: dict[str, Any], given: dict[str, Any], nomination_id: str) -> dict[str, Any]:
    """File a document in the dossier; a signed scan (`SIGNED_SCAN`) belongs to the nomination's decision."""
    view = _visible(nomination_id)
    here, upload = current.composition(), given.pop("file")
    content = upload.read()
    with reading(here.sessions) as reader:
        filing.check_upload(reader, content, current.business_today())
    sha256 = here.files.write(content)
    values = {"sha256": sha256, "name": upload.filename or ""}
    if given["kind"] == SIGNED_SCAN:
        with reading(here.sessions) as reader:
            step, about = SCAN_STEP, {"decision": decisions.decision_of_nomination(reader, view.id).decision_id}
    else:
        step, about = FILE_STEP, {"subject_id": view.id, **given}
    done = perform_action(here.engine, step, current.actor(), {**values, **about}, idempotency_key=header["key"])
    return {"id": done.values["document_id"], "sha256": sha256}
