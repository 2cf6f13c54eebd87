"""What may be asked about accounts."""

from uuid import UUID

from sqlalchemy import func, select

from engine.db import SessionFactory, reading
from engine.errors import NotFoundError
from webapp.auth.models import Account
from webapp.auth.passwords import normal_username
from webapp.auth.views import AccountView, account_view


def list_accounts(sessions: SessionFactory) -> list[AccountView]:
    """Return all accounts by sign-in name."""
    with reading(sessions) as session:
        return [account_view(row) for row in session.scalars(select(Account).order_by(Account.username))]


def count_accounts(sessions: SessionFactory) -> int:
    """Return how many accounts there are."""
    with reading(sessions) as session:
        return session.scalar(select(func.count(Account.id))) or 0


def get_account(sessions: SessionFactory, account_id: UUID) -> AccountView:
    """Return one account.

    Raises:
        NotFoundError: there is none.

    """
    with reading(sessions) as session:
        row = session.get(Account, account_id)
        if row is None:
            raise NotFoundError(account=str(account_id))
        return account_view(row)


def find_account(sessions: SessionFactory, username: str) -> AccountView | None:
    """Return the account of a sign-in name."""
    with reading(sessions) as session:
        row = session.scalar(select(Account).where(Account.username == normal_username(username)))
        return account_view(row) if row else None


def living_password_hashes(sessions: SessionFactory) -> dict[str, str]:
    """Return sign-in name to password hash of every account that is not disabled."""
    with reading(sessions) as session:
        query = select(Account.username, Account.password_hash).where(Account.disabled.is_(False))
        return {row.username: row.password_hash for row in session.execute(query.order_by(Account.username))}
