"""Tables of the shell: accounts and what proves that a request comes from one. All instants are the machine's."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base


class Account(Base):
    """A sign-in name of one person. The password is kept as an argon2 hash."""

    __tablename__ = "account"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    must_change: Mapped[bool] = mapped_column(default=False)
    disabled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    password_set_at: Mapped[datetime]


class WebSession(Base):
    """A signed-in browser or a bearer token (`kind`). Only the SHA-256 of the secret is kept."""

    __tablename__ = "web_session"
    __table_args__ = (Index(None, "expires_at"),)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class LoginAttempt(Base):
    """A failed try to sign in, counted across all processes; a success clears those of its name."""

    __tablename__ = "login_attempt"
    __table_args__ = (Index(None, "username", "at"), Index(None, "address", "at"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    username: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime]
