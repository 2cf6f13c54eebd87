"""The dossier of a nomination as one person may read it: what may not be read is named, never silently missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from engine.db import reading
from engine.tables import plain
from webapp import current
from webapp.filters import label
from webapp.record import knows_of_flags, without_flags
from webapp.ui.words import remember_people
from workflows.documents import queries as documents
from workflows.documents.models import DossierDocument
from workflows.documents.rules import PDF
from workflows.feedback import queries as feedback
from workflows.feedback.queries import CommentView
from workflows.nominations import queries as nominations
from workflows.nominations.dossier import dossier_items
from workflows.nominations.models import FlagKind, NomineeFlag, NoteKind
from workflows.nominations.queries import NominationView
from workflows.nominations.visibility import may_see
from workflows.rulebook import queries as rulebook

SENSITIVE = ("comment_author", "comment_text", "discipline", "denunciation", "recusal_reason",
             "note_unit", "note_handlers")  # fmt: skip
"""Classes of fields whose reading the table `visibility` decides."""
NOTE_OUTCOMES = {NoteKind.BLOCK_RESOLUTION: "enums.block_resolution", NoteKind.APPRAISAL: "enums.recommendation"}
"""Where the words of a statement's outcome are; that warnings were weighed needs none."""
SHOWN_IN_PLACE = frozenset({PDF, "image/png", "image/jpeg"})


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One filed document. `preview` tells whether it can be shown without being opened."""

    id: str
    kind: str
    name: str
    size: int
    version: int
    at: datetime
    by: str
    preview: bool


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One item that the dossier should hold, how the last check found it, and the rule that asks for it."""

    item: str
    required: bool
    filed: bool
    status: str
    reason: str
    source: str

    @property
    def lacking(self) -> bool:
        """Sent back, or required and neither filed nor shown on paper; what is not required may be missing."""
        asked_for = self.required or bool(self.reason)
        missing = self.status == "MISSING" or (not self.filed and self.status != "PAPER")
        return self.status == "FLAWED" or (asked_for and missing)


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A statement made on the way, with who made it and when."""

    kind: str
    outcome: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FlagLine:
    """Something under verification about the nominee."""

    kind: str
    raised_on: date
    closed_on: date | None
    document: str
    text: str


@dataclass(frozen=True, slots=True)
class Sight:
    """What this person may read of each sensitive class: `yes`, `reasoned_request` or `no`."""

    classes: dict[str, str]
    opened: frozenset[str] = frozenset()

    def sees(self, field_class: str) -> bool:
        """Tell whether the class is readable now, by right or by a request just made."""
        return self.classes.get(field_class) == "yes" or field_class in self.opened

    def may_ask(self, field_class: str) -> bool:
        """Tell whether a reasoned request would open the class."""
        return self.classes.get(field_class) == "reasoned_request" and field_class not in self.opened


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that the tabs beside a task, and the page of a nomination, show.

    Attributes:
        hidden: classes of which something exists that this person does not see; `askable` those of them a reasoned
            request opens.

    """

    nomination: NominationView
    documents: tuple[DocumentLine, ...]
    items: tuple[ItemLine, ...]
    findings: tuple[dict[str, str], ...]
    notes: tuple[NoteLine, ...]
    comments: tuple[CommentView, ...]
    flags: tuple[FlagLine, ...]
    earlier: tuple[NominationView, ...]
    hidden: tuple[str, ...]
    askable: tuple[str, ...]

    @property
    def lacking(self) -> tuple[ItemLine, ...]:
        """Items that the dossier still lacks."""
        return tuple(item for item in self.items if item.lacking)


def sight_of(reader: Session, opened: frozenset[str] = frozenset()) -> Sight:
    """Return what the person of this request may read today."""
    actor, on = current.actor(), current.business_today()
    return Sight({name: may_see(reader, name, actor, on) for name in SENSITIVE}, opened)


def dossier_of(nomination_id: str, *, opened: frozenset[str] = frozenset()) -> Dossier:
    """Return the dossier of a nomination for the person of this request.

    Args:
        nomination_id: whose dossier.
        opened: sensitive classes that a reasoned request just opened.

    Raises:
        UnknownCaseError: there is no such nomination.

    """
    with reading(current.sessions()) as reader:
        view = nominations.view_of(reader, nomination_id, current.business_today())
        sight = sight_of(reader, opened)
        filed = documents.documents_of(reader, nomination_id)
        comments, flags = _comments(reader, nomination_id, sight), nominations.flags_of(reader, view.nominee_id)
        hidden = _hidden(comments, flags, sight)
        found = Dossier(
            nomination=view,
            documents=tuple(_document(row) for row in filed),
            items=_items(reader, view),
            findings=_findings(reader, nomination_id),
            notes=_notes(reader, nomination_id),
            comments=comments,
            flags=tuple(_flag(row) for row in flags if sight.sees(flag_class(row.kind))),
            earlier=_earlier(reader, view),
            hidden=hidden,
            askable=tuple(name for name in hidden if sight.may_ask(name)),
        )
    remember_people([*(line.by for line in found.documents), *(line.by for line in found.notes)])
    return found


def _document(row: DossierDocument) -> DocumentLine:
    return DocumentLine(
        row.document_id,
        row.kind.value,
        row.name,
        row.size,
        row.version,
        row.recorded_at,
        row.recorded_by,
        row.media_type in SHOWN_IN_PLACE,
    )


def _items(reader: Session, view: NominationView) -> tuple[ItemLine, ...]:
    """Return the documents the rules ask for, each with how the last check found it; typed items are the proposal's."""
    check = nominations.latest_check(reader, view.id)
    checked = {str(item["item"]): item for item in check.items} if check else {}
    sources = _sources(reader, view)
    lines = []
    for item in dossier_items(reader, view.id, current.business_today()):
        found = checked.get(item.item, {})
        status = str(found.get("status") or (item.status.value if item.there else ""))
        if not item.typed or status == "FLAWED":
            lines.append(
                ItemLine(
                    item.item,
                    item.required,
                    item.there,
                    status,
                    str(found.get("reason") or ""),
                    sources.get(item.item, ""),
                )
            )
    return tuple(lines)


def _sources(reader: Session, view: NominationView) -> dict[str, str]:
    inputs = {"form": view.proposed_form, "nominee_kind": view.nominee_kind, "ground": view.ground}
    on = view.filed_on or current.business_today()
    rows = rulebook.explain(reader, "required_documents", inputs, on)
    return {str(plain(row.outputs)["item"]): row.source for row in rows}


def _findings(reader: Session, nomination_id: str) -> tuple[dict[str, str], ...]:
    assessment = nominations.latest_assessment(reader, nomination_id)
    found = assessment.findings if assessment else []
    told = found if knows_of_flags(reader) else without_flags(found)
    return tuple({name: str(value) for name, value in one.items()} for one in told)


def _notes(reader: Session, nomination_id: str) -> tuple[NoteLine, ...]:
    lines = []
    if (check := nominations.latest_check(reader, nomination_id)) is not None:
        lines.append(
            NoteLine(
                "CHECK", label("enums.completeness", check.outcome), check.reason, check.recorded_by, check.recorded_at
            )
        )
    for kind in NoteKind:
        if (note := nominations.intake_note(reader, nomination_id, kind)) is not None:
            enum = NOTE_OUTCOMES.get(kind)
            outcome = label(enum, note.outcome) if enum else ""
            lines.append(NoteLine(kind.value, outcome, note.text, note.recorded_by, note.recorded_at))
    return tuple(lines)


def _comments(reader: Session, nomination_id: str, sight: Sight) -> tuple[CommentView, ...]:
    return tuple(
        feedback.comments_seen_by(reader, nomination_id, current.actor(), current.business_today(), opened=sight.opened)
    )


def flag_class(kind: FlagKind) -> str:
    """Return the sensitive class a flag belongs to."""
    return "denunciation" if kind in {FlagKind.DENUNCIATION, FlagKind.COMPLAINT} else "discipline"


def _flag(row: NomineeFlag) -> FlagLine:
    return FlagLine(row.kind.value, row.raised_on, row.closed_on, row.document, row.text)


def _hidden(comments: Sequence[CommentView], flags: Iterable[NomineeFlag], sight: Sight) -> tuple[str, ...]:
    """Return classes of which something exists; of flags only those who may ask learn even that."""
    found = []
    if any(comment.author_hidden for comment in comments):
        found.append("comment_author")
    if any(comment.text is None for comment in comments):
        found.append("comment_text")
    found += sorted({name for row in flags if sight.may_ask(name := flag_class(row.kind))})
    return tuple(found)


def _earlier(reader: Session, view: NominationView) -> tuple[NominationView, ...]:
    """Return other nominations of the same nominee that this person may read."""
    found = nominations.list_nominations(reader, nominee_id=view.nominee_id)
    return tuple(replace(one, summary="") for one in found if one.id != view.id)
