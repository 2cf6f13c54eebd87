"""Database and files together in one archive, and back: `manifest.json`, `database/…`, `files/<2>/<sha256>`.

The database is copied first. A file is written before the row that names it commits, never overwritten and never
removed while a row names it; so every file the copy names is still there when the files are read. The generated
secret and the broker are left out: a backup opens no session, and the jobs table is the truth.
"""

import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import IO

import sqlalchemy as sa

from webapp import schema
from webapp.settings import Settings

FORMAT = 1
MANIFEST = "manifest.json"
_MEMBER = re.compile(r"database/thidua\.(db|dump)|files/[0-9a-f]{2}/[0-9a-f]{64}")


class BackupError(Exception):
    """A backup or a restore cannot be done; the message says why and what to do, in both languages."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds: when it was made, which database in which revision, and each member's hash."""

    made_at: str
    database: str
    revision: str
    members: Mapping[str, str]
    format: int = FORMAT

    @property
    def files(self) -> int:
        """How many dossier files there are."""
        return sum(name.startswith("files/") for name in self.members)


def make_backup(settings: Settings, destination: Path, at: datetime, *, with_files: bool = True) -> Path:
    """Write a backup while the product runs; return the archive.

    Args:
        settings: which database and which files.
        destination: the archive to be made, or a folder for it.
        at: the machine's instant, written into the manifest and the name.
        with_files: False before a migration, which touches the database alone.

    Raises:
        BackupError: there is nothing to save, the archive exists, or PostgreSQL's `pg_dump` is missing.

    """
    revision = schema.revision_of(settings.database_url) if database_exists(settings) else None
    if revision is None:
        raise BackupError("chưa có dữ liệu để sao lưu (there is no data to back up).")
    target = destination
    if destination.is_dir() or not destination.suffix:
        target = destination / f"thidua-{at:%Y%m%d-%H%M%S}.tar"
    if target.exists():
        raise BackupError(f"{target} đã có, không ghi đè (exists, is not overwritten).")
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        copied = _copy_database(settings.database_url, Path(folder))
        sources = {f"database/{copied.name}": copied}
        if with_files:
            sources |= {f"files/{file.parent.name}/{file.name}": file for file in _stored_files(settings)}
        _write_archive(target, sources, kind_of(settings.database_url), revision, at)
    return target


def kind_of(url: str) -> str:
    """Return `sqlite` or `postgresql`."""
    return sa.make_url(url).get_backend_name()


def database_exists(settings: Settings) -> bool:
    """Tell whether there is a database to open; opening an SQLite file that is not there would make it."""
    file = sqlite_file(settings.database_url)
    return file is None or file.exists()


def sqlite_file(url: str) -> Path | None:
    """Return the file of an SQLite database, None for a server's."""
    parsed = sa.make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def _stored_files(settings: Settings) -> Iterator[Path]:
    for file in sorted(settings.files_dir.glob("??/*")):
        if _MEMBER.fullmatch(f"files/{file.parent.name}/{file.name}"):
            yield file


def _copy_database(url: str, folder: Path) -> Path:
    file = sqlite_file(url)
    if file is not None:
        copy = folder / "thidua.db"
        with closing(sqlite3.connect(file, timeout=30)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        return copy
    copy = folder / "thidua.dump"
    _run_postgresql("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}")
    return copy


def _run_postgresql(program: str, url: str, *arguments: str) -> None:
    """Run a program of PostgreSQL's client; the password goes by the environment, where `ps` does not show it."""
    found = shutil.which(program)
    if found is None:
        raise BackupError(
            f"thiếu chương trình {program}: hãy cài gói postgresql-client ({program} is missing, install that package)."
        )
    parsed = sa.make_url(url)
    address = parsed.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = {**os.environ, **({"PGPASSWORD": str(parsed.password)} if parsed.password else {})}
    command = [found, *arguments, f"--dbname={address}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode:
        raise BackupError(f"{program}: {done.stderr.strip()[-500:]}")


def _write_archive(target: Path, sources: Mapping[str, Path], database: str, revision: str, at: datetime) -> None:
    part = target.with_name(f".{target.name}.part")
    members: dict[str, str] = {}
    with part.open("wb") as raw, tarfile.open(fileobj=raw, mode="w") as archive:
        for name, file in sources.items():
            with file.open("rb") as content:
                members[name] = hashlib.file_digest(content, "sha256").hexdigest()
            archive.add(file, name, recursive=False)
        manifest = Manifest(at.isoformat(timespec="seconds"), database, revision, members)
        body = json.dumps(asdict(manifest), indent=1).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mtime = len(body), int(at.timestamp())
        archive.addfile(entry, io.BytesIO(body))
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.rename(target)


def read_manifest(archive: Path) -> Manifest:
    """Return what an archive says it holds.

    Raises:
        BackupError: it is no archive of ours.

    """
    try:
        with tarfile.open(archive, "r:") as opened:
            found = opened.extractfile(MANIFEST)
            body = json.loads(found.read()) if found else {}
        if body.get("format") != FORMAT:
            raise ValueError(body.get("format"))
        return Manifest(body["made_at"], body["database"], body["revision"], dict(body["members"]))
    except (OSError, tarfile.TarError, KeyError, ValueError, AttributeError) as fault:
        raise BackupError(f"{archive} không phải bản sao lưu của thidua (is no backup of thidua).") from fault


def restore_backup(settings: Settings, archive: Path) -> Manifest:
    """Put an archive's database and files where nothing is yet; return its manifest.

    Every member is compared with its hash; the database is put in place last, so that a restore that was cut off
    leaves no product that starts.

    Raises:
        BackupError: there is data already, the archive is damaged, or it comes from another kind of database.
        UnknownRevisionError: it comes from a later version of the program.

    """
    manifest = read_manifest(archive)
    if manifest.database != kind_of(settings.database_url):
        raise BackupError(
            f"bản sao lưu là của {manifest.database}, THIDUA_DATABASE_URL là {kind_of(settings.database_url)} "
            f"(the backup is of another kind of database)."
        )
    schema.require_known(manifest.revision)
    _refuse_to_overwrite(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory(dir=settings.data_dir, prefix=".restore-") as folder:
            database = _unpack(archive, manifest, Path(folder), settings.files_dir)
            _put_database(settings.database_url, database)
    except BaseException:  # a full disk and Ctrl+C too: the next restore must find the place empty
        shutil.rmtree(settings.files_dir, ignore_errors=True)  # it was empty before
        raise
    return manifest


def _refuse_to_overwrite(settings: Settings) -> None:
    file = sqlite_file(settings.database_url)
    taken = file.exists() if file is not None else schema.has_tables(settings.database_url)
    if taken or next(_stored_files(settings), None):
        raise BackupError(
            f"đã có dữ liệu trong {settings.data_dir}, không ghi đè: hãy đặt THIDUA_DATA_DIR (và THIDUA_DATABASE_URL) "
            f"là nơi còn trống (there is data already; restore into an empty place)."
        )


def _unpack(archive: Path, manifest: Manifest, folder: Path, files: Path) -> Path:
    """Write the dossier files in place and the database's copy into `folder`; return the copy."""
    copy: Path | None = None
    waiting = dict(manifest.members)
    with tarfile.open(archive, "r:") as opened:
        for entry in opened:
            if entry.name == MANIFEST:
                continue
            digest = waiting.pop(entry.name, None)
            content = opened.extractfile(entry) if digest and _MEMBER.fullmatch(entry.name) else None
            if content is None:
                raise BackupError(f"bản sao lưu có phần lạ (the archive holds something strange): {entry.name[:100]}")
            kind, _, rest = entry.name.partition("/")
            target = (folder if kind == "database" else files) / rest
            target.parent.mkdir(parents=True, exist_ok=True)
            if _write(content, target) != digest:
                raise BackupError(f"bản sao lưu bị hỏng (the archive is damaged): {entry.name}")
            copy = target if kind == "database" else copy
    if copy is None or waiting:
        raise BackupError(f"bản sao lưu thiếu {len(waiting)} phần (the archive is not complete).")
    return copy


def _write(content: IO[bytes], target: Path) -> str:
    """Write a member durably and return its hash."""
    digest = hashlib.sha256()
    with NamedTemporaryFile(dir=target.parent, prefix=".new-", delete=False) as part:
        while block := content.read(1 << 20):
            digest.update(block)
            part.write(block)
        part.flush()
        os.fsync(part.fileno())
    Path(part.name).replace(target)
    return digest.hexdigest()


def _put_database(url: str, copy: Path) -> None:
    file = sqlite_file(url)
    if file is None:
        _run_postgresql("pg_restore", url, "--no-owner", "--no-privileges", "--single-transaction", str(copy))
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    if copy.stat().st_dev == file.parent.stat().st_dev:
        copy.rename(file)
    else:
        shutil.copyfile(copy, file)
