"""Sets papers in type with typst: PDF/A-2b, which archives keep; the same data always give the same bytes.

What people typed goes in as JSON under `sys.inputs` and is never markup, so a name with signs of the typesetting
language stays a name. Only the fonts of the given folder are used: a machine's own would change the bytes.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unicodedata import normalize

import typst

from workflows.errors import FontsMissingError

_FACES = ("Regular", "Bold", "Regular_Italic", "Bold_Italic")


class Press:
    """Prints PDF papers from templates and data."""

    def __init__(self, fonts: Path | None) -> None:
        """Print with the faces of `fonts`: the TrueType files of Tinos, in the metrics of Times New Roman."""
        self._fonts = fonts

    def print(self, template: Path, data: Mapping[str, Any]) -> bytes:
        """Return the PDF of a template filled with data (texts, whole numbers, yes/no, lists and maps of them).

        Raises:
            FontsMissingError: the folder has no fonts; the front end was not built.

        """
        if not self.has_fonts():
            raise FontsMissingError("no fonts for printing", folder=str(self._fonts))
        return bytes(typst.compile(
            str(template), root=str(template.parent), font_paths=[str(self._fonts)], ignore_system_fonts=True,
            pdf_standards=["a-2b"],
            sys_inputs={"data": json.dumps(_composed(data), ensure_ascii=False, sort_keys=True)},
        ))  # fmt: skip

    def has_fonts(self) -> bool:
        """Tell whether all faces lie in the folder."""
        names = [path.name for path in self._fonts.rglob("*.ttf")] if self._fonts and self._fonts.is_dir() else []
        return all(any(name.endswith(f"{face}.ttf") for name in names) for face in _FACES)


def template_digest(*files: Path) -> str:
    """Return one hash of the files a paper is printed with, so that a later template can be told from an earlier."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _composed(value: Any) -> Any:
    if isinstance(value, str):
        return normalize("NFC", value)
    if isinstance(value, Mapping):
        return {str(name): _composed(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_composed(item) for item in value]
    return value
