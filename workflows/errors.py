"""The catalogue of domain errors: one class per refusal that a person can meet, each with a text in both languages."""

from engine.errors import ConflictError, ForbiddenError, NotFoundError


class NomineeMayNotActError(ForbiddenError):
    """The nominee never acts on the own nomination, in whatever role.

    Raised by `separation`. A collective's nominee is the head of that unit on the day.
    """

    code = "nominee_may_not_act"


class RecusedMayNotActError(ForbiddenError):
    """The person is recused on this line: family of the nominee, the direct proposer, or by own declaration."""

    code = "recused_may_not_act"


class ProposerMayNotCheckError(ForbiddenError):
    """Who proposed a nomination does not check, appraise or verify it."""

    code = "proposer_may_not_check"


class DeputyNotNeededError(ForbiddenError):
    """A deputy of the director acts only where the director is excluded, or on a task handed over to the deputy."""

    code = "deputy_not_needed"


class NotYourUnitError(ForbiddenError):
    """The person does not head the unit on whose behalf this is done."""

    code = "not_your_unit"


class NotYourNominationError(ForbiddenError):
    """Only the unit head who proposed may do this."""

    code = "not_your_nomination"


class RoundWithoutGuidanceError(ConflictError):
    """A round opens only after its guidance letter is filed (RULES B08; seed plan III.2)."""

    code = "round_without_guidance"


class RoundClosedError(ConflictError):
    """The award round takes no nominations: not yet open, or its filing deadline is over."""

    code = "round_closed"


class DuplicateNominationError(ConflictError):
    """One achievement is not rewarded several times or in several forms (law 06/2022 art. 5(2)(c); RULES C01)."""

    code = "duplicate_nomination"


class ContinueDecisionMissingError(ConflictError):
    """After the interim review the movement goes on only by a recorded decision (RULES B10)."""

    code = "continue_decision_missing"


class UnknownCaseError(NotFoundError):
    """There is no nomination with this id or business key."""

    code = "unknown_case"


class UnsafeFileError(ConflictError):
    """A stored file is not what its name says: the bytes do not match the hash."""

    code = "file_damaged"
