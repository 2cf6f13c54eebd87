"""`thidua instance repair | requests | request`: propose a repair, read what is proposed.

Nothing is approved at the machine: who approves must be a person, and one who did not propose it.
"""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import click

from engine import queries
from engine.commands.interventions import propose_repair
from engine.context import SYSTEM
from engine.intervention_views import PlaceView, RepairPlan, RepairPreview, RepairView, VariableView
from engine.runtime_environment import Engine
from engine.text import clean
from webapp.cli.opening import opened
from webapp.cli.operate_words import find_case, moment
from webapp.cli.words import fail

STATES = ("proposed", "approved", "rejected", "void")
_PAGE = 200


@click.command()
@click.argument("case")
@click.option("--from", "source", help="The element to take the case from, or its token where several stand there.")
@click.option("--to", "target", default="", help="The element to start again at.")
@click.option("--set", "values", multiple=True, metavar="NAME=VALUE", help="A new value; may be given again.")
@click.option("--propose", is_flag=True, help="Send it for approval by a person.")
@click.option("--reason", default="", help="Kept with the record; needed with --propose.")
def repair(case: str, *, source: str | None, target: str, values: tuple[str, ...], propose: bool, reason: str) -> None:
    """Say what a repair of CASE would open and close; nothing moves until a person approves.

    Without options: where the case stands, where it may be moved to, and the values it uses. A VALUE is text, a number,
    true or false, or a list (["a", "b"]); null takes it away.
    """
    with opened() as here:
        found = find_case(here.engine, case)
        places = queries.token_places_of(here.engine, found.id)
        variables = queries.repairable_variables(here.engine, found.id)
        if source is None and not target and not values:
            _tell_options(places, variables)
            return
        token = _token(places, source) if source is not None else ""
        plan = RepairPlan(token, target=target, variables=_values(variables, values))
        _tell_preview(queries.preview_repair(here.engine, found.id, SYSTEM, plan))
        if propose:
            asked = propose_repair(here.engine, found.id, SYSTEM, plan, reason)
            click.echo(f"Đề nghị (proposal) {asked.request_id}: /admin/requests/{asked.request_id}")


def _token(places: Sequence[PlaceView], source: str) -> str:
    """Return the token at an element; what names no element is taken for a token, which the door judges."""
    standing = [place.token for place in places if place.element_id == source]
    if len(standing) > 1:
        fail(f"nhiều nhánh cùng ở {source}, hãy nêu một (several stand there, name one): {', '.join(standing)}")
    return standing[0] if standing else source


def _values(variables: Sequence[VariableView], texts: Sequence[str]) -> dict[str, Any]:
    """Return what was typed as values; text stays text where the case has text."""
    texted = {one.name for one in variables if one.type == "text"}
    found: dict[str, Any] = {}
    for text in texts:
        name, sign, typed = text.partition("=")
        if not sign:
            fail(f"cần dạng tên=giá trị (must be name=value): {text}")
        found[name] = clean(typed) if name in texted and typed != "null" else _value(clean(typed))
    return found


def _value(typed: str) -> Any:
    try:
        return json.loads(typed)
    except (ValueError, RecursionError):
        return typed


def _tell_options(places: Sequence[PlaceView], variables: Sequence[VariableView]) -> None:
    for place in places:
        click.echo(f"{place.process_key}/{place.element_id} ({place.token}) → {', '.join(place.targets)}")
    for one in variables:
        click.echo(f"{one.name} ({one.type}) = {json.dumps(one.value, ensure_ascii=False)}")


def _tell_preview(seen: RepairPreview) -> None:
    for task in seen.closed:
        click.echo(f"  đóng (closes) {task.step_key} → {task.assignee or task.role}")
    for task in seen.opened:
        click.echo(f"  mở (opens) {task.step_key} → {task.assignee or task.role}, hạn (due) {moment(task.due_at)}")
    for waiting in seen.waiting:
        click.echo(f"  chờ (waits) {waiting.process_key}/{waiting.element_id} {moment(waiting.due_at)}")
    for key in seen.jobs:
        click.echo(f"  máy làm (runs) {key}")
    if seen.ended:
        click.echo(f"  kết thúc (ends) {seen.ended}")


@click.command("requests")
@click.option("--case", help="Only of this case (business key or id).")
@click.option("--state", type=click.Choice(STATES), help="Only those that stand so.")
def list_requests(case: str | None, state: str | None) -> None:
    """List proposed repairs and migrations, newest first."""
    with opened() as here:
        instance_id = find_case(here.engine, case).id if case else None
        for asked in _all(here.engine, instance_id, state):
            click.echo(_told(asked))


def _all(engine: Engine, instance_id: UUID | None, state: str | None) -> list[RepairView]:
    found: list[RepairView] = []
    cursor: str | None = ""
    while cursor is not None:
        page = queries.search_requests(engine, instance_id=instance_id, state=state, limit=_PAGE, cursor=cursor)
        found, cursor = [*found, *page.items], page.next_cursor
    return found


def _told(asked: RepairView) -> str:
    what = asked.business_key or f"{asked.process_key} v{asked.before} → v{asked.after} ×{len(asked.instances)}"
    return f"{asked.request_id} {asked.kind} {asked.state} {moment(asked.proposed_at)} {what}: {asked.reason}"


@click.command("request")
@click.argument("request_id", type=click.UUID)
def show_request(request_id: UUID) -> None:
    """Say what a proposal does, why, and who decided what."""
    with opened() as here:
        asked = queries.get_request(here.engine, request_id)
    click.echo(_told(asked))
    click.echo(f"  đề nghị (proposed by) {asked.proposer_id}")
    plan = asked.plan
    if plan.token:
        click.echo(f"  {plan.process_key}: {plan.source} → {plan.target}")
    for name, value in plan.variables.items():
        click.echo(f"  {name} = {json.dumps(value, ensure_ascii=False)}")
    for instance_id in asked.instances:
        click.echo(f"  {instance_id}")
    if asked.decider_id:
        click.echo(f"  quyết định (decided by) {asked.decider_id} {moment(asked.decided_at)}: {asked.decision_reason}")
