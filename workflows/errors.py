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


class DeputyNotNeededError(ForbiddenError):
    """A deputy of the director acts only where the director is excluded, or on a task handed over to the deputy."""

    code = "deputy_not_needed"


class NoDeputyVotesError(ForbiddenError):
    """By the policy `deputy_votes` in force when the line opened, nobody votes in a member's place (RULES F07, F11)."""

    code = "no_deputy_votes"


class DeputyIsMemberError(ForbiddenError):
    """By the policy `deputy_votes` only somebody without a ballot of his own votes in a member's place."""

    code = "deputy_is_member"


class NoSigningFormError(ForbiddenError):
    """Neither a deputy head nor the head of a unit: no form of decree 30/2020 art. 13 lets this person sign."""

    code = "no_signing_form"


class SigningPaperMissingError(ForbiddenError):
    """Signing by authorisation needs a paper that gives it (decree 30/2020 art. 13(3)), and none is recorded."""

    code = "signing_paper_missing"


class WrongCapacityError(ForbiddenError):
    """The person may sign, but not in the capacity that was chosen."""

    code = "wrong_capacity"


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


class NotYourRoleError(ForbiddenError):
    """Only who holds a role himself, or an administrator, hands it to a deputy or takes it back."""

    code = "not_your_role"


class IssuerMayNotGrantError(ConflictError):
    """The form is not this body's head to grant on that day (law 06/2022 art. 75(1)(a), 79(2); RULES A05, A06, A09)."""

    code = "issuer_may_not_grant"


class AlreadySignedError(ConflictError):
    """The nomination stands in a signed decision already; `details["number"]` is its number."""

    code = "already_signed"


class NotWaitingForSignatureError(ConflictError):
    """A nomination chosen to be signed together does not wait for a signature now."""

    code = "not_waiting_for_signature"


class UnknownDecisionError(NotFoundError):
    """There is no award decision with this id, key or number."""

    code = "unknown_decision"


class FormNotExclusiveError(ConflictError):
    """Within a round a nominee gets a Giấy khen or goes to the Minister, not both for one achievement (RULES C03)."""

    code = "form_not_exclusive"


class NoAnswerAwaitedError(ConflictError):
    """The nomination was not sent to the Minister, or the answer is recorded already."""

    code = "no_answer_awaited"


class CaseOverError(ConflictError):
    """The nomination has ended; its dossier takes nothing more."""

    code = "case_over"


class DossierNotWithUnitError(ConflictError):
    """The unit may file only while it drafts the dossier or mends a returned one (RULES D07)."""

    code = "dossier_not_with_unit"


class NotYourDocumentError(ForbiddenError):
    """The person files no documents of this kind for this dossier."""

    code = "not_your_document"


class InterestAlreadyDeclaredError(ConflictError):
    """The person has declared an interest in this nomination already (RULES F10)."""

    code = "interest_already_declared"


class NoInterestDeclaredError(ConflictError):
    """There is no standing declaration of interest to take back."""

    code = "no_interest_declared"


class UnknownFlagError(NotFoundError):
    """There is no such record about a nominee."""

    code = "unknown_flag"


class FlagClosedError(ConflictError):
    """The record about the nominee is closed already."""

    code = "flag_closed"


class FeedbackNotOpenError(ConflictError):
    """Comments are taken from the appraisal on; the window of this nomination has not opened (RULES E01)."""

    code = "feedback_not_open"


class FeedbackClosedError(ConflictError):
    """The feedback window is over: an ordinary comment after its end, a serious one after the summary (E01, E03)."""

    code = "feedback_closed"


class UnknownSessionError(NotFoundError):
    """There is no sitting of the council with this key."""

    code = "unknown_session"


class UnknownLineError(NotFoundError):
    """There is no line of a sitting with this id."""

    code = "unknown_line"


class SessionClosedError(ConflictError):
    """The sitting takes no more nominations: its agenda was closed, or its time for ballots is over."""

    code = "session_closed"


class LinesStillOpenError(ConflictError):
    """A sitting closes only after every nomination on it was counted; `details["count"]` are left."""

    code = "lines_still_open"


class LineClosedError(ConflictError):
    """The line was counted; no ballot enters or changes any more (RULES F11)."""

    code = "line_closed"


class BallotAlreadyCastError(ConflictError):
    """The member answered on this line already: one vote per member and line (RULES F11)."""

    code = "ballot_already_cast"


class NotAVoterError(ForbiddenError):
    """The person is not among the voters of this line."""

    code = "not_a_voter"


class SecretBallotFinalError(ConflictError):
    """A secret ballot cannot be changed, because nobody may link it to its author (RULES F12)."""

    code = "secret_ballot_final"


class NoBallotToChangeError(ConflictError):
    """The member has put no ballot on this line that could be changed."""

    code = "no_ballot_to_change"


class BallotBoxDamagedError(ConflictError):
    """There are not as many ballots as members who voted: somebody altered the box, and the line is not counted."""

    code = "ballot_box_damaged"


class NotTheChairError(ForbiddenError):
    """The chair of the sitting confirms its minutes; another only where the chair is recused or in office no more."""

    code = "not_the_chair"


class FontsMissingError(ConflictError):
    """Papers cannot be printed: the fonts that the front end's build puts aside are not there."""

    code = "fonts_missing"


class NotYourChangeError(ForbiddenError):
    """Only who proposed a change of rules takes it back."""

    code = "not_your_change"


class ChangeOutdatedError(ConflictError):
    """The diagram in force is not the one the change was drawn over: approving would undo what came between."""

    code = "change_outdated"


class ChangeAlreadyReviewedError(ConflictError):
    """The proposed change was approved or rejected already."""

    code = "change_already_reviewed"


class NotYourNoteError(ForbiddenError):
    """Only its author corrects a note on a case."""

    code = "not_your_note"
