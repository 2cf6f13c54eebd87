"""`thidua instance`, `thidua incident` and `thidua health`: what an operator does at the machine."""

from uuid import UUID

import click

from engine import queries
from engine.commands.incidents import retry_incident, retry_incidents
from engine.commands.instances import cancel_instance
from engine.commands.interventions import propose_migration
from engine.commands.stuck import find_stuck_cases
from engine.commands.suspension import resume_instance, suspend_instance
from engine.context import SYSTEM
from engine.views import IncidentGroupView
from webapp.cli.opening import opened
from webapp.cli.operate_repair import list_requests, repair, show_request
from webapp.cli.operate_words import find_case, moment
from webapp.cli.words import fail


@click.group()
def instance() -> None:
    """Cases: show one, let it rest and go on, end it, repair it, move many to another version."""


for command in (repair, list_requests, show_request):
    instance.add_command(command)


@instance.command()
@click.argument("case")
def show(case: str) -> None:
    """Say where CASE (business key or id) stands."""
    with opened() as here:
        found = find_case(here.engine, case)
        click.echo(f"{found.business_key} {found.id}")
        click.echo(f"  {found.process_key} v{found.version}: {found.status} {found.end_event or ''}".rstrip())
        click.echo(f"  {moment(found.started_at)} … {moment(found.ended_at)}")
        for task in queries.open_tasks_of_instance(here.engine, found.id):
            holder = task.assignee or task.role
            click.echo(f"  việc (task) {task.id} {task.step_key} → {holder}, hạn (due) {moment(task.due_at)}")
        for waiting in (*queries.due_timers(here.engine, found.id), *queries.waiting_messages(here.engine, found.id)):
            click.echo(f"  chờ (waits) {waiting.process_key}/{waiting.element_id} {moment(waiting.due_at)}")


@instance.command()
@click.argument("case")
@click.option("--reason", required=True, help="Kept with the record.")
def cancel(case: str, reason: str) -> None:
    """End CASE without a result."""
    with opened() as here:
        found = find_case(here.engine, case)
        done = cancel_instance(here.engine, found.id, SYSTEM, reason)
    click.echo(f"{done.instance.business_key}: {done.instance.status}")


@instance.command()
@click.argument("case")
@click.option("--reason", required=True, help="Kept with the record.")
def suspend(case: str, reason: str) -> None:
    """Let CASE rest; its deadlines run on."""
    with opened() as here:
        done = suspend_instance(here.engine, find_case(here.engine, case).id, SYSTEM, reason)
    click.echo(f"{done.instance.business_key}: {done.instance.status}")


@instance.command()
@click.argument("case")
@click.option("--reason", required=True, help="Kept with the record.")
def resume(case: str, reason: str) -> None:
    """Let CASE go on; what fell due meanwhile happens now."""
    with opened() as here:
        done = resume_instance(here.engine, find_case(here.engine, case).id, SYSTEM, reason)
    click.echo(f"{done.instance.business_key}: {done.instance.status}")


@instance.command()
@click.argument("process")
@click.option("--from", "before", type=int, required=True, help="The version to leave.")
@click.option("--to", "after", type=int, required=True, help="The version to move to.")
@click.option("--propose", is_flag=True, help="Send those that can move for approval by a person.")
@click.option("--reason", default="", help="Kept with the record; needed with --propose.")
def migrate(process: str, before: int, after: int, propose: bool, reason: str) -> None:
    """Say which cases of PROCESS can move to another version; nothing moves until a person approves on the page."""
    with opened() as here:
        verdicts = queries.migration_verdicts(here.engine, process, before, after)
        for one in verdicts:
            where = f" ({one.process_key}/{one.element_id})" if one.process_key else ""
            click.echo(f"{one.business_key} {one.instance_id}: {one.reason or 'moves'}{where}")
        moving = sum(one.moves for one in verdicts)
        click.echo(f"{moving} chuyển được (can move), {len(verdicts) - moving} ở lại (stay).")
        if propose:
            asked = propose_migration(here.engine, process, SYSTEM, reason, before=before, after=after)
            click.echo(f"Đề nghị (proposal) {asked.request_id}: /admin/requests/{asked.request_id}")


@click.group()
def incident() -> None:
    """What gave up or waits for nothing: list it by cause, let it start over."""


@incident.command("list")
@click.option("--cause", help="Only this cause, each job with its id.")
def list_all(cause: str | None) -> None:
    """List incidents by cause, or the jobs of one cause."""
    with opened() as here:
        if cause:
            for one in queries.list_incidents(here.engine, cause):
                what = f"{one.job_id} {one.business_key} {one.kind} {one.key} ×{one.attempts}"
                click.echo(f"{what} {moment(one.failed_at)}: {one.error}")
            return
        groups = queries.list_incident_groups(here.engine)
    for group in groups:
        click.echo(_told(group))
    click.echo(f"{sum(group.count for group in groups)} sự cố (incidents), {len(groups)} nguyên nhân (causes).")


def _told(group: IncidentGroupView) -> str:
    place = "/".join(part for part in (group.process_key, group.element_id) if part)
    cases = ", ".join(one.business_key for one in group.incidents if one.business_key)
    more = " …" if group.count > len(group.incidents) else ""
    when = f"{moment(group.first_at)} … {moment(group.last_at)}"
    return f"{group.cause} ×{group.count} {group.kind} {group.key} {place} {group.error_class}\n  {when}: {cases}{more}"


@incident.command()
@click.argument("job_ids", nargs=-1, type=click.UUID)
@click.option("--cause", "causes", multiple=True, help="All of this cause; may be given again.")
@click.option("--all", "every", is_flag=True, help="All of them.")
@click.option("--reason", required=True, help="Kept with the record.")
def retry(job_ids: tuple[UUID, ...], causes: tuple[str, ...], every: bool, reason: str) -> None:
    """Let jobs that gave up start over: by id, by cause, or all."""
    if not (job_ids or causes or every):
        raise click.UsageError("nêu mã việc, --cause hoặc --all (name job ids, --cause or --all)")
    with opened() as here:
        wanted = [group.cause for group in queries.list_incident_groups(here.engine, 0)] if every else list(causes)
        retried = sum(retry_incidents(here.engine, cause, SYSTEM, reason) for cause in wanted)
        for job_id in () if every else job_ids:
            retry_incident(here.engine, job_id, SYSTEM, reason)
            retried += 1
    click.echo(f"{retried} việc được chạy lại (jobs start over).")


@incident.command()
def sweep() -> None:
    """Look for cases that wait for nothing, as the worker does every five minutes."""
    with opened() as here:
        found = find_stuck_cases(here.engine)
    click.echo(f"{found} hồ sơ bị treo (stuck cases).")


@click.command()
@click.option("--within", default=60, show_default=True, help="Seconds since the sweep last ran.")
def health(within: int) -> None:
    """End with 0 when the database answers and the workers sweep; for a watcher of workers and beat."""
    with opened() as here:
        now = here.engine.machine_clock.now()
        ages = {pulse.duty: (now - pulse.at).total_seconds() for pulse in queries.worker_pulses(here.engine)}
    late = [duty for duty in ("timers", "jobs") if not -within <= ages.get(duty, within + 1) <= within]
    if late:
        fail(f"tiến trình nền không chạy (workers do not sweep): {', '.join(late)}")
    click.echo("ok")
