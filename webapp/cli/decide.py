"""`thidua dmn`: read decision tables, ask them, and see what a changed one would have answered."""

import json
import sys
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from engine import dmn as decisions
from engine import replay as past
from engine.clock import local_date
from engine.db import reading
from engine.deployment import TableFile, read_folder
from engine.feel import to_text
from engine.runtime_environment import Engine
from engine.tables import in_force
from webapp.cli.opening import opened
from webapp.cli.words import fail
from workflows.rulebook import queries
from workflows.rulebook.trial import given_inputs

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_DAY = click.DateTime(["%Y-%m-%d", "%d/%m/%Y"])
_MOST_SHOWN = 200


@click.group()
def dmn() -> None:
    """Decision tables: check a file, show and evaluate tables in force, replay past cases with a changed one."""


@dmn.command("check")
@click.argument("file", type=_FILE)
def check_file(file: Path) -> None:
    """Look for faults in FILE; exit 1 when there are any."""
    findings = decisions.check(file.read_bytes())
    for finding in findings:
        click.echo(f"  {finding.severity}: {finding.rule}: {finding.message}")
    faults = sum(finding.severity == "error" for finding in findings)
    click.echo(f"{faults} lỗi (errors), {len(findings) - faults} lưu ý (warnings).")
    sys.exit(1 if faults else 0)


@dmn.command("evaluate")
@click.argument("table")
@click.argument("values", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--on", type=_DAY, help="The day that chooses the version; today when left out.")
@click.option("--file", type=_FILE, help="Ask this file instead of the version in force.")
def evaluate_table(table: str, values: tuple[str, ...], on: datetime | None, file: Path | None) -> None:
    """Ask TABLE and name the rows that matched. Values are FEEL (3, true, date("2025-07-01")) or plain text."""
    with opened() as here, reading(here.engine.sessions) as session:
        if file is None:
            version = in_force(session, table, _day(on, here.engine))
            model = queries.parsed(session, version.sha256)
            click.echo(f"{table} từ (from) {version.valid_from} {version.sha256[:12]}")
        else:
            model = decisions.load(file.read_bytes(), functions=tuple(here.engine.registry.functions))
        answer = model.evaluate(table, given_inputs(model, table, _named(values)))
        _tell(answer)


def _named(values: Iterable[str]) -> dict[str, str]:
    found = {}
    for text in values:
        name, sign, value = text.partition("=")
        if not sign:
            fail(f"cần dạng tên=giá trị (must be name=value): {text}")
        found[name] = value
    return found


def _day(on: datetime | None, engine: Engine) -> date:
    return on.date() if on else local_date(engine.clock.now())


def _tell(answer: decisions.Decision) -> None:
    click.echo(to_text(answer.value))
    for table in answer.trace.tables:
        for rule in table.matched:
            click.echo(f"  {table.decision} #{rule.number}: {json.dumps(dict(rule.annotations), ensure_ascii=False)}")


@dmn.command("show")
@click.argument("table", required=False)
@click.option("--on", type=_DAY, help="The day that chooses the version; today when left out.")
def show_table(table: str | None, on: datetime | None) -> None:
    """Print the rows of TABLE with their sources; without TABLE, list the tables and their days."""
    with opened() as here, reading(here.engine.sessions) as session:
        if table is None:
            for key in queries.table_keys(session):
                click.echo(f"{key}: {', '.join(str(day) for day, _ in queries.versions_of(session, key))}")
            return
        version = in_force(session, table, _day(on, here.engine))
        model = queries.parsed(session, version.sha256)
        click.echo(f"{table} từ (from) {version.valid_from} {version.sha256}")
        for name, found in model.tables.items():
            inputs = " | ".join(clause.label for clause in found.inputs)
            click.echo(f"\n{name} ({found.hit_policy}): {inputs} → {' | '.join(out.name for out in found.outputs)}")
            for rule in found.rules:
                tests = " | ".join(test.text for test in rule.tests)
                answers = " | ".join(output.text for output in rule.outputs)
                said = "; ".join(text for text in rule.annotations.values() if text)
                click.echo(f"  {rule.number}. {tests} → {answers}\n     {said}")


@dmn.command("replay")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--table", help="Key of the table; the name of the file's folder when left out.")
@click.option("--on", "begins", type=_DAY, help="The day it would begin; the file's name when left out.")
@click.option("--from", "since", type=_DAY, help="Leave out what was looked up by an earlier day.")
def replay_tables(path: Path, table: str | None, begins: datetime | None, since: datetime | None) -> None:
    """Ask a changed table all that was ever asked of it, and list the outcomes that change.

    PATH is a table's file, or a folder of diagrams and tables: then every table of it that is not in force as it
    stands there.
    """
    with opened() as here:
        files = [_file(path, table, begins)] if path.is_file() else _changed(here.engine, path)
        if not files:
            click.echo("không có bảng nào thay đổi (no table differs from what is in force).")
        for file in files:
            _report(past.replay(here.engine, file, since=since.date() if since else None))


def _file(path: Path, table: str | None, begins: datetime | None) -> TableFile:
    try:
        day = begins.date() if begins else date.fromisoformat(path.stem)
    except ValueError:
        fail("tên tệp không phải là ngày, hãy thêm --on (the file is not named by a day: give --on).")
    return TableFile(table or path.resolve().parent.name, day, path.read_bytes())


def _changed(engine: Engine, folder: Path) -> list[TableFile]:
    with reading(engine.sessions) as session:
        known = {key: set(queries.versions_of(session, key)) for key in queries.table_keys(session)}
    files = read_folder(folder).tables
    return [file for file in files if (file.valid_from, file.sha256) not in known.get(file.table, set())]


def _report(found: past.Replay) -> None:
    until = f" đến trước (until) {found.valid_until}" if found.valid_until else ""
    click.echo(f"{found.table} từ (from) {found.valid_from}{until} {found.sha256[:12]}")
    for change in found.changes[:_MOST_SHOWN]:
        after = change.fault if change.after is None else _json(change.after)
        days = "" if change.within else " (ngoài thời gian áp dụng, outside its days)"
        click.echo(f"  {change.business_key or change.evaluation_id} {change.looked_up_on}{days}")
        click.echo(f"    {_json(change.before)} → {after}")
        click.echo(f"    {_rows(change.rows_before)} → {_rows(change.rows_after)}")
    click.echo(f"{len(found.changes)} / {found.total} kết quả thay đổi (outcomes change), "
               f"{found.changed_within} / {found.within} trong thời gian áp dụng (within its days).")  # fmt: skip


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _rows(rows: Iterable[dict[str, Any]]) -> str:
    said = (f"{row['decision']} #{row['row']} {row['annotations'].get('source', '')[:80]}".strip() for row in rows)
    return "; ".join(said) or "không dòng nào (no row)"


@dmn.command("verify")
def verify_decisions() -> None:
    """Decide everything ever decided again, each with the version it used; exit 1 when an answer differs."""
    with opened() as here:
        count, wrong = past.unfrozen(here.engine)
    for evaluation in wrong:
        click.echo(f"  rule_evaluation:{evaluation}", err=True)
    click.echo(f"{count - len(wrong)} / {count} kết quả giữ nguyên (stay as they were).")
    sys.exit(1 if wrong else 0)
