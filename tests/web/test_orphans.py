"""The daily sweep of files: what a fact names stays, what none names goes after a day."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from engine.db import Base, Fact
from tests.office import PDF, Office
from webapp.schema import metadata
from webapp.wiring import ORPHAN_AGE, _hash_columns, file_storage, sweep_orphan_files


@pytest.fixture
def office(sqlite_office: Office) -> Office:
    return sqlite_office


def older(office: Office, sha256: str, age: timedelta) -> Path:
    """Let a stored file be as old as that."""
    path = file_storage(office.settings).path_of(sha256)
    at = (office.engine.machine_clock.now() - age).timestamp()
    os.utime(path, (at, at))
    return path


def test_only_old_files_that_no_fact_names_go(office: Office) -> None:
    storage = file_storage(office.settings)
    named = [path.name for path in office.settings.files_dir.glob("??/*")]
    assert named, "the rounds' guidance letters are stored"
    kept = [older(office, sha256, ORPHAN_AGE * 30) for sha256 in named]
    young = older(office, storage.write(PDF % b"just now"), ORPHAN_AGE / 2)
    orphan = older(office, storage.write(PDF % b"of a refused door"), ORPHAN_AGE * 2)
    half = orphan.with_name(".new-cut-off")
    half.write_bytes(b"%PDF")
    at = (office.engine.machine_clock.now() - ORPHAN_AGE * 2).timestamp()
    os.utime(half, (at, at))
    assert sweep_orphan_files(office.engine, office.settings) == 2
    assert all(path.exists() for path in [*kept, young])
    assert not orphan.exists()
    assert not half.exists()


def test_every_column_that_holds_a_files_hash_is_looked_at() -> None:
    """A fact that keeps a file's hash under another name would lose its file: the names are agreed."""
    metadata()
    looked_at = {f"{column.table.name}.{column.name}" for column in _hash_columns()}
    assert {"dossier_document.sha256", "guidance_letter.file_sha256"} <= looked_at
    suspects = {
        f"{mapper.local_table.name}.{column.name}"
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, Fact)
        for column in mapper.columns
        if any(part in column.name for part in ("sha", "file", "pdf", "scan"))
        and not column.name.endswith(("_name", "_on", "_id"))
    }
    assert suspects <= looked_at
