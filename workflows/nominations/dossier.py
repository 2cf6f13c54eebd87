"""What a dossier must hold and what it holds: the table `required_documents` beside the filed documents."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine.tables import plain
from workflows.documents import queries as documents
from workflows.documents.models import DocumentKind, DossierDocument
from workflows.nominations import queries
from workflows.nominations.models import AwardForm, CompletenessCheck, Nomination, NominationContent
from workflows.nominations.rules import TYPED_ITEMS, DossierItem
from workflows.rulebook import queries as rulebook

TABLE = "required_documents"

UNIT_KINDS = (
    DocumentKind.SUBMISSION_LETTER, DocumentKind.ACHIEVEMENT_REPORT, DocumentKind.UNIT_MINUTES,
    DocumentKind.CONFIRMATION, DocumentKind.CERTIFICATE, DocumentKind.EVIDENCE, DocumentKind.OTHER,
)  # fmt: skip
"""What a proposing unit files."""

PAPER_KINDS = UNIT_KINDS[:-1]
"""What it may declare to hand in on paper."""


def table_inputs(nomination: Nomination, form: AwardForm | str, ground: str) -> dict[str, Any]:
    """Return what the table asks."""
    return {"form": str(form), "nominee_kind": nomination.nominee_kind.value, "ground": ground}


def read_required(value: Any) -> dict[str, bool]:
    """Return the table's answer: document kind → whether the dossier is incomplete without it, in the table's order.

    Of several rows that name a kind the strictest holds.
    """
    found: dict[str, bool] = {}
    for row in plain(value) or []:
        found[str(row["item"])] = bool(row["required"]) or found.get(str(row["item"]), False)
    return found


def required_on(
    session: Session, nomination: Nomination, form: AwardForm | str, ground: str, on: date
) -> dict[str, bool]:
    """Return the documents the table in force on a day asks for, without leaving a trace of the question."""
    return read_required(rulebook.decide(session, TABLE, table_inputs(nomination, form, ground), on).value)


def items_of(
    required: Mapping[str, bool], filed: Iterable[DossierDocument], paper: Collection[str],
    flagged: Mapping[str, str] | None = None,
) -> list[DossierItem]:  # fmt: skip
    """Return the items of a dossier: first what stands in the proposal, then the documents.

    Args:
        required: the table's answer.
        filed: the dossier's documents.
        paper: kinds declared on paper.
        flagged: reasons of the last return, where they matter.

    """
    counts = Counter(document.kind.value for document in filed)
    flagged = flagged or {}
    typed = [DossierItem(item, required=True, typed=True, flagged=flagged.get(item, "")) for item in TYPED_ITEMS]
    asked = [
        DossierItem(kind, needed, counts[kind], kind in paper, flagged=flagged.get(kind, ""))
        for kind, needed in required.items()
    ]
    return typed + asked


def dossier_items(session: Session, nomination_id: str, on: date) -> list[DossierItem]:
    """Return the items of a dossier as they stand, by the rules of its day of filing (of `on` while it is a draft)."""
    nomination = queries.get_nomination(session, nomination_id)
    content = queries.content_of(session, nomination.nomination_id)
    required = required_on(session, nomination, content.proposed_form, content.ground, content.filed_on or on)
    filed = documents.documents_of(session, nomination.nomination_id)
    flagged = queries.flagged_items(session, nomination.nomination_id)
    return items_of(required, filed, content.paper_kinds, flagged)


def filed_since(session: Session, nomination_id: str, check: CompletenessCheck) -> set[str]:
    """Return the kinds of which a document was filed or replaced after a check."""
    return {
        document.kind.value
        for document in documents.documents_of(session, nomination_id)
        if str(document.id) not in check.documents
    }


def is_draft(content: NominationContent) -> bool:
    """Tell whether the dossier was never filed."""
    return content.filed_on is None


def is_returned(content: NominationContent, check: CompletenessCheck | None) -> bool:
    """Tell whether the dossier lies with its unit to be mended: the last check returned what is still the newest."""
    return check is not None and check.outcome == "returned" and check.content_version == content.version
