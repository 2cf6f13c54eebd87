"""Accounts, sign-in and tokens: who a request comes from. Roles come from the organisation, not from here."""
