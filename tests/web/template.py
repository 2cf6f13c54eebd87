"""One office with cases at every stage, made once for all tests of a run and copied for each that changes it."""

import json
import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

from tests.conftest import Once
from tests.office import Office
from tests.web.shell import Shell, world


def kept(once: Once) -> Path:
    """Return where the world lies; made by the first test of a run that asks."""
    with once.make("page-world") as (folder, missing):
        if missing:
            unfinished = folder.with_name("page-world.unfinished")
            make(unfinished)
            unfinished.rename(folder)
    return folder


def make(folder: Path) -> None:
    """Walk the world in a folder, with an account for everybody, and note what is needed to open it again."""
    folder.mkdir(parents=True)
    office = Office.open(f"sqlite:///{folder / 'walked.db'}", folder)
    stages = world(office)
    Shell.over(office)
    office.database.dispose()
    with sqlite3.connect(folder / "walked.db") as source, sqlite3.connect(folder / "thidua.db") as target:
        source.backup(target)
    source.close()
    target.close()
    notes = {"now": office.clock.now().isoformat(), "names": office.names, "stages": stages}
    (folder / "office.json").write_text(json.dumps(notes))


def reopen(template: Path, folder: Path, seed: int) -> tuple[Office, dict[str, str]]:
    """Copy the world and open it; return the office and the keys of its cases by stage."""
    notes = json.loads((template / "office.json").read_text())
    shutil.copy(template / "thidua.db", folder / "thidua.db")
    shutil.copytree(template / "files", folder / "files", dirs_exist_ok=True)
    office = Office.reopen(f"sqlite:///{folder / 'thidua.db'}", folder, notes["names"], seed=seed)
    office.clock.advance(datetime.fromisoformat(notes["now"]) - office.clock.now())
    return office, notes["stages"]
