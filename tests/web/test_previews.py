"""Pictures of PDF pages: right size, no page too many, nothing but a refusal from a broken file."""

import struct
import zlib

import pytest

from webapp.ui import previews

BROKEN = (b"", b"%PDF-1.4 %%EOF", b"%PDF-1.4\n" + b"\x00" * 500 + b"\n%%EOF")


def a_pdf(*texts: str, width: int = 595, height: int = 842) -> bytes:
    """A PDF with one page per text, written by hand."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(texts)))
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {len(texts)}>>",
               "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]  # fmt: skip
    for number, text in enumerate(texts):
        stream = f"BT /F1 40 Tf 60 {height // 2} Td ({text}) Tj ET"
        objects.append(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width} {height}]/Resources<</Font<</F1 3 0 R>>>>"
                       f"/Contents {5 + 2 * number} 0 R>>")  # fmt: skip
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj{content}endobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    head = f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}trailer<</Root 1 0 R/Size {len(places) + 1}>>\n"
    return body + head.encode() + f"startxref\n{len(body)}\n%%EOF\n".encode()


def size_and_pixels(png: bytes) -> tuple[int, int, bytes]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    length = struct.unpack(">I", png[33:37])[0]
    return width, height, zlib.decompress(png[41 : 41 + length])


def test_a_page_is_drawn_at_its_size() -> None:
    content = a_pdf("one", "two")
    assert previews.page_count(content) == 2
    width, height, pixels = size_and_pixels(previews.page_picture(content, 1))
    assert width in {1000, 1001}
    assert abs(height - 1000 * 842 / 595) < 2
    channels = {0: 1, 2: 3, 6: 4}[previews.page_picture(content, 1)[25]]
    assert len(pixels) == height * (1 + width * channels)
    assert min(pixels[1:]) < 60 < 250 < max(pixels[1:]), "ink on paper"


def test_pages_differ() -> None:
    content = a_pdf("one", "two")
    assert previews.page_picture(content, 1) != previews.page_picture(content, 2)


@pytest.mark.parametrize("page", [0, 3, -1, 10_000])
def test_a_page_that_is_not_there_is_refused(page: int) -> None:
    with pytest.raises(previews.UnreadablePdfError):
        previews.page_picture(a_pdf("one", "two"), page)


@pytest.mark.parametrize("content", BROKEN)
def test_a_broken_file_is_refused(content: bytes) -> None:
    with pytest.raises(previews.UnreadablePdfError):
        previews.page_count(content)


def test_a_page_that_is_named_and_missing_is_refused() -> None:
    content = a_pdf("one").replace(b"4 0 obj", b"9 0 obj")
    assert previews.page_count(content) == 1
    with pytest.raises(previews.UnreadablePdfError):
        previews.page_picture(content, 1)


def test_a_sheet_of_an_absurd_shape_is_not_drawn() -> None:
    with pytest.raises(previews.UnreadablePdfError):
        previews.page_picture(a_pdf("long", width=10, height=10_000), 1)
