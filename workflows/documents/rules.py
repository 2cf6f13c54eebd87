"""What may be filed: the type told by the bytes, never by the name; the size; a safe name. The lines of a signature."""

import io
import zipfile
from pathlib import PurePosixPath
from unicodedata import category, normalize

import filetype

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXTENSIONS = {PDF: ".pdf", DOCX: ".docx", "image/png": ".png", "image/jpeg": ".jpg"}
"""The types that may be filed, with the ending their names get."""

LONGEST_NAME = 120
_MOST_ENTRIES = 5_000
_MOST_UNPACKED = 500_000_000


def signature_lines(first: str, second: str, *, head: str = "", post: str = "") -> tuple[str, ...]:
    """Return the lines over a signature, in capitals, from patterns with places for the head's title and the own post.

    A second line that would hold nothing but an unknown post is left out.
    """
    lines = (line.replace("{head}", head).replace("{post}", post).strip() for line in (first, second))
    return tuple(line.upper() for line in lines if line)


def media_type(content: bytes) -> str | None:
    """Return the type of a file by its bytes, or None when it is none of those allowed.

    A DOCX is a ZIP with a Word document inside: its directory is read, nothing is unpacked.
    """
    if content.startswith(b"%PDF-"):
        return PDF if b"%%EOF" in content[-2048:] else None
    if content.startswith(b"PK\x03\x04"):
        return DOCX if _is_word_document(content) else None
    kind = filetype.guess(content)
    mime = str(kind.mime) if kind is not None else ""
    return mime if mime in {"image/png", "image/jpeg"} else None


def _is_word_document(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = packed.infolist()
            names = {entry.filename for entry in entries}
    except (zipfile.BadZipFile, RuntimeError, ValueError, OSError):  # the second: packed in a way nobody here knows
        return False
    fits = len(entries) <= _MOST_ENTRIES and sum(entry.file_size for entry in entries) <= _MOST_UNPACKED
    macros = any(name.endswith("vbaProject.bin") for name in names)
    return fits and not macros and {"[Content_Types].xml", "word/document.xml"} <= names


def safe_name(name: str, media: str) -> str:
    """Return a file's name in NFC without folders or signs that mislead, with the ending of its true type."""
    last = PurePosixPath(normalize("NFC", name).replace("\\", "/")).name
    kept = "".join(sign for sign in last if category(sign)[0] != "C" and sign not in '<>:"|?*')
    stem = PurePosixPath(kept.strip(". ")).stem.strip(". ") if kept.strip(". ") else ""
    ending = EXTENSIONS[media]
    return (stem or "tài liệu")[: LONGEST_NAME - len(ending)] + ending
