"""Every error a door may raise on purpose, by category.

The category decides the HTTP status and the log level (`webapp/errors.py`); the `code` is the stable
name that clients, tests and translations use. Anything else that escapes a door is a bug.
"""

from typing import Any, ClassVar


class EngineError(Exception):
    """Base of all expected errors.

    Attributes:
        code: stable name; each has a Vietnamese and an English text in `workflows/labels/`.
        details: values for that text; ids, names and numbers only, never what a person typed in confidence.

    """

    code: ClassVar[str] = "engine_error"

    def __init__(self, message: str = "", /, **details: Any) -> None:
        super().__init__(message or self.code)
        self.details = details


class NotFoundError(EngineError):
    """The thing named does not exist, or the actor may not know that it does (404)."""

    code = "not_found"


class ForbiddenError(EngineError):
    """The actor is known but lacks the role, or duties must stay separate (403)."""

    code = "forbidden"


class InvalidInputError(EngineError):
    """The values sent do not fit the form (422). `details["fields"]` maps a field to a list of sentences."""

    code = "invalid_input"


class ConflictError(EngineError):
    """The command no longer fits the present state; reload and decide again (409)."""

    code = "conflict"


class UnavailableError(EngineError):
    """The database cannot take the request now; nothing was done, the same request may be sent again (503)."""

    code = "unavailable"


class DatabaseAwayError(UnavailableError):
    """The database does not answer, or broke off; a request with the same key finds out whether it was done."""

    code = "database_away"


class StorageFullError(UnavailableError):
    """The database has no room to write, or may not; nothing was done."""

    code = "storage_full"


class TaskNotOpenError(ConflictError):
    """The task was completed or cancelled before this request."""

    code = "task_not_open"


class TaskAlreadyClaimedError(ConflictError):
    """Somebody else holds the task; take it over with a reason."""

    code = "task_already_claimed"


class NotYourTaskError(ForbiddenError):
    """The actor has not the role of the lane, or is not the assignee."""

    code = "not_your_task"


class NotWaitingError(ConflictError):
    """The case does not wait for this message now."""

    code = "not_waiting"


class DeploymentError(InvalidInputError):
    """A diagram or table was refused; `details["findings"]` lists element, rule and reason."""

    code = "deployment_refused"


class PersonalTaskError(ForbiddenError):
    """The task belongs to one person alone, as a ballot does: nobody releases, delegates or takes it over."""

    code = "personal_task"


class StaleDraftError(ConflictError):
    """The draft was saved elsewhere since it was read; `details["version"]` is the stored one."""

    code = "stale_draft"


class ReasonRequiredError(InvalidInputError):
    """This act needs a reason of 1 to 2,000 characters."""

    code = "reason_required"


class RequestMismatchError(ConflictError):
    """The idempotency key was used before for another request."""

    code = "idempotency_mismatch"


class BusinessKeyTakenError(ConflictError):
    """A case of this process already bears the business key."""

    code = "business_key_taken"


class InstanceEndedError(ConflictError):
    """The case is over."""

    code = "instance_ended"


class InstanceSuspendedError(ConflictError):
    """The case is suspended: nothing moves in it until an operator resumes it."""

    code = "instance_suspended"


class NotSuspendedError(ConflictError):
    """The case is not suspended, so there is nothing to resume."""

    code = "not_suspended"


class ImpossibleRepairError(InvalidInputError):
    """A repair that cannot be carried out; `details["problem"]` says why: `token`, `target`, `variable`, `type`, …"""

    code = "repair_impossible"


class OwnProposalError(ForbiddenError):
    """Whoever proposed an intervention does not approve it himself."""

    code = "own_proposal"


class RepairDecidedError(ConflictError):
    """Somebody has approved or rejected the proposal already, or it is void."""

    code = "repair_decided"


class RepairVoidError(ConflictError):
    """The case moved since the repair was proposed: the proposal is void, look again and propose anew."""

    code = "repair_void"


class MigrationRefusedError(ConflictError):
    """Some of the cases cannot move to the other version, so none did; `details["cases"]` names them."""

    code = "migration_refused"


class UnreadableCaseError(ConflictError):
    """What is stored of a case, or a diagram it runs on, cannot be read by this version; nothing was done."""

    code = "case_unreadable"


class TimersBrokenError(ConflictError):
    """What fell due in the case fails, and comes before what was asked; an incident is open, nothing was done."""

    code = "timers_broken"


class EndlessPathError(ConflictError):
    """The diagram leads in a circle past `task_place` without anything to wait for; nothing was done."""

    code = "endless_path"


class ScopeMissingError(ConflictError):
    """A step belongs to a role that is held per unit, and the case names none in `variable`; nothing was done."""

    code = "scope_missing"


class NoIncidentError(ConflictError):
    """The job is not an incident: it runs, waits or is done."""

    code = "no_incident"


class BusyError(ConflictError):
    """Others kept changing the same case; nothing was done, try again."""

    code = "busy"


class UnknownPersonError(InvalidInputError):
    """No such person holds a post today."""

    code = "unknown_person"


class SeparationOfDutiesError(ForbiddenError):
    """A step of the case that keeps this one away was done by `person`; `place` and `task_place` name the two."""

    code = "separation_of_duties"


class SamePersonError(ForbiddenError):
    """The step belongs to `by`, who did the step `place` of the case and still may."""

    code = "same_person_needed"


class RoleExcludedError(ForbiddenError):
    """Who holds the role `role` may not do this step."""

    code = "role_excluded"


class NotTheHeadError(ForbiddenError):
    """Only the head of the unit to which the lane's role belongs assigns its tasks."""

    code = "not_the_head"


class NotEligibleError(InvalidInputError):
    """The person does not walk the task's queue today."""

    code = "not_eligible"


class NotHandedOnError(ConflictError):
    """The task is with its owner; there is nothing to give or take back."""

    code = "not_handed_on"


class NotInBulkError(ForbiddenError):
    """This step, or this answer to it, is given one by one."""

    code = "not_in_bulk"
