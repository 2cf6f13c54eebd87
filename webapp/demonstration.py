"""The life of the demonstration's data: built once, in one piece, kept afterwards; an interrupted build starts over.

On SQLite it is built in a file of its own that takes the database's place when it is whole. On a server it is built
in place, under a mark in the data directory. The business clock is set last: a database with one is whole.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa

from engine.db import open_database, reading
from engine.models import BusinessClockSetting, HistoryEvent
from webapp import schema
from webapp.auth.models import Account
from webapp.backup import database_exists, sqlite_file
from webapp.quick_start import deployed_fingerprint, deployment_file, fingerprint
from webapp.settings import Settings

Report = Callable[[str, int, int], None]
"""Told what is being done, how many are done and how many there are."""


class DemonstrationError(Exception):
    """The demonstration cannot be loaded; the message says what to do."""


class Standing(StrEnum):
    """How a database stands toward the demonstration."""

    EMPTY = "empty"
    WHOLE = "whole"
    INTERRUPTED = "interrupted"
    FOREIGN = "foreign"


def standing_of(settings: Settings) -> Standing:
    """Tell whether the demonstration is there, was begun, or something else is."""
    building = _building_file(settings)
    begun = building.exists() if building else _mark(settings).exists()
    if not database_exists(settings) or schema.revision_of(settings.database_url) is None:
        return Standing.INTERRUPTED if begun else Standing.EMPTY
    database, sessions = open_database(settings.database_url)
    try:
        with reading(sessions) as session:
            whole = session.scalar(sa.select(sa.exists(sa.select(BusinessClockSetting.id))))
            filled = any(session.scalar(sa.select(sa.exists().select_from(model))) for model in (HistoryEvent, Account))
    finally:
        database.dispose()
    if whole:
        return Standing.WHOLE
    if begun:
        return Standing.INTERRUPTED
    return Standing.FOREIGN if filled else Standing.EMPTY


def prepare(settings: Settings, report: Report, tell: Callable[[str], None]) -> bool:
    """See to it that the demonstration is there; return whether it was built now. A second call changes nothing.

    Args:
        settings: of a database that stands at the newest revision, or is not there yet.
        report: told what is being built, how many of how many.
        tell: told sentences for the person who waits.

    Raises:
        DemonstrationError: the database holds something else.

    """
    if standing_of(settings) is Standing.WHOLE:
        deploy_changes(settings, tell)
        return False
    with _alone(settings):
        standing = standing_of(settings)
        if standing is Standing.WHOLE:
            return False
        if standing is Standing.FOREIGN:
            raise DemonstrationError(
                "cơ sở dữ liệu đã có dữ liệu khác, không nạp bản trình diễn; hãy đặt THIDUA_DATA_DIR khác hoặc bỏ "
                "THIDUA_DEMO (the database holds other data; the demonstration was not loaded)."
            )
        if standing is Standing.INTERRUPTED:
            tell("Lần dựng trước bị ngắt quãng, dựng lại từ đầu (the last build was interrupted; starting over).")
        tell("Dựng bản trình diễn, khoảng nửa phút (building the demonstration, about half a minute) …")
        target = sqlite_file(settings.database_url)
        if target is not None:
            _build_file(settings, target, report)
        else:
            _build_in_place(settings, standing, report)
        _remember_deployment(settings)
    return True


def _build_file(settings: Settings, target: Path, report: Report) -> None:
    """Build in a file beside the database and put it in the database's place."""
    building = _beside(target)
    _remove_database(building)
    own = replace(settings, database_url=f"sqlite:///{building}")
    schema.migrate(own.database_url)
    _fill(own, report)
    _remove_database(target)
    _sync(building)
    building.replace(target)
    _sync(target.parent)


def _build_in_place(settings: Settings, standing: Standing, report: Report) -> None:
    """Build in the server's database; what an interrupted build left there is taken away first."""
    mark = _mark(settings)
    if standing is Standing.INTERRUPTED:
        schema.migrate_back(settings.database_url, "base")
    mark.write_text("đang dựng bản trình diễn (the demonstration is being built)\n", encoding="utf-8")
    schema.migrate(settings.database_url)
    _fill(settings, report)
    mark.unlink()


def _fill(settings: Settings, report: Report) -> None:
    from webapp.demo_building import fill  # all of the product: only a start that builds waits for it

    fill(settings, report)


def deploy_changes(settings: Settings, tell: Callable[[str], None]) -> None:
    """Bring diagrams and tables into force that were changed since the last start; costs one look when none were.

    Raises:
        DeploymentError: a diagram or table was refused; nothing was deployed.

    """
    if deployed_fingerprint(settings) == fingerprint(settings.bpmn_dir):
        return
    from webapp.demo_building import deploy_product

    if added := deploy_product(settings):
        tell(f"Đã triển khai {added} sơ đồ, bảng quyết định mới (deployed new versions).")
    _remember_deployment(settings)


def _remember_deployment(settings: Settings) -> None:
    deployment_file(settings).write_text(fingerprint(settings.bpmn_dir), encoding="ascii")


def _building_file(settings: Settings) -> Path | None:
    file = sqlite_file(settings.database_url)
    return None if file is None else _beside(file)


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.building")


def _mark(settings: Settings) -> Path:
    return settings.data_dir / "demo.building"


def _remove_database(file: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)


def _sync(place: Path) -> None:
    """Wait until the disk has a file's bytes, or a folder's names."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Let a second start wait until the first has built."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (settings.data_dir / ".demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
