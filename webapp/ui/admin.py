"""Quản trị: people and roles by date, accounts, deployments, and whether the machine is well."""

import shutil
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from uuid import UUID, uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import queries
from engine.commands.clock import advance_business_clock
from engine.commands.records import record_event
from engine.db import reading
from engine.deployment import TableFile
from engine.errors import ConflictError, InvalidInputError, NotFoundError
from engine.views import DeploymentView
from webapp import current
from webapp.auth import queries as accounts
from webapp.auth import service
from webapp.errors import error_text, status_of
from webapp.i18n import t
from webapp.requests import sent_key
from webapp.security import allowed
from webapp.typed import normalise
from webapp.ui.choices import people
from webapp.ui.findings import lines_of
from webapp.ui.paging import paged
from webapp.ui.step_forms import actions_of
from webapp.ui.words import person, remember_people
from workflows.forms import spoken
from workflows.organisation import queries as organisation
from workflows.organisation.queries import people_of_role
from workflows.organisation.register import record_of
from workflows.organisation.vietnamese import name_key

bp = Blueprint("admin", __name__, url_prefix="/admin")
SLOW_SWEEP = timedelta(seconds=30)
SELDOM = {"stuck": timedelta(minutes=15), "orphans": timedelta(days=2), "answers": timedelta(days=2)}
"""Duties that run more seldom, and after what silence something is wrong with them."""
PAGE = 50
MOST_PEOPLE = 5000
LONGEST_STEP = 366
"""Days the demonstration's clock may be moved on at once."""


@bp.get("")
@allowed("administrator")
def index() -> ResponseReturnValue:
    """Say whether all is well: incidents, worker, sweep, disk."""
    return _index()


def _index(days: str = "1", trouble: str = "", status: int = 200) -> ResponseReturnValue:
    here = current.composition()
    now = here.machine_clock.now()
    pulses = [
        (pulse, max(timedelta(0), now - pulse.at), now - pulse.at > SELDOM.get(pulse.duty, SLOW_SWEEP))
        for pulse in queries.worker_pulses(here.engine)
    ]
    disk = shutil.disk_usage(here.settings.data_dir)
    page = render_template(
        "admin/index.html",
        pulses=pulses,
        standing=queries.standing(here.engine),
        days=days,
        disk_free=disk.free * 100 // disk.total,
        disk=disk,
        post_key=str(uuid4()),
        trouble=trouble,
    )
    return page, status


@bp.get("/people")
@allowed("administrator")
def list_of_people() -> ResponseReturnValue:
    """List people with their posts and roles of the day."""
    on, text = current.business_today(), request.args.get("q", "")
    with reading(current.sessions()) as reader:
        shown, page, pages = paged(organisation.list_people(reader, on, text=text, limit=MOST_PEOPLE), PAGE)
        roles = {view.id: sorted(organisation.roles_on(reader, view.id, on).groups) for view in shown}
        units = organisation.units_on(reader, on)
    return render_template(
        "admin/people.html",
        people=shown,
        roles=roles,
        units=units,
        text=text,
        page=page,
        pages=pages,
        actions=actions_of("organisation"),
    )


@bp.get("/people/<string:person_id>")
@allowed("administrator")
def person_page(person_id: str) -> ResponseReturnValue:
    """Show one person: posts, roles, delegations and family by date, with what may be changed."""
    on = current.business_today()
    with reading(current.sessions()) as reader:
        view = organisation.person_on(reader, person_id, on)
        if view is None:
            raise NotFoundError("no such person", person=person_id)
        record = record_of(reader, person_id)
    account = next((one for one in accounts.list_accounts(current.sessions()) if one.person_id == person_id), None)
    return render_template(
        "admin/person.html",
        person_view=view,
        record=record,
        account_view=account,
        today=on,
        actions=actions_of("organisation"),
    )


@bp.get("/roles")
@allowed("administrator", "auditor")
def roles() -> ResponseReturnValue:
    """List who holds which role today, deputies included."""
    on = current.business_today()
    with reading(current.sessions()) as reader:
        found = [
            (role.key, people_of_role(reader, role.key, on), set(organisation.principals_of_role(reader, role.key, on)))
            for role in current.engine().registry.roles.values()
            if role.key != "staff"
        ]
    remember_people(one for _, holders, _ in found for one in holders)
    listed = [(key, sorted(holders, key=lambda one: name_key(person(one))), own) for key, holders, own in found]
    return render_template("admin/roles.html", roles=listed)


@bp.get("/accounts")
@allowed("administrator")
def list_accounts() -> ResponseReturnValue:
    """List the accounts."""
    return _accounts({}, request.args)


def _accounts(errors: Mapping[str, str], values: Mapping[str, str], status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "admin/accounts.html",
        accounts=accounts.list_accounts(current.sessions()),
        people=people(),
        values=values,
        errors=errors,
    )
    return page, status


@bp.post("/accounts")
@allowed("administrator")
def create_account() -> ResponseReturnValue:
    """Make an account with a password that must be changed at the first sign-in."""
    username, person_id = normalise(request.form.get("username", "")), request.form.get("person", "")
    here = current.composition()
    if person_id not in {known for known, _ in people()}:
        missing = {"username": spoken("required")} if not username else {}
        return _accounts({**missing, "person": spoken("required")}, request.form, 422)
    try:
        made = service.create_account(
            here.sessions,
            username=username,
            person_id=person_id,
            password=service.random_password(),
            now=here.machine_clock.now(),
            must_change=True,
        )
    except (ConflictError, InvalidInputError) as error:
        return _accounts({"username": error_text(error)}, request.form, status_of(error).value)
    record_event(here.engine, "account.created", current.actor(), account=str(made.id), person=person_id)
    return _hand_over(made.id, made.username)


@bp.post("/accounts/<uuid:account_id>/reset")
@allowed("administrator")
def reset(account_id: UUID) -> ResponseReturnValue:
    """Give a new password, shown once; one's own is changed on its own page."""
    found = accounts.get_account(current.sessions(), account_id)
    if found.person_id == current.actor().id:
        flash(t("admin.own_password"))
        return redirect(url_for("auth.password"))
    record_event(current.engine(), "password_reset", current.actor(), account=str(account_id))
    return _hand_over(account_id, found.username)


def _hand_over(account_id: UUID, username: str) -> ResponseReturnValue:
    now = current.composition().machine_clock.now()
    password = service.reset_password(current.sessions(), account_id, now)
    return render_template("admin/password.html", username=username, password=password)


@bp.post("/accounts/<uuid:account_id>/<any(disable,enable):what>")
@allowed("administrator")
def switch(account_id: UUID, what: str) -> ResponseReturnValue:
    """Close an account or open it again; one's own stays open."""
    found = accounts.get_account(current.sessions(), account_id)
    if found.person_id == current.actor().id:
        flash(t("admin.not_yourself"))
        return redirect(url_for("admin.list_accounts"))
    service.set_disabled(current.sessions(), account_id, what == "disable")
    record_event(current.engine(), f"account.{what}d", current.actor(), account=str(account_id))
    flash(t(f"admin.account_{what}d", username=found.username))
    return redirect(url_for("admin.list_accounts"))


@bp.get("/deployments")
@allowed("administrator", "auditor")
def deployments() -> ResponseReturnValue:
    """List diagrams and tables with their versions, and what the checker says of each table."""
    found = queries.list_deployments(current.engine())
    findings = {
        (view.key, view.valid_from): lines_of(TableFile(view.key, view.valid_from, _xml(view)))
        for view in found
        if view.valid_from is not None
    }
    used = _in_use(found, current.business_today())
    return render_template(
        "admin/deployments.html",
        used=used,
        today=current.business_today(),
        earlier=[view for view in found if view not in used],
        findings=findings,
        running=queries.count_running(current.engine()),
    )


def _in_use(found: Iterable[DeploymentView], today: date) -> list[DeploymentView]:
    """Return the newest version of each diagram, and of each table that in force today and those to come."""
    used: list[DeploymentView] = []
    begun: set[tuple[str, str]] = set()
    for view in found:  # the newest of each comes first
        if (view.kind, view.key) in begun:
            continue
        used.append(view)
        if view.valid_from is None or view.valid_from <= today:
            begun.add((view.kind, view.key))
    return used


def _xml(view: DeploymentView) -> bytes:
    return queries.table_xml(current.engine(), view.key, view.valid_from or date.min)


@bp.post("/clock")
@allowed("administrator")
def advance() -> ResponseReturnValue:
    """Move the demonstration's clock forward."""
    if not current.composition().settings.demo:
        raise NotFoundError("no clock to move", page="clock")
    days = request.form.get("days", "")[:20]
    if not days.isdecimal() or not 1 <= int(days) <= LONGEST_STEP:
        return _index(days, t("admin.clock_wrong"), 422)
    by = timedelta(days=int(days))
    try:
        fired = advance_business_clock(current.engine(), current.actor(), by, idempotency_key=sent_key())
    except ConflictError as error:  # the form was sent before, with another number of days
        flash(error_text(error))
    else:
        flash(t("admin.clock_moved", days=by.days, fired=fired))
    return redirect(url_for("admin.index"))
