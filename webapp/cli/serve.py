"""`thidua serve` and `thidua worker`: start the product."""

import errno
import os
import sys
from collections.abc import Callable
from typing import NoReturn

import click

from webapp.cli.words import fail
from webapp.quick_start import is_prepared
from webapp.settings import Settings, from_environment
from webapp.startup_checks import check_before_start
from webapp.supervisor import (
    address_of,
    answers,
    beat_command,
    child_environment,
    supervise,
    web_command,
    why_not_to_listen,
    worker_command,
)


@click.command()
@click.option("--without-worker", is_flag=True, help="Web only; start `thidua worker` elsewhere.")
def serve(without_worker: bool) -> None:
    """Serve the product in the foreground: web and worker under one supervisor."""
    settings = from_environment()
    if fault := why_not_to_listen(settings):
        _refuse_address(settings, fault)
    if not is_prepared(settings):
        _prepare(settings)
    if faults := check_before_start(settings):
        fail("\n        ".join(faults))
    commands = {"web": web_command(settings)}
    if not without_worker:
        commands["worker"] = worker_command(settings)
    sys.exit(
        supervise(
            commands, child_environment(settings), ready=lambda: answers(settings), announce=lambda: _announce(settings)
        )
    )


def _refuse_address(settings: Settings, fault: OSError) -> NoReturn:
    if fault.errno == errno.EADDRINUSE:
        fail(
            f"cổng {settings.port} đang được dùng, hãy đặt THIDUA_PORT={settings.port + 1} "
            f"(port {settings.port} is in use; set THIDUA_PORT={settings.port + 1})."
        )
    fail(
        f"không nghe được ở {address_of(settings)}, hãy xem THIDUA_HOST và THIDUA_PORT "
        f"(cannot listen there, look at both): {fault.strerror}"
    )


def _prepare(settings: Settings) -> None:
    """Bring the database up and load what a demonstration shows. What this needs is loaded here: it is seldom run."""
    from webapp import logs
    from webapp.backup import BackupError
    from webapp.cli.data import upgrade_database

    logs.configure(settings.log_level, settings.log_format)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        upgrade_database(settings)
    except BackupError as fault:
        fail(f"{fault}\n  thidua migrate --without-backup")
    if settings.demo:
        from webapp.cli.demo import prepare_demo

        prepare_demo(settings)


@click.command()
@click.option("--without-beat", is_flag=True, help="Jobs only; start `thidua beat` elsewhere, once.")
def worker(without_beat: bool) -> None:
    """Run the background worker alone (jobs, timers, sweep)."""
    _become(lambda settings: worker_command(settings, beat=not without_beat))


@click.command()
def beat() -> None:
    """Run the clock that tells workers to sweep; once in an installation."""
    _become(beat_command)


def _become(command_of: Callable[[Settings], list[str]]) -> None:
    settings = from_environment()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    command = command_of(settings)
    os.execv(command[0], command)  # noqa: S606 - becomes the worker


def _announce(settings: Settings) -> None:
    click.echo(f"\n  thidua đang chạy tại http://{address_of(settings)}  (dừng: Ctrl+C)")
    if settings.demo:
        from webapp.demo.people import ACCOUNTS, PASSWORD

        click.echo(f"  Tài khoản trình diễn, mật khẩu đều là {PASSWORD}:")
        for account in ACCOUNTS:
            click.echo(f"    {account.username:<14}{account.title}")
    click.echo("")
