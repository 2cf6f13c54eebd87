"""`thidua user`: accounts at the machine; the first administrator of an empty system comes from here."""

import sys

import click

from engine.clock import local_date
from engine.commands.actions import perform_action
from engine.commands.records import record_event
from engine.context import SYSTEM
from engine.db import reading
from engine.errors import NotFoundError
from engine.runtime_environment import Engine
from webapp.auth import queries as accounts
from webapp.auth import service
from webapp.auth.views import AccountView
from webapp.cli.opening import opened
from webapp.cli.words import fail
from workflows.organisation import queries as organisation

ADMINISTRATOR = "administrator"


@click.group()
def user() -> None:
    """Accounts: create, reset, disable, enable, list."""


@user.command()
@click.argument("username")
@click.option("--name", default="", help="Full name; makes a new person of that name.")
@click.option("--person", "person_id", default="", help="Id of a person who is known already.")
@click.option("--administrator", is_flag=True, help="Grant the role of administrator from today.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create(username: str, name: str, person_id: str, administrator: bool, password_stdin: bool) -> None:
    """Make an account USERNAME; without --password-stdin a password is made, shown once and changed at first use."""
    given = sys.stdin.readline().rstrip("\n") if password_stdin else ""
    password = given if password_stdin else service.random_password()
    with opened() as here:
        service.require_free(here.engine.sessions, username, person_id, password)
        person = person_id or _add_person(here.engine, name or username)
        _require_person(here.engine, person)
        if administrator:
            _grant_administrator(here.engine, person)
        made = service.create_account(
            here.engine.sessions, username=username, person_id=person, password=password,
            now=here.engine.machine_clock.now(), must_change=not password_stdin,
        )  # fmt: skip
        record_event(here.engine, "account.created", SYSTEM, account=str(made.id), person=person)
    click.echo(f"Đã tạo tài khoản (created): {made.username}, người (person) {person}")
    if not password_stdin:
        _tell_password(password)


def _add_person(engine: Engine, name: str) -> str:
    """Add a person by the door, in the system's name; only what the name tells is known of him."""
    family, *middle = name.split()
    given = middle.pop() if middle else family
    values = {
        "family_name": family, "middle_name": " ".join(middle), "given_name": given, "gender": "UNSTATED",
        "person_type": "CIVIL_SERVANT",
    }  # fmt: skip
    return str(perform_action(engine, "organisation.add_person", SYSTEM, values).values["person_id"])


def _require_person(engine: Engine, person_id: str) -> None:
    with reading(engine.sessions) as session:
        if organisation.find_person(session, person_id) is None:
            fail(f"không có người nào mang mã (no person has the id) {person_id}.")


def _grant_administrator(engine: Engine, person_id: str) -> None:
    today = local_date(engine.clock.now())
    values = {"person_id": person_id, "role": ADMINISTRATOR, "valid_from": today.isoformat()}
    perform_action(engine, "organisation.grant_role", SYSTEM, values)


def _tell_password(password: str) -> None:
    click.echo(f"Mật khẩu, chỉ hiện một lần, phải đổi khi đăng nhập (shown once): {password}")


def _account(engine: Engine, username: str) -> AccountView:
    found = accounts.find_account(engine.sessions, username)
    if found is None:
        raise NotFoundError("no such account", username=username)
    return found


@user.command()
@click.argument("username")
def reset(username: str) -> None:
    """Give USERNAME a new password, shown once and changed at first use."""
    with opened() as here:
        found = _account(here.engine, username)
        password = service.reset_password(here.engine.sessions, found.id, here.engine.machine_clock.now())
        record_event(here.engine, "password_reset", SYSTEM, account=str(found.id))
    _tell_password(password)


def _switch(username: str, disabled: bool, kind: str) -> None:
    with opened() as here:
        found = _account(here.engine, username)
        service.set_disabled(here.engine.sessions, found.id, disabled)
        record_event(here.engine, kind, SYSTEM, account=str(found.id))
    click.echo(f"{found.username}: {'đã khoá (disabled)' if disabled else 'đã mở (enabled)'}")


@user.command()
@click.argument("username")
def disable(username: str) -> None:
    """Close the account USERNAME and end its sessions."""
    _switch(username, True, "account.disabled")


@user.command()
@click.argument("username")
def enable(username: str) -> None:
    """Open the account USERNAME again."""
    _switch(username, False, "account.enabled")


@user.command("list")
def list_all() -> None:
    """List the accounts with their roles of the day."""
    with opened() as here, reading(here.engine.sessions) as session:
        today = local_date(here.engine.clock.now())
        for account in accounts.list_accounts(here.engine.sessions):
            held = ", ".join(sorted(organisation.roles_on(session, account.person_id, today).groups)) or "-"
            state = " (khoá, disabled)" if account.disabled else ""
            click.echo(f"{account.username:<20} {held}{state}")
