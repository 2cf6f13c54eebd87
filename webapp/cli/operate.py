"""`thidua instance` and `thidua incident`: what an operator does at the machine."""

from datetime import datetime
from uuid import UUID

import click

from engine import queries
from engine.clock import VIETNAM
from engine.commands.instances import cancel_instance
from engine.commands.incidents import retry_incident
from engine.context import SYSTEM
from engine.errors import NotFoundError
from engine.runtime_environment import Engine
from engine.views import InstanceView
from webapp.cli.opening import opened


@click.group()
def instance() -> None:
    """Cases: show one, end one."""


def _moment(value: datetime | None) -> str:
    return value.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M") if value else "-"


def _case(engine: Engine, key: str) -> InstanceView:
    """Return a case by business key or id."""
    found = queries.find_instance(engine, key)
    if found is not None:
        return found
    try:
        return queries.get_instance(engine, UUID(key))
    except ValueError as fault:
        raise NotFoundError("no such case", case=key) from fault


@instance.command()
@click.argument("case")
def show(case: str) -> None:
    """Say where CASE (business key or id) stands."""
    with opened() as here:
        found = _case(here.engine, case)
        click.echo(f"{found.business_key} {found.id}")
        click.echo(f"  {found.process_key} v{found.version}: {found.status} {found.end_event or ''}".rstrip())
        click.echo(f"  {_moment(found.started_at)} … {_moment(found.ended_at)}")
        for task in queries.open_tasks_of_instance(here.engine, found.id):
            holder = task.assignee or task.role
            click.echo(f"  việc (task) {task.id} {task.step_key} → {holder}, hạn (due) {_moment(task.due_at)}")
        for waiting in (*queries.due_timers(here.engine, found.id), *queries.waiting_messages(here.engine, found.id)):
            click.echo(f"  chờ (waits) {waiting.process_key}/{waiting.element_id} {_moment(waiting.due_at)}")


@instance.command()
@click.argument("case")
@click.option("--reason", required=True, help="Kept with the record.")
def cancel(case: str, reason: str) -> None:
    """End CASE without a result."""
    with opened() as here:
        found = _case(here.engine, case)
        done = cancel_instance(here.engine, found.id, SYSTEM, reason)
    click.echo(f"{done.instance.business_key}: {done.instance.status}")


@click.group()
def incident() -> None:
    """Jobs that gave up: list them, let them start over."""


@incident.command("list")
def list_all() -> None:
    """List the jobs that gave up."""
    with opened() as here:
        found = queries.list_incidents(here.engine)
    for one in found:
        what = f"{one.job_id} {one.business_key} {one.kind} {one.key} ×{one.attempts}"
        click.echo(f"{what} {_moment(one.failed_at)}: {one.error}")
    click.echo(f"{len(found)} sự cố (incidents).")


@incident.command()
@click.argument("job_ids", nargs=-1, type=click.UUID)
@click.option("--all", "every", is_flag=True, help="All of them.")
@click.option("--reason", required=True, help="Kept with the record.")
def retry(job_ids: tuple[UUID, ...], every: bool, reason: str) -> None:
    """Let jobs that gave up start over."""
    with opened() as here:
        wanted = [one.job_id for one in queries.list_incidents(here.engine)] if every else list(job_ids)
        for job_id in wanted:
            retry_incident(here.engine, job_id, SYSTEM, reason)
    click.echo(f"{len(wanted)} việc được chạy lại (jobs start over).")
