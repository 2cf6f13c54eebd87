"""Files by content: `<root>/files/<2>/<sha256>`. Written and synced before the row that names them commits."""

import hashlib
import os
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from workflows.errors import UnsafeFileError


class FileStorage:
    """Keeps bytes under their SHA-256; the same bytes are kept once. Never overwrites."""

    def __init__(self, root: Path) -> None:
        """Keep files below `root` (the data directory)."""
        self._folder = root / "files"

    def path_of(self, sha256: str) -> Path:
        """Return where the file with that hash is or would be.

        Raises:
            ValueError: not a SHA-256 in lower-case hexadecimal; a name from outside must never leave the folder.

        """
        if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
            raise ValueError("not a SHA-256")
        return self._folder / sha256[:2] / sha256

    def write(self, content: bytes) -> str:
        """Store bytes durably (file and folder synced) and return their SHA-256. Call it before the row commits."""
        sha256 = hashlib.sha256(content).hexdigest()
        target = self.path_of(sha256)
        if target.exists() and target.stat().st_size == len(content):
            os.utime(target)  # a sweep must not take it for an orphan between now and the commit
            return sha256
        target.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=target.parent, prefix=".new-", delete=False) as part:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
        Path(part.name).replace(target)
        _sync_folder(target.parent)
        return sha256

    def read(self, sha256: str) -> bytes:
        """Return the bytes, checked against their hash.

        Raises:
            FileNotFoundError: nothing is stored under that hash.
            UnsafeFileError: the stored bytes were altered.

        """
        content = self.path_of(sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise UnsafeFileError("stored bytes do not match their hash", sha256=sha256)
        return content

    def exists(self, sha256: str) -> bool:
        """Tell whether bytes with that hash are stored."""
        return self.path_of(sha256).is_file()

    def all_hashes(self) -> Iterator[str]:
        """Yield the hash of every stored file."""
        for path in self._folder.glob("??/*"):
            if path.is_file() and not path.name.startswith(".new-"):
                yield path.name

    def orphans(self, older_than: timedelta, known: Collection[str], now: datetime) -> list[str]:
        """Remove files that no row names and that are older than `older_than`; return their names.

        Args:
            older_than: a file younger than this may belong to a transaction not yet committed.
            known: hashes that rows name.
            now: the machine's instant.

        """
        removed = []
        for path in self._folder.glob("??/*"):
            if path.name in known or not path.is_file():
                continue
            if now.timestamp() - path.stat().st_mtime > older_than.total_seconds():
                path.unlink()
                removed.append(path.name)
        return sorted(removed)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
