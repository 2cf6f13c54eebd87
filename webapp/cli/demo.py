"""`thidua demo` and `thidua seed-demo`: the demonstration's data and its clock."""

import re
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from engine.clock import VIETNAM
from engine.errors import DeploymentError
from webapp.cli.words import fail, refusal_text
from webapp.demonstration import DemonstrationError, Standing, prepare, standing_of
from webapp.settings import Settings, from_environment

if TYPE_CHECKING:
    from engine.runtime_environment import Engine  # its import takes longer than a start that has nothing to do

_SPAN = re.compile(r"(?=\d)(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?")
_WORDS = {
    "deployed": "sơ đồ và bảng quyết định (diagrams and tables)", "people": "người, chức vụ, vai trò (people)",
    "accounts": "tài khoản (accounts)", "filed": "đề nghị được lập (nominations)",
    "voted": "đề nghị được bỏ phiếu (votes)",
}  # fmt: skip


def prepare_demo(settings: Settings) -> None:
    """Load the demonstration unless it is there; say what is being done."""
    try:
        built = prepare(settings, _show, click.echo)
    except DemonstrationError as fault:
        fail(str(fault))
    except DeploymentError as refusal:
        fail(
            f"{refusal_text(refusal)}\n  Bản trình diễn giữ sơ đồ, bảng cũ; để dựng lại, hãy xóa {settings.data_dir} "
            "(remove that folder to build the demonstration anew)."
        )
    if built:
        click.echo("Bản trình diễn đã sẵn sàng (the demonstration is ready).")


def _show(what: str, done: int, whole: int) -> None:
    """Show how far the building has come: on a terminal the count runs, elsewhere each part has one line."""
    text = f"  {done:>3}/{whole} {_WORDS[what]}"
    if sys.stdout.isatty():
        click.echo(f"\r\033[K{text}", nl=done == whole)
    elif done == whole:
        click.echo(text)


@click.command("seed-demo")
def seed_demo() -> None:
    """Build the demonstration's data; when it is there nothing changes."""
    settings = _demo_settings()
    if standing_of(settings) is Standing.WHOLE:
        click.echo("Bản trình diễn đã có sẵn, không thay đổi gì (already there, nothing changed).")
        return
    prepare_demo(settings)


@click.group()
def demo() -> None:
    """The demonstration: its clock, how it stands."""


@demo.command()
@click.argument("span")
def advance(span: str) -> None:
    """Move the business clock on by SPAN (3d, 36h, 1d12h, 90m), day by day, and let happen what falls due."""
    from engine.commands.clock import advance_business_clock
    from engine.context import SYSTEM
    from webapp.cli.opening import opened

    left = read_span(span)
    _demo_settings()
    with opened() as here:
        moved = 0
        while left > timedelta(0):
            step = min(left, timedelta(days=1))
            moved += advance_business_clock(here.engine, SYSTEM, step)
            _settle(here.engine)
            left -= step
        now = here.engine.clock.now().astimezone(VIETNAM)
    click.echo(f"Đồng hồ nghiệp vụ: {now:%d/%m/%Y %H:%M} (+07:00); {moved} hồ sơ chuyển bước (cases moved).")


def read_span(text: str) -> timedelta:
    """Return a span of days, hours and minutes; end the command when it is none."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        fail(f"{text!r} không phải khoảng thời gian; ví dụ: 3d, 36h, 1d12h (not a span of time).", 2)
    days, hours, minutes = (int(part or 0) for part in found.groups())
    span = timedelta(days=days, hours=hours, minutes=minutes)
    if span <= timedelta(0):
        fail("đồng hồ chỉ đi tới (the clock only moves on).", 2)
    return span


def _settle(engine: "Engine") -> None:
    from engine.commands.jobs import run_due_jobs
    from engine.commands.timers import run_due_timers

    while run_due_timers(engine) + run_due_jobs(engine):
        pass


@demo.command()
def status() -> None:
    """Say how the demonstration stands."""
    from engine import queries
    from webapp.cli.opening import opened

    settings = _demo_settings()
    words = {
        Standing.WHOLE: "đã dựng (built)", Standing.EMPTY: "chưa dựng (not built)",
        Standing.INTERRUPTED: "dựng dở, sẽ dựng lại (interrupted)", Standing.FOREIGN: "dữ liệu khác (other data)",
    }  # fmt: skip
    standing = standing_of(settings)
    click.echo(f"Bản trình diễn: {words[standing]}")
    if standing is not Standing.WHOLE:
        return
    with opened() as here:
        now = here.engine.clock.now().astimezone(VIETNAM)
        counts = queries.standing(here.engine)
    click.echo(f"Đồng hồ nghiệp vụ: {now:%d/%m/%Y %H:%M} (+07:00)")
    click.echo(f"Hồ sơ đang giải quyết: {counts.running_cases}; việc đang chờ: {counts.open_tasks}; "
               f"sự cố: {counts.incidents} (running cases, open tasks, incidents)")  # fmt: skip


def _demo_settings() -> Settings:
    settings = from_environment()
    if not settings.demo:
        fail("chỉ dùng trong chế độ trình diễn: hãy đặt THIDUA_DEMO=1 (demonstration mode only).", 2)
    return settings
