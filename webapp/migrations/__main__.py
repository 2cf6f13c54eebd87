"""Writes the next migration from what the models have become: `python -m webapp.migrations "What changes"`.

Read it before it is committed: Alembic sees tables, columns and indexes, but no renaming and no moving of data.
"""

import re
import sys
import tempfile
from pathlib import Path

from alembic import command

from webapp import schema

USAGE = 'python -m webapp.migrations "What changes"'


def next_revision(message: str) -> str:
    """Return the name of the next revision: a number and up to four words of the message."""
    number = int(schema.newest_revision().split("_")[0]) + 1
    words = re.findall(r"[a-z0-9]+", message.lower())[:4]
    return "_".join([f"{number:04d}", *words])


def write(message: str) -> Path:
    """Compare the models with a database brought to the newest revision, write the difference, return the file."""
    revision = next_revision(message)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'thidua.db'}"
        schema.migrate(url)
        with schema.migrating(url) as connection:
            command.revision(schema.alembic_config(connection), message, rev_id=revision, autogenerate=True)
    return schema.MIGRATIONS / "versions" / f"{revision}.py"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(USAGE)
    sys.stdout.write(f"{write(sys.argv[1])}\n")
