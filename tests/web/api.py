"""A client of the API as an outside program would be, and a product to talk to."""

import json
import shutil
import sqlite3
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.clock import SystemClock
from tests.office import Office
from webapp.app import create_app
from webapp.auth import service
from webapp.current import Composition
from webapp.wiring import file_storage

PASSWORD = "a long password"
OUTSIDE = {"REMOTE_ADDR": "192.0.2.7"}
"""Requests come from another machine."""


@dataclass
class Caller:
    """One person's program: sends JSON, bears a token."""

    client: FlaskClient
    token: str = ""
    language: str = "vi"
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> TestResponse:
        headers = {"Accept-Language": self.language, **self.headers, **options.pop("headers", {})}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            options["json"] = body
        return self.client.open(path, method=method, headers=headers, environ_overrides=OUTSIDE, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.call("POST", path, body, **options)


@dataclass
class Service:
    """The product over an office, with an account for each of its people."""

    office: Office
    app: Flask
    tokens: dict[str, str] = field(default_factory=dict)

    @classmethod
    def over(cls, office: Office) -> "Service":
        """The product over an office. Sign-ins do not pass with the case's days: they go by the machine's clock."""
        office.engine = replace(office.engine, machine_clock=SystemClock())
        app = create_app(office.settings, Composition(office.settings, office.engine, file_storage(office.settings)))
        app.config["TESTING"] = False
        return cls(office, app)

    @classmethod
    def open(cls, database_url: str, folder: Path) -> "Service":
        """The product over a new office."""
        return cls.over(Office.open(database_url, folder))

    @classmethod
    def copy(cls, template: Path, folder: Path) -> "Service":
        """The product over a copy of the office that `make_template` laid down."""
        shutil.copy(template / "thidua.db", folder / "thidua.db")
        shutil.copytree(template / "files", folder / "files")
        names = json.loads((template / "names.json").read_text(encoding="utf-8"))
        return cls.over(Office.reopen(f"sqlite:///{folder / 'thidua.db'}", folder, names))

    def close(self) -> None:
        """Leave the database."""
        self.office.close()

    def caller(self, who: str | None = None) -> Caller:
        """The program of a person of the office; of nobody when left out."""
        client = self.app.test_client()
        return Caller(client, self.token(who) if who else "")

    def account(self, who: str) -> None:
        """Give a person an account under the nickname."""
        service.create_account(
            self.office.engine.sessions, username=who, person_id=self.office.people[who], password=PASSWORD,
            now=self.office.engine.machine_clock.now(),
        )  # fmt: skip

    def token(self, who: str) -> str:
        """A person's token, got by the API once."""
        if who not in self.tokens:
            self.account(who)
            answer = Caller(self.app.test_client()).post("/api/v1/auth/token", {"username": who, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            self.tokens[who] = answer.json["access_token"]
        return self.tokens[who]


def make_template(folder: Path) -> None:
    """Lay down an office to be copied."""
    folder.mkdir(parents=True)
    office = Office.open(f"sqlite:///{folder / 'office.db'}", folder)
    office.close()
    with sqlite3.connect(folder / "office.db") as source, sqlite3.connect(folder / "thidua.db") as target:
        source.backup(target)
    source.close()
    target.close()
    (folder / "names.json").write_text(json.dumps(office.names), encoding="utf-8")
