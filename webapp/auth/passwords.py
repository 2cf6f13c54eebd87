"""Hashing and comparing of passwords and sign-in names."""

import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.text import storable

LONGEST_PASSWORD = 200
_hasher = PasswordHasher()


@cache
def nobody() -> str:
    """Return a hash to check against when there is no such account, so that both answers take as long."""
    return _hasher.hash(secrets.token_hex(8))


def normal_username(username: str) -> str:
    """Return the name as it is compared: NFC, trimmed, lower case, without what no database keeps."""
    return storable(unicodedata.normalize("NFC", username).strip().lower())


def _as_hashed(password: str) -> str:
    return storable(unicodedata.normalize("NFC", password)[:LONGEST_PASSWORD])


def matches(password_hash: str, password: str) -> bool:
    """Tell whether the password belongs to the hash; a broken hash matches nothing."""
    try:
        return _hasher.verify(password_hash, _as_hashed(password))
    except (VerificationError, InvalidHashError):
        return False


def hash_password(password: str) -> str:
    """Return the argon2id hash of the password in NFC."""
    return _hasher.hash(_as_hashed(password))


def needs_rehash(password_hash: str) -> bool:
    """Tell whether the hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(password_hash)
