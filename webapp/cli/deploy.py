"""`thidua deploy` and `thidua check`: diagrams and tables, brought into force or only looked at."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from engine import dmn, lint
from engine.commands import deployments
from engine.context import SYSTEM
from engine.deployment import read_folder
from engine.errors import DeploymentError
from engine.registry import Registry
from webapp.cli.opening import opened
from webapp.cli.words import fail
from webapp.settings import from_environment
from webapp.wiring import registry_of

Finding = Mapping[str, str]


def _must_hold_something(_context: click.Context, parameter: click.Parameter, folder: Path | None) -> Path | None:
    """Refuse a folder without diagrams and tables: a mistyped name must not be told to be without fault."""
    if folder and not (any(folder.glob("*.bpmn")) or any(folder.glob("tables/*/*.dmn"))):
        raise click.BadParameter(
            f"{folder} không có *.bpmn và tables/*/*.dmn nào (holds no diagram and no table).", param=parameter
        )
    return folder


_FOLDER = click.argument(
    "folder", required=False, callback=_must_hold_something,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
)  # fmt: skip


@click.command()
@_FOLDER
def deploy(folder: Path | None) -> None:
    """Bring the diagrams and tables of FOLDER into force; the product's own when left out."""
    with opened() as here:
        try:
            added = deployments.deploy(here.engine, folder or here.settings.bpmn_dir, SYSTEM)
        except DeploymentError as refusal:
            _name(refusal.details.get("findings", ()))
            fail(f"không triển khai gì (nothing was deployed): {refusal}")
    for view in added:
        version = f"từ (from) {view.valid_from}" if view.valid_from else f"phiên bản (version) {view.version}"
        click.echo(f"  + {view.key}: {version} {view.sha256[:12]}")
    click.echo(f"{len(added)} phiên bản mới (new versions).")


@click.command()
@_FOLDER
def check(folder: Path | None) -> None:
    """Look for faults in the diagrams and tables of FOLDER, without a database; exit 1 when there are any."""
    settings = from_environment()
    faults, warnings = find_faults(registry_of(settings), folder or settings.bpmn_dir)
    _name(faults)
    _name(warnings)
    click.echo(f"{len(faults)} lỗi (errors), {len(warnings)} lưu ý (warnings).")
    sys.exit(1 if faults else 0)


def find_faults(registry: Registry, folder: Path) -> tuple[list[Finding], list[Finding]]:
    """Return what forbids the deployment of a folder, and what somebody should look at."""
    try:
        sources = read_folder(folder)
    except DeploymentError as refusal:
        return list(refusal.details["findings"]), []
    faults: list[Finding] = [
        {"process_key": one.process_key, "element_id": one.element_id, "rule": one.rule, "message": one.message}
        for one in lint.check(sources.diagrams, registry)
    ]
    warnings: list[Finding] = []
    for table in sources.tables:
        for one in dmn.check(table.xml, functions=tuple(registry.functions)):
            place = {"process_key": f"{table.table}/{table.valid_from}", "element_id": one.column}
            kept = faults if one.severity == "error" else warnings
            kept.append({**place, "rule": one.rule, "message": one.message})
    return faults, warnings


def _name(findings: Iterable[Finding]) -> None:
    for finding in findings:
        place = " ".join(filter(None, (finding["process_key"], finding["element_id"])))
        click.echo(f"  {place}: {finding['rule']}: {finding['message']}", err=True)
