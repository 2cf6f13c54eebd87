"""Is there anything to prepare before serving? Asked with the standard library alone, so that a usual start is quick.

Where this says no nothing else needs to be loaded in the supervisor; where it is not sure it says yes, and the long
way (`webapp.cli.data`, `webapp.demonstration`) finds out.
"""

import hashlib
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from webapp.settings import Settings

MIGRATIONS = Path(__file__).parent / "migrations"
_ASSIGNED = re.compile(r"""^(revision|down_revision) = (?:["']([0-9a-z_]+)["']|None)$""", re.MULTILINE)
_SQLITE = "sqlite:///"


def known_revisions() -> dict[str, str]:
    """Return revision → the one before it, read from the files: Alembic need not be loaded to see that all is well."""
    known: dict[str, str] = {}
    for file in (MIGRATIONS / "versions").glob("*.py"):
        found = dict(_ASSIGNED.findall(file.read_text(encoding="utf-8")))
        known[found["revision"]] = found.get("down_revision", "")
    return known


def newest_revision() -> str:
    """Return the revision no other follows.

    Raises:
        ValueError: the files do not lie in one line.

    """
    known = known_revisions()
    newest = set(known) - set(known.values())
    if len(newest) != 1:
        raise ValueError(f"the migrations end in {sorted(newest)}, not in one revision")
    return newest.pop()


def is_prepared(settings: Settings) -> bool:
    """Tell whether the database stands at this version and, in a demonstration, holds it with these diagrams."""
    file = Path(settings.database_url.removeprefix(_SQLITE))
    if not settings.database_url.startswith(_SQLITE) or not file.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as database:
            stands = database.execute("SELECT version_num FROM alembic_version").fetchall()
            shown = database.execute("SELECT id FROM business_clock").fetchall()
    except sqlite3.Error:
        return False
    if stands != [(newest_revision(),)]:
        return False
    return not settings.demo or (bool(shown) and deployed_fingerprint(settings) == fingerprint(settings.bpmn_dir))


def fingerprint(folder: Path) -> str:
    """Return one hash of the diagrams and tables of a folder."""
    digest = hashlib.sha256()
    for file in sorted([*folder.rglob("*.bpmn"), *folder.rglob("*.dmn")]):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def deployment_file(settings: Settings) -> Path:
    """Return where a demonstration keeps the fingerprint of what it deployed last."""
    return settings.data_dir / "demo.deployed"


def deployed_fingerprint(settings: Settings) -> str:
    """Return the fingerprint of what was deployed last, empty when that is not known."""
    file = deployment_file(settings)
    return file.read_text(encoding="ascii") if file.is_file() else ""
