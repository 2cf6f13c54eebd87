"""Filing a document as a step. Who may file is told by the room that knows the subject (`nominations.filing`)."""

from collections.abc import Callable, Iterable

from marshmallow import validate

from engine.context import StepContext, Values
from engine.registry import ActionStep
from workflows.documents.models import DocumentKind
from workflows.documents.service import file_document
from workflows.documents.storage import FileStorage
from workflows.forms import Choice, MarshmallowForm, StepForm, Text
from workflows.labels import label

KEY = "documents.file_document"

STEPS = ()
"""This room's one step needs to know its subjects, which rooms above it do: they build it by `filing_step`."""


class FileForm(StepForm):
    """Which stored bytes become which document of what. With `document_id` they replace that document."""

    subject_id = Text(required=True, longest=80, metadata={"example": lambda ctx: label("examples.business_key")})
    kind = Choice(DocumentKind, enum="document_kind", required=True)
    sha256 = Text(
        required=True, longest=64, shortest=64, validate=validate.Regexp(r"[0-9a-f]{64}\Z", error="@file_missing"),
        metadata={"example": "0" * 64},
    )  # fmt: skip
    name = Text(required=True, longest=255, metadata={"example": lambda ctx: label("examples.file_name")})
    document_id = Text(longest=80, load_default="")


def filing_step(
    storage: FileStorage, *, roles: Iterable[str], guard: Callable[[StepContext, Values], None]
) -> ActionStep:
    """Return the step that files a document.

    Args:
        storage: where the bytes lie already.
        roles: who may come at all.
        guard: judges the person, the subject and the kind; it may put the subject's id in place of its key.

    """

    def apply(ctx: StepContext, values: Values) -> Values:
        row = file_document(ctx, storage, **values)
        return {"document_id": row.document_id, "sha256": row.sha256}

    return ActionStep(KEY, MarshmallowForm(KEY, FileForm), frozenset(roles), apply, guard)
