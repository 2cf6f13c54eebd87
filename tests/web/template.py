"""One office with cases at every stage, made once for all tests of a run and copied for each that changes it."""

import json
import shutil
import sqlite3
from datetime import datetime
from pathlib import Path
from random import Random

from engine.clock import FakeClock
from engine.db import open_database
from engine.deployment import DefinitionCache
from engine.ids import SeededIds
from engine.runtime_environment import Engine
from tests.office import Office
from tests.web.shell import Shell, world
from webapp.settings import Settings
from webapp.wiring import FONTS, file_storage
from workflows.registry import build_registry


def make(folder: Path) -> None:
    """Walk the world in a folder, with an account for everybody, and note what is needed to open it again."""
    folder.mkdir(parents=True)
    office = Office.open(f"sqlite:///{folder / 'walked.db'}", folder)
    stages = world(office)
    shell = Shell.over(office)
    shell.close()
    with sqlite3.connect(folder / "walked.db") as source, sqlite3.connect(folder / "thidua.db") as target:
        source.backup(target)
    notes = {"now": office.clock.now().isoformat(), "units": office.units, "people": office.people,
             "posts": office.posts, "stages": stages}  # fmt: skip
    (folder / "office.json").write_text(json.dumps(notes))


def reopen(template: Path, folder: Path, seed: int) -> tuple[Office, dict[str, str]]:
    """Copy the world and open it; return the office and the keys of its cases by stage."""
    notes = json.loads((template / "office.json").read_text())
    shutil.copy(template / "thidua.db", folder / "thidua.db")
    shutil.copytree(template / "files", folder / "files", dirs_exist_ok=True)
    url = f"sqlite:///{folder / 'thidua.db'}"
    settings = Settings(data_dir=folder, database_url=url, broker_url="memory://", secret_key="x" * 40)
    _, sessions = open_database(url)
    clock = FakeClock(datetime.fromisoformat(notes["now"]))
    engine = Engine(
        sessions=sessions, registry=build_registry(file_storage(settings), FONTS), clock=clock, machine_clock=clock,
        ids=SeededIds(seed), random=Random(seed), definitions=DefinitionCache(), nudge=lambda _ids: None,
    )  # fmt: skip
    office = Office(engine, clock, settings, notes["units"], notes["people"], notes["posts"])
    return office, notes["stages"]
