"""What the papers say: decision, list of nominees and certificate, read from the facts frozen at signing."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from workflows.decisions import queries, signing, wording
from workflows.decisions.models import AwardDecision, PaperKind
from workflows.decisions.press import Press, template_digest
from workflows.decisions.queries import LineView
from workflows.decisions.reasons import reasons_of
from workflows.documents.storage import FileStorage
from workflows.errors import UnknownDecisionError
from workflows.nominations.queries import NominationView
from workflows.rulebook import queries as rulebook

TEMPLATES = Path(__file__).with_name("templates")
DECISION = TEMPLATES / "decision.typ"
CERTIFICATE = TEMPLATES / "certificate.typ"
CERTIFICATE_LAYOUT = TEMPLATES / "certificate.toml"
COMMON = TEMPLATES / "common.typ"


def decision_digest() -> str:
    """Return the hash of what a decision is printed with."""
    return template_digest(DECISION, COMMON)


def certificate_digest() -> str:
    """Return the hash of what a certificate is printed with."""
    return template_digest(CERTIFICATE, COMMON, CERTIFICATE_LAYOUT)


def decision_data(session: Session, key: str, *, include_reasons: bool = False) -> dict[str, Any]:
    """Return what a signed decision says; it is a draft until its signed scan is filed.

    With `include_reasons` an annex tells for each line which rules were applied and what they cite.

    Raises:
        UnknownDecisionError: there is none.

    """
    row = queries.get_decision(session, key)
    lines = queries.lines_of_decision(session, row.decision_id)
    return {
        **wording.spoken_papers(row.papers),
        "number": row.official_number,
        "day": row.signed_on.isoformat(),
        "draft": not queries.scans_of(session, row.decision_id),
        "lines": [_line(session, line, row) for line in lines],
        "reasons": [
            {"name": line.nominee, "tables": reasons_of(session, line.business_key)}
            for line in (lines if include_reasons else ())
        ],
    }


def _line(session: Session, line: LineView, row: AwardDecision) -> dict[str, Any]:
    amount = line.prize_vnd
    if amount is None:
        amount = prize_of(session, row.form.value, line.nominee_kind.value, row.signed_on)
    return {
        "kind": line.nominee_kind.value, "gender": line.gender, "name": line.nominee, "post": line.post,
        "unit": line.unit, "achievement": line.achievement, "from": line.achieved_from.isoformat(),
        "to": line.achieved_to.isoformat(), "prize": amount,
    }  # fmt: skip


def prize_of(session: Session, form: str, nominee_kind: str, on: date) -> int:
    """Return the money of a form on a day, read from the table `prize`."""
    found = rulebook.decide(session, "prize", {"form": form, "nominee_kind": nominee_kind}, on).value
    return int(found["amount_vnd"])


def preview_data(session: Session, preview: signing.SigningPreview) -> dict[str, Any]:
    """Return what a decision would say if these nominations were signed now; always a draft, and without a number."""
    return {
        **wording.spoken_papers(preview.papers),
        "number": "", "day": preview.signed_on.isoformat(), "draft": True,
        "lines": [_coming_line(session, view, preview.signed_on) for view in signing.in_order(preview.nominations)],
    }  # fmt: skip


def digest_of(data: Mapping[str, Any]) -> str:
    """Return the SHA-256 of all that a paper would say, by which a page knows what somebody has seen."""
    return hashlib.sha256(json.dumps(data, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _coming_line(session: Session, view: NominationView, on: date) -> dict[str, Any]:
    return {
        "kind": view.nominee_kind, **_renamed(wording.nominee_named(session, view, on)),
        "achievement": view.achievement, "from": _iso(view.achieved_from), "to": _iso(view.achieved_to),
        "prize": prize_of(session, signing.FORM.value, view.nominee_kind, on),
    }  # fmt: skip


def _renamed(named: dict[str, str]) -> dict[str, str]:
    return {("name" if key == "nominee" else key): value for key, value in named.items()}


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def certificate_data(session: Session, nomination_id: str, *, blank: bool = False) -> dict[str, Any]:
    """Return what a certificate says and where on the sheet, from the layout's coordinates (RULES J04).

    Args:
        session: reads the decision and its line.
        nomination_id: whose certificate.
        blank: print on a blank that has the ornament and the fixed words already.

    Raises:
        UnknownDecisionError: the nomination has no signed decision.

    """
    row = queries.decision_of_nomination(session, nomination_id)
    lines = queries.lines_of_decision(session, row.decision_id)
    line = next((found for found in lines if found.nomination_id == nomination_id), None)
    if line is None:
        raise UnknownDecisionError("no signed decision", nomination=nomination_id)
    entry = queries.registration_of(session, row.decision_id)
    return {
        **wording.spoken_papers(row.papers),
        "number": row.official_number, "day": row.signed_on.isoformat(), "blank": blank,
        "draft": not queries.scans_of(session, row.decision_id),
        "entry": entry.entry_number if entry else "",
        "layout": tomllib.loads(CERTIFICATE_LAYOUT.read_text(encoding="utf-8")), **_line(session, line, row),
    }  # fmt: skip


def decision_pdf(
    session: Session, storage: FileStorage, press: Press, key: str, *, include_reasons: bool = False
) -> bytes:
    """Return a decision as PDF: the paper as printed for good, else one set now that bears the mark of a draft.

    With `include_reasons` it is set anew with the annex of reasons, which is no part of what was signed.
    """
    row = queries.get_decision(session, key)
    if include_reasons:
        return press.print(DECISION, decision_data(session, row.decision_id, include_reasons=True))
    printed = queries.printed_paper(session, PaperKind.DECISION, row.decision_id)
    if printed is not None and storage.exists(printed.sha256):
        return storage.read(printed.sha256)
    return press.print(DECISION, decision_data(session, row.decision_id))


def certificate_pdf(
    session: Session, storage: FileStorage, press: Press, nomination_id: str, *, blank: bool = False
) -> bytes:
    """Return a certificate as PDF; `blank` prints only what a pre-printed sheet lacks."""
    line = queries.line_of_nomination(session, nomination_id)
    printed = queries.printed_paper(session, PaperKind.CERTIFICATE, line.line_id) if line and not blank else None
    if printed is not None and storage.exists(printed.sha256):
        return storage.read(printed.sha256)
    return press.print(CERTIFICATE, certificate_data(session, nomination_id, blank=blank))


def preview_pdf(session: Session, press: Press, preview: signing.SigningPreview) -> bytes:
    """Return the decision that a signature would make now, marked as a draft and without a number."""
    return press.print(DECISION, preview_data(session, preview))


def preview_certificate_pdf(session: Session, press: Press, preview: signing.SigningPreview) -> bytes:
    """Return the certificate of the first nomination as a signature would make it now, marked as a draft."""
    line = _coming_line(session, preview.nominations[0], preview.signed_on)
    return press.print(CERTIFICATE, {
        **wording.spoken_papers(preview.papers),
        "number": "", "day": preview.signed_on.isoformat(), "blank": False, "draft": True, "entry": "",
        "layout": tomllib.loads(CERTIFICATE_LAYOUT.read_text(encoding="utf-8")), **line,
    })  # fmt: skip
