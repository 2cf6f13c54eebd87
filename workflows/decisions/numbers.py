"""The runs of official numbers. Two who sign at once meet at the unique key: one is tried again by its door."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.context import StepContext
from workflows.decisions.models import DocumentType, OfficialNumber
from workflows.decisions.rules import next_number, number_text


def next_in_run(session: Session, organisation_id: str, document_type: DocumentType, year: int) -> int:
    """Return the number the next paper of a run would get; it is certain only once given."""
    highest = session.scalars(
        sa.select(sa.func.max(OfficialNumber.number)).where(
            OfficialNumber.organisation_id == organisation_id,
            OfficialNumber.document_type == document_type,
            OfficialNumber.year == year,
        )
    ).one()
    return next_number([] if highest is None else [highest])


def give_number(
    ctx: StepContext, *, subject_id: str, organisation_id: str, document_type: DocumentType, pattern: str, on: date
) -> OfficialNumber:
    """Give the next number of the body's run of that type and year to a paper that is being signed.

    The number is taken in the transaction of the signature, so a signature that is rolled back leaves no gap.
    """
    number = next_in_run(ctx.session, organisation_id, document_type, on.year)
    row = OfficialNumber(
        subject_id=subject_id, organisation_id=organisation_id, document_type=document_type, year=on.year,
        number=number, text=number_text(pattern, number), given_on=on,
    )  # fmt: skip
    ctx.record_fact(row)
    ctx.note(official_number=row.text)
    return row


def numbers_of(session: Session, organisation_id: str, document_type: DocumentType, year: int) -> list[OfficialNumber]:
    """Return a run in the order given."""
    query = sa.select(OfficialNumber).where(
        OfficialNumber.organisation_id == organisation_id,
        OfficialNumber.document_type == document_type,
        OfficialNumber.year == year,
    )
    return list(session.scalars(query.order_by(OfficialNumber.number)))
