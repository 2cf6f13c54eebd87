"""`thidua dmn`: look at one decision file, or ask it a question."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from engine import dmn as decisions
from engine.errors import EngineError
from engine.feel import evaluate, to_text
from webapp.cli.words import fail


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("decision", required=False)
@click.option("--inputs", default="{}", help='A FEEL context, e.g. {form: "GIAY_KHEN", on: date("2025-06-16")}.')
def dmn(file: Path, decision: str | None, inputs: str) -> None:
    """Check FILE for faults; with DECISION, evaluate it and name the rules that matched."""
    source = file.read_bytes()
    if decision is None:
        findings = decisions.check(source)
        for finding in findings:
            click.echo(f"  {finding.severity}: {finding.rule}: {finding.message}")
        faults = sum(finding.severity == "error" for finding in findings)
        click.echo(f"{faults} lỗi (errors), {len(findings) - faults} lưu ý (warnings).")
        sys.exit(1 if faults else 0)
    try:
        answer = decisions.load(source).evaluate(decision, _context(inputs))
    except EngineError as fault:
        fail(str(fault))
    click.echo(to_text(answer.value))
    for table in answer.trace.tables:
        for rule in table.matched:
            click.echo(f"  {table.decision} #{rule.number}: {json.dumps(dict(rule.annotations), ensure_ascii=False)}")


def _context(text: str) -> dict[str, Any]:
    found = evaluate(text, {})
    if not isinstance(found, dict):
        fail(f"--inputs phải là một ngữ cảnh FEEL (must be a FEEL context): {text[:80]}")
    return found
