"""`thidua serve` and `thidua worker`: start the product."""

import os
import sys

import click

from webapp.settings import Settings, from_environment
from webapp.supervisor import supervise, web_command, worker_command


@click.command()
@click.option("--without-worker", is_flag=True, help="Web only; start `thidua worker` elsewhere.")
def serve(without_worker: bool) -> None:
    """Serve the product in the foreground: web and worker under one supervisor."""
    from webapp.cli.data import upgrade_database
    from webapp.startup_checks import check_before_start

    settings = from_environment()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade_database(settings)
    if settings.demo:
        from webapp.cli.demo import prepare_demo

        prepare_demo(settings)
    faults = check_before_start(settings)
    if faults:
        raise click.ClickException("\n".join(faults))
    _announce(settings)
    commands = {"web": web_command(settings)}
    if not without_worker:
        commands["worker"] = worker_command(settings)
    sys.exit(supervise(commands))


@click.command()
def worker() -> None:
    """Run the background worker alone (jobs, timers, sweep)."""
    settings = from_environment()
    command = worker_command(settings)
    os.execv(command[0], command)  # noqa: S606 - becomes the worker


def _announce(settings: Settings) -> None:
    click.echo(f"\n  thidua đang chạy tại http://{settings.host}:{settings.port}  (dừng: Ctrl+C)")
    if settings.demo:
        from webapp.demo.people import ACCOUNTS, PASSWORD

        click.echo(f"  Tài khoản trình diễn, mật khẩu đều là {PASSWORD}:")
        for account in ACCOUNTS:
            click.echo(f"    {account.username:<14}{account.title}")
    click.echo("")
