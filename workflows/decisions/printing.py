"""The job that prints papers for good: reads, prints into the file storage, records what was printed."""

from typing import Any

from sqlalchemy.orm import Session

from engine.context import StepContext
from workflows.decisions import papers, queries
from workflows.decisions.models import PaperKind, PrintedPaper
from workflows.decisions.press import Press
from workflows.documents.storage import FileStorage
from workflows.errors import UnknownDecisionError
from workflows.facts import write


def prepare_papers(session: Session, nomination_id: str) -> dict[str, Any]:
    """Return what the certificate of a nomination and the decision it stands in say.

    Raises:
        UnknownDecisionError: the nomination has no signed decision.

    """
    line = queries.line_of_nomination(session, nomination_id)
    if line is None:
        raise UnknownDecisionError("no signed decision", nomination=nomination_id)
    return {
        "line_id": line.line_id,
        "decision_id": line.decision_id,
        "certificate": papers.certificate_data(session, nomination_id),
        "decision": papers.decision_data(session, line.decision_id),
    }


def print_papers(storage: FileStorage, press: Press, prepared: dict[str, Any]) -> dict[str, Any]:
    """Print both papers and keep them; printed twice they are the same bytes under the same hash."""
    certificate = press.print(papers.CERTIFICATE, prepared["certificate"])
    decision = press.print(papers.DECISION, prepared["decision"])
    return {
        "papers": [
            _kept(storage, PaperKind.CERTIFICATE, prepared["line_id"], certificate, papers.certificate_digest()),
            _kept(storage, PaperKind.DECISION, prepared["decision_id"], decision, papers.decision_digest()),
        ]
    }


def _kept(storage: FileStorage, kind: PaperKind, subject_id: str, content: bytes, digest: str) -> dict[str, Any]:
    return {
        "kind": kind.value, "subject_id": subject_id, "sha256": storage.write(content), "size": len(content),
        "template_sha256": digest,
    }  # fmt: skip


def record_papers(ctx: StepContext, printed: dict[str, Any]) -> None:
    """Write which papers were printed; one that another case of the decision printed already is not written again."""
    for paper in printed["papers"]:
        kind = PaperKind(paper["kind"])
        before = queries.printed_paper(ctx.session, kind, paper["subject_id"])
        if before is not None and before.sha256 == paper["sha256"]:
            continue
        write(
            ctx, PrintedPaper, key="paper_key", paper_key=f"{kind.value}:{paper['subject_id']}", kind=kind,
            subject_id=paper["subject_id"], sha256=paper["sha256"], size=paper["size"],
            template_sha256=paper["template_sha256"],
        )  # fmt: skip
        ctx.record_file(paper["sha256"])
