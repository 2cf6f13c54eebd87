"""Filing a document: its bytes are judged, not its name; the facts go with the event."""

import io
import zipfile
from pathlib import Path

import pytest

from engine.errors import InvalidInputError
from tests.builders import Facts
from workflows.documents import queries
from workflows.documents.rules import DOCX, PDF, media_type, safe_name
from workflows.documents.service import check_upload
from workflows.documents.steps import filing_step
from workflows.documents.storage import FileStorage
from workflows.errors import UnsafeFileError

A_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"


def a_docx(*more: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("[Content_Types].xml", "word/document.xml", *more):
            archive.writestr(name, "<x/>")
    return packed.getvalue()


@pytest.fixture
def storage(tmp_path: Path) -> FileStorage:
    return FileStorage(tmp_path)


@pytest.fixture
def facts(sqlite_url: str) -> Facts:
    return Facts(sqlite_url)


@pytest.mark.parametrize(("content", "media"), [
    (A_PDF, PDF), (a_docx(), DOCX), (b"\x89PNG\r\n\x1a\n" + b"\0" * 300, "image/png"),
    (b"%PDF-1.4 cut off", None), (a_docx("word/vbaProject.bin"), None), (b"PK\x03\x04broken", None), (b"text", None),
    (a_docx().replace(b"PK\x01\x02\x14\x03\x14", b"PK\x01\x02\x14\x03\xff"), None),
    (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", None),
])  # fmt: skip
def test_the_type_is_told_by_the_bytes(content: bytes, media: str | None) -> None:
    assert media_type(content) == media


@pytest.mark.parametrize(("name", "safe"), [
    ("../../etc/passwd", "passwd.pdf"), ("báo cáo.pdf.exe", "báo cáo.pdf.pdf"), ("C:\\tờ trình.PDF", "tờ trình.pdf"),
    ("\u202egnp.txt", "gnp.pdf"), ("", "tài liệu.pdf"), ("...", "tài liệu.pdf"), ("a" * 400, "a" * 116 + ".pdf"),
])  # fmt: skip
def test_a_name_is_safe_and_bears_its_true_ending(name: str, safe: str) -> None:
    assert safe_name(name, PDF) == safe


@pytest.mark.parametrize(("content", "problem"), [
    (b"", "@file_empty"), (b"%PDF-" + b"0" * 20_000_000, "@file_too_large|max=20"), (b"MZ\x90", "@file_type"),
])  # fmt: skip
def test_an_upload_is_refused_beside_its_field(facts: Facts, content: bytes, problem: str) -> None:
    with facts.acting() as ctx, pytest.raises(InvalidInputError) as refusal:
        check_upload(ctx.session, content, ctx.today)
    assert refusal.value.details["problems"] == {"file": [problem]}


def test_a_document_is_filed_and_replaced_by_its_next_version(facts: Facts, storage: FileStorage) -> None:
    step = filing_step(storage, roles={"staff"}, guard=lambda _ctx, _values: None)
    first, second = storage.write(A_PDF), storage.write(A_PDF.replace(b"1.4", b"1.7"))
    with facts.acting() as ctx:
        values = {"subject_id": "n1", "kind": "ACHIEVEMENT_REPORT", "sha256": first, "name": "Báo cáo.doc"}
        filed = step.apply(ctx, step.form.load(ctx, values))
        assert filed["sha256"] == first
        assert (f"file:{first}", first) in ctx.facts
        step.apply(ctx, step.form.load(ctx, values | {"sha256": second, "document_id": filed["document_id"]}))
        (row,) = queries.documents_of(ctx.session, "n1")
        assert (row.version, row.sha256, row.name, row.media_type) == (2, second, "Báo cáo.pdf", PDF)
        assert [old.sha256 for old in queries.versions_of(ctx.session, filed["document_id"])] == [first, second]
        assert queries.known_hashes(ctx.session) == {first, second}


def test_bytes_that_are_not_there_are_refused(facts: Facts, storage: FileStorage) -> None:
    step = filing_step(storage, roles={"staff"}, guard=lambda _ctx, _values: None)
    for sha256 in ("0" * 64, "../../etc/passwd".ljust(64, "x")):
        values = {"subject_id": "n1", "kind": "OTHER", "sha256": sha256, "name": "x.pdf"}
        with facts.acting() as ctx, pytest.raises(InvalidInputError) as refusal:
            step.apply(ctx, step.form.load(ctx, values))
        assert refusal.value.details["problems"] == {"sha256": ["@file_missing"]}


def test_altered_bytes_are_never_served(storage: FileStorage) -> None:
    sha256 = storage.write(A_PDF)
    storage.path_of(sha256).write_bytes(b"other")
    with pytest.raises(UnsafeFileError):
        storage.read(sha256)
