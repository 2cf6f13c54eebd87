"""What leaves this room: plain frozen values."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from webapp.auth.models import Account


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as the pages see it."""

    id: UUID
    username: str
    person_id: str
    must_change: bool
    disabled: bool
    created_at: datetime
    password_set_at: datetime


def account_view(row: Account) -> AccountView:
    """Return the row as a frozen value."""
    return AccountView(
        row.id, row.username, row.person_id, row.must_change, row.disabled, row.created_at, row.password_set_at
    )
