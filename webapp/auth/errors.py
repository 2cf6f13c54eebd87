"""Refusals of sign-in and of the account pages; their texts are the shell's own (`errors.<code>`)."""

from engine.errors import ConflictError, EngineError, ForbiddenError, InvalidInputError


class SignInNeededError(EngineError):
    """Nobody is signed in, or the session is over (401)."""

    code = "sign_in_needed"


class SignInRefusedError(ForbiddenError):
    """Wrong name or password, or the account is disabled; which of them is not said."""

    code = "sign_in_refused"


class TooManyAttemptsError(ForbiddenError):
    """Too many failures for this name or from this address; `details["minutes"]` until the next try (429)."""

    code = "too_many_attempts"


class PasswordChangeNeededError(ForbiddenError):
    """The password was set by an administrator and must be changed first."""

    code = "password_change_needed"


class StaleFormError(ForbiddenError):
    """The form's origin token is missing or too old; what was typed is kept on the page."""

    code = "stale_form"


class WeakPasswordError(InvalidInputError):
    """The new password is too short, equals the old one or is the sign-in name."""

    code = "weak_password"


class UsernameFormError(InvalidInputError):
    """The sign-in name is empty or has other signs than small letters without marks, digits, dot, dash, underscore."""

    code = "username_form"


class UsernameTakenError(ConflictError):
    """Another account has this sign-in name, or the person has an account already."""

    code = "username_taken"
