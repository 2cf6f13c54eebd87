"""Where the built style sheets and scripts are: `assets/dist/manifest.json`, written by the asset build."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, url_for

DIST = Path(__file__).parent / "assets" / "dist"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Addresses of one entry point."""

    js: tuple[str, ...]
    css: tuple[str, ...]


def _read(folder: Path) -> dict[str, Any]:
    manifest = folder / "manifest.json"
    if not manifest.exists():
        return {}
    found: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
    return found


def _file(value: Any) -> tuple[str, ...]:
    return (url_for("static", filename=str(value)),) if value else ()


def init_app(app: Flask) -> None:
    """Give `assets("app.js")` to the templates; the manifest is read once, in debug mode at each call."""
    folder = Path(app.static_folder or DIST)
    manifest = _read(folder)

    def assets(entry: str) -> Bundle:
        found = (_read(folder) if app.debug else manifest).get(entry, {})
        return Bundle(_file(found.get("file")), _file(found.get("css")))

    app.add_template_global(assets)
