"""The rooms of the domain, named without importing any of them."""

ROOMS = (
    "organisation", "rulebook", "documents", "campaigns", "nominations",
    "notes", "feedback", "council", "decisions", "referrals",
)  # fmt: skip
"""From the bottom up; a room imports only rooms before it."""
