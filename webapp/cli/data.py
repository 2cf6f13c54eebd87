"""`thidua migrate`, `thidua backup`, `thidua restore`: the data as a whole."""

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import click

from engine import history
from engine.clock import SystemClock
from engine.db import open_database, reading
from webapp import backup as backups
from webapp import schema
from webapp.cli.words import fail
from webapp.settings import Settings, from_environment
from webapp.wiring import stored_file_hash
from workflows.council import queries as council


def upgrade_database(settings: Settings, *, with_backup: bool = True) -> Path | None:
    """Bring the database to the newest revision; return the backup made before, None when none was needed.

    Costs one look when nothing is to be done. Two starts at once wait for each other.

    Raises:
        BackupError: a filled database cannot be backed up first, so nothing was changed.
        UnknownRevisionError: a later version of the program made the database.

    """
    newest = schema.newest_revision()
    if backups.database_exists(settings) and schema.revision_of(settings.database_url) == newest:
        return None
    with _alone(settings):
        standing = schema.revision_of(settings.database_url)
        if standing == newest:
            return None
        schema.require_known(standing)
        saved = None
        if standing is not None and with_backup:
            folder = settings.data_dir / "backups"
            now = SystemClock().now()
            target = folder / f"thidua-{now:%Y%m%d-%H%M%S}-before-{newest}.tar"
            saved = backups.make_backup(settings, target, now, with_files=False)
        schema.migrate(settings.database_url)
        return saved


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (settings.data_dir / ".upgrade.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@click.command()
@click.option("--without-backup", is_flag=True, help="I have a backup of my own.")
def migrate(without_backup: bool) -> None:
    """Bring the database to this version, with a backup before."""
    settings = from_environment()
    try:
        saved = upgrade_database(settings, with_backup=not without_backup)
    except backups.BackupError as fault:
        fail(str(fault))
    if saved:
        click.echo(f"Đã sao lưu trước khi nâng cấp (backed up before): {saved}")
    click.echo(f"Cơ sở dữ liệu ở phiên bản (database stands at): {schema.newest_revision()}")


@click.command()
@click.argument("destination", type=click.Path(path_type=Path))
def backup(destination: Path) -> None:
    """Write database and files into one archive DESTINATION (a .tar, or a folder for it)."""
    try:
        archive = backups.make_backup(from_environment(), destination, SystemClock().now())
    except backups.BackupError as fault:
        fail(str(fault))
    manifest = backups.read_manifest(archive)
    click.echo(f"{archive}: {manifest.database} {manifest.revision}, {manifest.files} tệp (files)")


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore(archive: Path) -> None:
    """Put a backup back into an empty place and check its record."""
    settings = from_environment()
    try:
        manifest = backups.restore_backup(settings, archive)
        upgrade_database(settings, with_backup=False)
    except backups.BackupError as fault:
        fail(str(fault))
    click.echo(f"Đã khôi phục bản sao lưu lúc {manifest.made_at}: {manifest.files} tệp (restored).")
    sys.exit(0 if report_chain_check(settings) else 1)


def report_chain_check(settings: Settings, business_key: str | None = None, seal: history.Seal | None = None) -> bool:
    """Check the record and print what does not hold; tell whether all does."""
    schema.metadata()  # a fact of a room nobody loaded would be taken for one that is missing
    database, sessions = open_database(settings.database_url)
    found = 0
    try:
        with reading(sessions, at_one_instant=True) as session:
            findings = history.verify(session, business_key, file_hash=stored_file_hash(settings), sealed=seal)
            for finding in chain(findings, council.verify_boxes(session, business_key)):
                found += 1
                place = finding.business_key or finding.chain
                at = "" if finding.sequence is None else f" #{finding.sequence}"
                click.echo(f"  {finding.code}: {place}{at}: {finding.what}")
            events = history.count_events(session, business_key)
    finally:
        database.dispose()
    if business_key and not found and not events:
        fail(f"nhật ký không có hồ sơ nào số {business_key} (the record knows no case of that key).")
    verdict = "toàn vẹn (intact)" if not found else f"{found} sai lệch (findings)"
    click.echo(f"Nhật ký: {events} sự kiện (events), {verdict}.")
    return not found
