"""Guesses at a password are counted, however they come."""

from collections import Counter
from datetime import UTC, datetime

from engine.db import Base, open_database
from tests.support.together import together
from webapp.auth.errors import SignInRefusedError, TooManyAttemptsError
from webapp.auth.service import FAILURES_PER_NAME, create_account, sign_in

NOW = datetime(2025, 5, 20, tzinfo=UTC)


def test_of_many_guesses_in_one_moment_no_more_are_looked_at_than_one_after_the_other(database_url: str) -> None:
    database, sessions = open_database(database_url)
    Base.metadata.create_all(database)
    create_account(sessions, username="kho", person_id="p", password="mat-khau-cua-kho", now=NOW)

    def guess(number: int) -> None:
        sign_in(sessions, username="kho", password=f"doan-{number}", address=f"192.0.2.{number}", now=NOW)

    told = together(*[lambda number=number: guess(number) for number in range(3 * FAILURES_PER_NAME)])
    assert Counter(map(type, told)) == {
        SignInRefusedError: FAILURES_PER_NAME, TooManyAttemptsError: 2 * FAILURES_PER_NAME,
    }  # fmt: skip
    database.dispose()
