"""What parts of the benchmark stand on: folders on a real disk, databases that sync, and how much is done."""

import shutil
import tempfile
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

from tests.office import Office
from tests.support import postgresql

T = TypeVar("T")
ROOM = 4_000_000_000


@dataclass
class Ground:
    """The ground of one run.

    Attributes:
        quick: little of everything, for who works on the benchmark; its figures say nothing.
        folder: on the disk, so that a commit waits for it as in earnest.

    """

    quick: bool
    folder: Path
    _held: ExitStack
    _server: list[str] = field(default_factory=list)

    @classmethod
    def prepare(cls, *, quick: bool) -> "Ground":
        """Return a ground; `clear` takes it away."""
        held = ExitStack()
        return cls(quick, Path(held.enter_context(_folder_on_disk())), held)

    def clear(self) -> None:
        """Stop what was started and remove what was written."""
        self._held.close()

    def much(self, full: T, quick: T) -> T:
        """Return how much of something is done in this run."""
        return quick if self.quick else full

    def new_folder(self) -> Path:
        """Return an empty folder."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    def in_memory(self) -> Path:
        """Return an empty folder in memory where there is room, for what measures no disk."""
        memory = Path("/dev/shm")
        if not memory.is_dir() or shutil.disk_usage(memory).free < ROOM:
            return self.new_folder()
        return Path(self._held.enter_context(tempfile.TemporaryDirectory(prefix="thidua-bench-", dir=memory)))

    def sqlite_office(self) -> Office:
        """Return an office over a new SQLite database."""
        folder = self.new_folder()
        return Office.open(f"sqlite:///{folder / 'thidua.db'}", folder)

    def postgresql_office(self) -> Office:
        """Return an office over a new PostgreSQL database."""
        return Office.open(self.postgresql(), self.new_folder())

    def postgresql(self) -> str:
        """Return the address of a new database; the server is started when first asked for.

        Raises:
            RuntimeError: this machine has no PostgreSQL.

        """
        if not self._server:
            binaries = postgresql.binaries()
            if binaries is None:
                raise RuntimeError("no PostgreSQL: install postgresql or the requirements of the tests")
            home = self._held.enter_context(_folder_on_disk())  # of its own: the server runs as somebody else
            durable = postgresql.own_server(binaries, home, "-c", "fsync=on")
            self._server.append(self._held.enter_context(durable).url)
        name = f"bench{uuid.uuid4().hex}"
        server = sa.create_engine(self._server[0], isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
        server.dispose()
        return sa.make_url(self._server[0]).set(database=name).render_as_string(hide_password=False)


def _folder_on_disk() -> "tempfile.TemporaryDirectory[str]":
    """Return a folder that is no memory, as /tmp may be: memory syncs for nothing."""
    return tempfile.TemporaryDirectory(prefix="thidua-bench-", dir="/var/tmp" if Path("/var/tmp").is_dir() else None)
