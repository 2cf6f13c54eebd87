"""Passwords: kept as hashes that are slow to make, also where they were made with less work."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from argon2 import Type, extract_parameters

from engine.db import Base, open_database, reading
from tests.support.warm import STRONG
from webapp.auth import passwords
from webapp.auth.models import Account
from webapp.auth.service import create_account, sign_in

NOW = datetime(2025, 5, 20, tzinfo=UTC)
PASSWORD = "mat-khau-cua-kho-do"


def test_a_hash_asks_for_more_work_than_is_asked_of_it_at_least() -> None:
    """At least 19 MiB in two rounds: OWASP, Password Storage Cheat Sheet, Argon2id."""
    assert STRONG.type is Type.ID
    assert STRONG.memory_cost >= 19 * 1024
    assert STRONG.time_cost >= 2


def test_a_hash_made_with_less_work_is_made_anew_when_its_owner_signs_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, sessions = open_database(f"sqlite:///{tmp_path / 'thidua.db'}")
    Base.metadata.create_all(database)
    create_account(sessions, username="kho", person_id="p", password=PASSWORD, now=NOW)

    def stored() -> str:
        with reading(sessions) as session:
            return session.scalars(sa.select(Account.password_hash)).one()

    before = stored()
    monkeypatch.setattr(passwords, "_hasher", STRONG)
    for _again in range(2):
        sign_in(sessions, username="kho", password=PASSWORD, address="192.0.2.1", now=NOW)
        assert extract_parameters(stored()).memory_cost == STRONG.memory_cost
    after = stored()
    assert before != after
    assert PASSWORD not in before + after
    assert passwords.matches(after, PASSWORD)
    assert not passwords.matches(after, PASSWORD.upper())
    database.dispose()
