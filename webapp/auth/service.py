"""What may be done with accounts and sessions. Time is an argument."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session

from engine.db import SessionFactory, columns_of, reading, unit_of_work, value_of
from engine.statements import Statement
from webapp.auth.errors import (
    SignInRefusedError,
    TooManyAttemptsError,
    UsernameFormError,
    UsernameTakenError,
    WeakPasswordError,
)
from webapp.auth.models import Account, LoginAttempt, WebSession
from webapp.auth.passwords import hash_password, matches, needs_rehash, nobody, normal_username
from webapp.auth.views import AccountView, account_view

IDLE = timedelta(minutes=60)
LONGEST = timedelta(hours=12)
TOKEN_LIFE = timedelta(hours=12)
WINDOW = timedelta(minutes=15)
FAILURES_PER_NAME = 5
FAILURES_PER_ADDRESS = 50
TOUCH_EVERY = timedelta(minutes=1)
_COUNTING = 7_374_692
"""The lock under which tries are counted one after the other, where transactions run side by side; any number."""
SHORTEST_PASSWORD = 10
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")


def _secret_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def check_password_strength(username: str, password: str, old: str | None = None) -> None:
    """Refuse a password of fewer than ten characters, the name itself, or the old one again.

    Raises:
        WeakPasswordError: with the sentence's key in `details["reason"]`.

    """
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPasswordError(reason="short", least=SHORTEST_PASSWORD)
    if normal_username(password) == username or password == old:
        raise WeakPasswordError(reason="same", least=SHORTEST_PASSWORD)


def require_free(sessions: SessionFactory, username: str, person_id: str, password: str) -> None:
    """Refuse an account that could not be made, before anything else is made for it.

    Raises:
        UsernameFormError: the name is none that can be typed on every keyboard.
        UsernameTakenError: the name or the person has one already.
        WeakPasswordError: the password is too short.

    """
    name = normal_username(username)
    if not _USERNAME.fullmatch(name):
        raise UsernameFormError(username=name[:100])
    check_password_strength(name, password)
    with reading(sessions) as session:
        _require_free(session, name, person_id)


def _require_free(session: Session, name: str, person_id: str) -> None:
    if session.scalar(select(Account.id).where(or_(Account.username == name, Account.person_id == person_id))):
        raise UsernameTakenError(username=name)


def create_account(
    sessions: SessionFactory, *, username: str, person_id: str, password: str, now: datetime, must_change: bool = False
) -> AccountView:
    """Make an account for a person.

    Raises:
        UsernameFormError: the name is none that can be typed on every keyboard.
        UsernameTakenError: the name or the person has one already.
        WeakPasswordError: the password is too short.

    """
    name = normal_username(username)
    if not _USERNAME.fullmatch(name):
        raise UsernameFormError(username=name[:100])
    check_password_strength(name, password)
    hashed = hash_password(password)
    with unit_of_work(sessions) as session:
        _require_free(session, name, person_id)
        row = Account(
            id=uuid4(),
            username=name,
            person_id=person_id,
            password_hash=hashed,
            must_change=must_change,
            disabled=False,
            created_at=now,
            password_set_at=now,
        )
        session.add(row)
        session.flush()
        return account_view(row)


def sign_in(
    sessions: SessionFactory,
    *,
    username: str,
    password: str,
    address: str,
    now: datetime,
    kind: str = "browser",
    idle: timedelta = IDLE,
) -> tuple[AccountView, str]:
    """Check a name and password; return the account and the secret of a new session.

    The try is counted before the password is looked at, so that parallel guesses in several processes do not
    slip past the limit.

    Args:
        sessions: where accounts are.
        username: as typed.
        password: as typed.
        address: where the request came from.
        now: the machine's instant.
        kind: `browser` or `token`.
        idle: how long a browser's session lives without a request.

    Raises:
        TooManyAttemptsError: five failures for the name or fifty from the address within 15 minutes.
        SignInRefusedError: wrong name or password, or disabled.

    """
    name = normal_username(username)[:100]
    _count_attempt(sessions, name, address, now)
    with reading(sessions) as session:
        row = session.scalar(select(Account).where(Account.username == name))
        found, hashed = (account_view(row), row.password_hash) if row else (None, nobody())
    if not matches(hashed, password) or found is None or found.disabled:
        raise SignInRefusedError
    token = secrets.token_urlsafe(32)
    life = TOKEN_LIFE if kind == "token" else LONGEST
    rest = TOKEN_LIFE if kind == "token" else min(idle, LONGEST)
    with unit_of_work(sessions) as session:
        session.execute(delete(LoginAttempt).where(LoginAttempt.username == name))
        session.execute(delete(WebSession).where(WebSession.expires_at < now))
        session.add(
            WebSession(
                token_hash=_secret_hash(token),
                account_id=found.id,
                kind=kind,
                created_at=now,
                seen_at=now,
                expires_at=now + rest,
                ends_at=now + life,
            )
        )
        if needs_rehash(hashed):
            session.execute(update(Account).where(Account.id == found.id).values(password_hash=hash_password(password)))
    return found, token


def _count_attempt(sessions: SessionFactory, name: str, address: str, now: datetime) -> None:
    since = now - WINDOW
    with unit_of_work(sessions) as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(select(func.pg_advisory_xact_lock(_COUNTING)))
        session.execute(delete(LoginAttempt).where(LoginAttempt.at < since))
        recent = select(func.count(), func.min(LoginAttempt.at)).where(LoginAttempt.at >= since)
        for rule, limit in (
            (LoginAttempt.username == name, FAILURES_PER_NAME),
            (LoginAttempt.address == address, FAILURES_PER_ADDRESS),
        ):
            count, first = session.execute(recent.where(rule)).one()
            if count >= limit:
                wait = first + WINDOW - now
                raise TooManyAttemptsError(minutes=max(1, int(wait.total_seconds() // 60) + 1))
        session.add(LoginAttempt(id=uuid4(), username=name, address=address, at=now))


_LIVING = Statement(
    select(WebSession.expires_at, WebSession.ends_at, WebSession.seen_at, *columns_of(Account))
    .join(Account, Account.id == WebSession.account_id)
    .where(WebSession.token_hash == bindparam("token_hash"), WebSession.kind == bindparam("kind"))
)


@dataclass(frozen=True, slots=True)
class LivingSession:
    """A session that holds: whose it is, when it ends at the latest, and when it was last heard of."""

    account: AccountView
    ends_at: datetime
    seen_at: datetime


def find_session(session: Session, token: str, now: datetime, kind: str = "browser") -> LivingSession | None:
    """Return a living session by its secret, None when it is unknown or over or its account disabled."""
    cells = _LIVING.first(session, {"token_hash": _secret_hash(token), "kind": kind})
    if cells is None:
        return None
    expires_at, ends_at, seen_at, *account = cells
    found = LivingSession(account_view(value_of(Account, account)), ends_at, seen_at)
    return None if found.account.disabled or now >= min(expires_at, ends_at) else found


def push_on(sessions: SessionFactory, token: str, living: LivingSession, now: datetime, idle: timedelta) -> None:
    """Push the idle end of a browser's session on, at most once a minute."""
    if now - living.seen_at >= TOUCH_EVERY:
        with unit_of_work(sessions) as session:
            session.execute(
                update(WebSession)
                .where(WebSession.token_hash == _secret_hash(token))
                .values(seen_at=now, expires_at=min(now + idle, living.ends_at))
            )


def sign_out(sessions: SessionFactory, token: str) -> None:
    """End a session; an unknown one is no error."""
    with unit_of_work(sessions) as session:
        session.execute(delete(WebSession).where(WebSession.token_hash == _secret_hash(token)))


def change_password(
    sessions: SessionFactory, account_id: UUID, *, old: str, new: str, now: datetime, keep: str | None = None
) -> None:
    """Change one's own password; every other session of the account ends.

    Raises:
        SignInRefusedError: the old password is wrong.
        WeakPasswordError: the new one is too short or no other.

    """
    with reading(sessions) as session:
        row = session.get_one(Account, account_id)
        username, hashed = row.username, row.password_hash
    if not matches(hashed, old):
        raise SignInRefusedError
    check_password_strength(username, new, old)
    _set_password(sessions, account_id, new, now, must_change=False, keep=keep)


def random_password() -> str:
    """Return a password that can be read out: four groups of four hexadecimal digits."""
    return "-".join(secrets.token_hex(2) for _ in range(4))


def reset_password(sessions: SessionFactory, account_id: UUID, now: datetime) -> str:
    """Give an account a random password that must be changed at the next sign-in; return it to be handed over."""
    password = random_password()
    _set_password(sessions, account_id, password, now, must_change=True)
    return password


def _set_password(
    sessions: SessionFactory,
    account_id: UUID,
    password: str,
    now: datetime,
    *,
    must_change: bool,
    keep: str | None = None,
) -> None:
    hashed = hash_password(password)
    with unit_of_work(sessions) as session:
        row = session.get_one(Account, account_id)
        row.password_hash, row.must_change, row.password_set_at = hashed, must_change, now
        ended = delete(WebSession).where(WebSession.account_id == account_id)
        session.execute(ended.where(WebSession.token_hash != _secret_hash(keep)) if keep else ended)
        session.execute(delete(LoginAttempt).where(LoginAttempt.username == row.username))


def set_disabled(sessions: SessionFactory, account_id: UUID, disabled: bool) -> None:
    """Disable an account and end its sessions, or allow it again."""
    with unit_of_work(sessions) as session:
        session.get_one(Account, account_id).disabled = disabled
        if disabled:
            session.execute(delete(WebSession).where(WebSession.account_id == account_id))
