"""Who may file which document for whose dossier, and when: judged by facts and by who holds the unit's task."""

import sqlalchemy as sa

from engine.context import StepContext, Values
from engine.models import TaskStatus, UserTask
from workflows.documents import queries as documents
from workflows.documents.models import DocumentKind
from workflows.errors import (
    CaseOverError,
    DossierNotWithUnitError,
    NomineeMayNotActError,
    NotYourDocumentError,
)
from workflows.forms import refuse
from workflows.labels import label
from workflows.nominations import dossier, queries
from workflows.nominations.models import Nomination

OFFICE_KINDS: dict[str, frozenset[DocumentKind]] = {
    "personnel_officer": frozenset({
        DocumentKind.CONFIRMATION, DocumentKind.EVIDENCE, DocumentKind.GUIDANCE, DocumentKind.OTHER,
    }),
    "office_officer": frozenset({DocumentKind.OTHER}),
    "council_secretary": frozenset({DocumentKind.OTHER}),
    "records_officer": frozenset({DocumentKind.SIGNED_SCAN, DocumentKind.OTHER}),
}  # fmt: skip
"""What the offices file, by role."""

ROLES = frozenset(OFFICE_KINDS) | {"unit_head", "staff"}
"""Staff, since a unit head may hand the writing of a dossier to somebody of the unit."""


def may_file(ctx: StepContext, values: Values) -> None:
    """Guard of `documents.file_document`.

    Raises:
        CaseOverError: the nomination has ended.
        NomineeMayNotActError: the nominee files nothing in the own dossier.
        DossierNotWithUnitError: the unit has handed the dossier in and it was not returned.
        NotYourDocumentError: neither the unit's people nor an office that files this kind.
        InvalidInputError: the kind was not flagged, or `document_id` is a document of another dossier or kind.

    """
    kind = DocumentKind(values["kind"])
    _check_replaced(ctx, values, kind)
    nomination = queries.find_nomination(ctx.session, values["subject_id"])
    if nomination is None:
        if not _office_files(ctx, kind):
            raise NotYourDocumentError("not your document", kind=kind.value)
        return
    values["subject_id"] = nomination.nomination_id
    ctx.business_key = nomination.business_key
    if queries.is_over(ctx.session, nomination):
        raise CaseOverError("the nomination has ended", business_key=nomination.business_key)
    found = queries.parties(ctx.session, nomination.nomination_id, ctx.today)
    if found is not None and ctx.actor.id in found.nominee_people:
        raise NomineeMayNotActError("the nominee files nothing in the own dossier", duty="documents.file_document")
    if _acts_for_unit(ctx, nomination):
        _check_stage(ctx, nomination, kind)
    elif not _office_files(ctx, kind):
        raise NotYourDocumentError("not your document", kind=kind.value)


def _check_replaced(ctx: StepContext, values: Values, kind: DocumentKind) -> None:
    document_id = values.get("document_id")
    if not document_id:
        return
    found = documents.find_document(ctx.session, document_id)
    nomination = queries.find_nomination(ctx.session, values["subject_id"])
    subject = nomination.nomination_id if nomination else values["subject_id"]
    if found is None or found.subject_id != subject or found.kind is not kind:
        raise refuse("document_id", "unknown_document")


def _office_files(ctx: StepContext, kind: DocumentKind) -> bool:
    return any(ctx.actor.holds(role) and kind in kinds for role, kinds in OFFICE_KINDS.items())


def _acts_for_unit(ctx: StepContext, nomination: Nomination) -> bool:
    """Tell whether the actor heads the unit, proposed, or was handed the unit's task."""
    if ctx.actor.id == nomination.proposer_id or ctx.actor.holds("unit_head", nomination.unit_id):
        return True
    query = sa.select(UserTask.id).where(
        UserTask.assignee == ctx.actor.id, UserTask.status == TaskStatus.OPEN,
        UserTask.business_key == nomination.business_key, UserTask.role == "unit_head",
    )  # fmt: skip
    return ctx.session.execute(query.limit(1)).first() is not None


def _check_stage(ctx: StepContext, nomination: Nomination, kind: DocumentKind) -> None:
    """Let the unit file while it drafts, and after a return only what was flagged (RULES D07)."""
    content = queries.content_of(ctx.session, nomination.nomination_id)
    if kind not in dossier.UNIT_KINDS:
        raise NotYourDocumentError("not your document", kind=kind.value)
    if dossier.is_draft(content):
        return
    if not dossier.is_returned(content, queries.latest_check(ctx.session, nomination.nomination_id)):
        raise DossierNotWithUnitError("the dossier is with the office", business_key=nomination.business_key)
    if kind.value not in queries.flagged_items(ctx.session, nomination.nomination_id):
        raise refuse("kind", "kind_not_flagged", kind=label(f"enums.document_kind.{kind.value}"))
