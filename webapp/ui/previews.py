"""Pictures of a PDF's pages, drawn on the server: a browser never opens a file that somebody else uploaded."""

import struct
import threading
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

WIDTH = 1000
MOST_PAGES = 200
_TALLEST = 4.0
_one_at_a_time = threading.Lock()  # PDFium is not safe for threads


class UnreadablePdfError(Exception):
    """The bytes begin like a PDF, but nobody can draw them."""


def page_count(content: bytes) -> int:
    """Return how many pages may be shown.

    Raises:
        UnreadablePdfError: damaged, or locked by a password.

    """
    with _one_at_a_time:
        document = _open(content)
        try:
            return min(len(document), MOST_PAGES)
        finally:
            document.close()


def page_picture(content: bytes, page: int) -> bytes:
    """Return one page as a PNG about 1,000 pixels wide.

    Args:
        content: a whole PDF.
        page: counted from 1.

    Raises:
        UnreadablePdfError: damaged, locked, without that page, or of a size that no sheet has.

    """
    with _one_at_a_time:
        document = _open(content)
        try:
            return _draw(document, page)
        finally:
            document.close()


def _open(content: bytes) -> "PdfDocument":
    from pypdfium2 import PdfDocument, PdfiumError  # loaded at the first preview, not at the start of the product

    try:
        return PdfDocument(content)
    except PdfiumError as error:
        raise UnreadablePdfError from error


def _draw(document: "PdfDocument", page: int) -> bytes:
    from pypdfium2 import PdfiumError

    if not 1 <= page <= min(len(document), MOST_PAGES):
        raise UnreadablePdfError
    try:
        sheet = document[page - 1]
        width, height = sheet.get_size()
        if width <= 0 or not 0 < height / width <= _TALLEST:
            raise UnreadablePdfError
        bitmap = sheet.render(scale=WIDTH / width, rev_byteorder=True, prefer_bgrx=False)
        return _png(bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, bitmap.n_channels)
    except PdfiumError as error:
        raise UnreadablePdfError from error


def _png(pixels: bytes, width: int, height: int, stride: int, channels: int) -> bytes:
    """Return rows of RGB (or RGBA, or grey) pixels as a PNG file (RFC 2083)."""
    colour = {1: 0, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + pixels[start : start + width * channels] for start in range(0, stride * height, stride))
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
