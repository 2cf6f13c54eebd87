"""`thidua audit`: prove that the record was not altered, and write its heads down to be kept elsewhere."""

import sys
from pathlib import Path

import click

from engine import history
from engine.db import reading
from webapp.cli.data import report_chain_check
from webapp.cli.opening import opened
from webapp.cli.words import fail


@click.group()
def audit() -> None:
    """The record: check it, seal it."""


@audit.command()
@click.option("--seal", "sealed", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="An earlier seal.")
@click.option("--case", "business_key", help="Business key of one case.")
def verify(sealed: Path | None, business_key: str | None) -> None:
    """Recompute every chain, fact and file; exit 1 when something was altered."""
    try:
        seal = history.read_seal(sealed) if sealed else None
    except ValueError:
        fail(f"{sealed} không phải tệp niêm phong của thidua (is no seal of thidua).")
    with opened() as here:
        intact = report_chain_check(here.settings, business_key, seal)
    sys.exit(0 if intact else 1)


@audit.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def seal(file: Path) -> None:
    """Write the heads of all chains to FILE; keep it where nobody who writes to the database can reach it."""
    if file.exists():
        fail(f"{file} đã có, không ghi đè (exists, is not overwritten).")
    with opened() as here, reading(here.engine.sessions, at_one_instant=True) as session:
        count = history.seal(session, file, here.engine.machine_clock.now())
    click.echo(f"{file}: {count} chuỗi (chains).")
