"""All routes × all accounts, against a written table of who may come in; what is not written is refused."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from engine.errors import ForbiddenError
from tests.office import PEOPLE
from tests.web.api import OUTSIDE, Service
from webapp.auth.errors import SignInNeededError, StaleFormError
from webapp.auth.guard import check_request
from webapp.security import access_table

TABLE = Path(__file__).with_name("access_table.toml")
NOBODY = "nobody"
SOMETHING: dict[str, str | int | UUID] = {
    "task_id": UUID(int=1), "account_id": UUID(int=1), "job_id": UUID(int=1), "notice_id": UUID(int=1),
    "instance_id": UUID(int=1), "page": 1, "what": "disable",
    "version": 1, "before": 1, "request_id": UUID(int=1),
}  # fmt: skip
"""Values for the places of a rule; any text where none is named."""


def written() -> dict[str, frozenset[str]]:
    """`METHOD rule` → who may, as written."""
    entries = tomllib.loads(TABLE.read_text(encoding="utf-8"))["routes"]
    found: dict[str, frozenset[str]] = {}
    for entry in entries:
        for route in entry["open"]:
            assert route not in found, f"{route} is written twice"
            found[route] = frozenset(entry["roles"])
    return found


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("access")
    made = Service.open(f"sqlite:///{folder / 'thidua.db'}", folder)
    yield made
    made.close()


def test_every_route_is_written_and_declared_alike(service: Service) -> None:
    declared = {f"{one.method} {one.rule}": one.roles for one in access_table(service.app)}
    assert {route for route, roles in declared.items() if roles is None} == set()
    assert declared == written()


def comes_in(app: Flask, method: str, path: str, token: str) -> bool:
    """Whether the guard lets a request with this token (none: nobody) pass; where from it is another machine."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with app.test_request_context(path, method=method, headers=headers, environ_overrides=OUTSIDE):
        try:
            check_request()
        except StaleFormError:
            return True  # the guard let the person in and then missed the form's own mark
        except (ForbiddenError, SignInNeededError):
            return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("who", [*PEOPLE, NOBODY])
def test_each_account_comes_in_where_the_table_says(service: Service, who: str) -> None:
    token = "" if who == NOBODY else service.token(who)
    roles = {"anyone"} if who == NOBODY else {"anyone", "staff"} | service.office.actor(who).groups
    expected = {route: bool(may & roles) for route, may in written().items()}
    adapter = service.app.url_map.bind("localhost")
    found = {}
    for one in access_table(service.app):
        rule = next(rule for rule in service.app.url_map.iter_rules(one.endpoint) if rule.rule == one.rule)
        path = adapter.build(one.endpoint, {name: SOMETHING.get(name, "x") for name in rule.arguments}, one.method)
        found[f"{one.method} {one.rule}"] = comes_in(service.app, one.method, path, token)
    wrong = {route: found.get(route) for route in expected if expected[route] != found.get(route)}
    assert wrong == {}


def test_a_route_nobody_declared_is_refused_to_all(tmp_path: Path) -> None:
    service = Service.open(f"sqlite:///{tmp_path / 'thidua.db'}", tmp_path)
    service.app.add_url_rule("/forgotten", view_func=lambda: "secret", endpoint="forgotten")
    assert service.caller("admin").get("/forgotten").status_code == 403
    assert service.caller().get("/forgotten").status_code == 403
    service.close()
