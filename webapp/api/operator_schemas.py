"""The shapes of answers to operators. Names are fixed: other programs call them."""

from marshmallow import Schema, fields

from webapp.api.schemas import InstanceBrief, TaskItem, Waiting


class Suspension(Schema):
    """Since when a case rests, by whom and why."""

    person = fields.String(attribute="person_id", metadata={"description": "A person's id."})
    name = fields.String()
    reason = fields.String()
    at = fields.AwareDateTime()


class HandledCase(InstanceBrief):
    """A case as its operator sees it: no dossier, no name of a nominee."""

    version = fields.Integer(metadata={"description": "Of the process it runs on."})
    started_at = fields.AwareDateTime()
    suspension = fields.Nested(Suspension, allow_none=True)


class HandledCasePage(Schema):
    """One page of cases."""

    items = fields.List(fields.Nested(HandledCase), required=True)
    next_cursor = fields.String(allow_none=True)


class Plan(Schema):
    """What a repair does: a token moved from `source` to `target` (none when `token` is empty), variables changed."""

    token = fields.String()
    process_key = fields.String()
    source = fields.String(metadata={"description": "The element it is taken from."})
    target = fields.String(metadata={"description": "The element it starts again at."})
    variables = fields.Dict(keys=fields.String())
    before = fields.Dict(
        keys=fields.String(),
        metadata={"description": "What those variables were when it was proposed; of old ones empty."},
    )


class RequestItem(Schema):
    """A proposed intervention and how it ended."""

    id = fields.UUID(required=True, attribute="request_id")
    kind = fields.String(metadata={"enum": ["repair", "migration"]})
    state = fields.String(
        metadata={"enum": ["proposed", "approved", "rejected", "void"],
                  "description": "`void` when its case moved before somebody decided."}
    )  # fmt: skip
    process_key = fields.String()
    business_key = fields.String(metadata={"description": "Of a repair; empty of a migration."})
    instance_id = fields.UUID(allow_none=True)
    proposer = fields.String(attribute="proposer_id", metadata={"description": "A person's id."})
    proposer_name = fields.String()
    reason = fields.String()
    proposed_at = fields.AwareDateTime()
    plan = fields.Nested(Plan, allow_none=True, metadata={"description": "Of a repair."})
    before = fields.Integer(allow_none=True, metadata={"description": "Of a migration: the version left."})
    after = fields.Integer(allow_none=True, metadata={"description": "Of a migration: the version moved to."})
    cases = fields.Integer(metadata={"description": "How many cases it is about."})
    decider = fields.String(attribute="decider_id", metadata={"description": "A person's id; empty while it is open."})
    decider_name = fields.String()
    decision_reason = fields.String()
    decided_at = fields.AwareDateTime(allow_none=True)


class RequestPage(Schema):
    """One page of proposals, newest first."""

    items = fields.List(fields.Nested(RequestItem), required=True)
    next_cursor = fields.String(allow_none=True)


class InterventionRequest(RequestItem):
    """A proposal with the cases it is about."""

    instances = fields.List(fields.UUID(), required=True)


class Handling(HandledCase):
    """A case under its operator's hands: what is open in it, what it waits for, what is proposed."""

    tasks = fields.List(fields.Nested(TaskItem), metadata={"description": "Open tasks, without ballots."})
    open_ballots = fields.Integer()
    waiting = fields.List(
        fields.Nested(Waiting),
        metadata={"description": "Instants and messages; of a suspended case what fell due fires when it is resumed."},
    )
    requests = fields.List(fields.Nested(RequestItem), metadata={"description": "The latest fifty, newest first."})


class Target(Schema):
    """An element a token may be moved to."""

    element_id = fields.String(required=True)
    name = fields.String()


class Place(Schema):
    """Where a token of the case stands, and where it may be moved to."""

    token = fields.String(required=True)
    process_key = fields.String()
    element_id = fields.String()
    name = fields.String()
    targets = fields.List(fields.Nested(Target), required=True)


class Variable(Schema):
    """A variable that may be changed, and the type it must keep."""

    name = fields.String(required=True)
    title = fields.String()
    type = fields.String(
        metadata={"enum": ["text", "number", "yes_no", "list", "any"], "description": "`any` while it has no value."}
    )
    value = fields.Raw(allow_none=True)


class RepairOptions(Schema):
    """What a repair of the case may do as it stands now."""

    places = fields.List(fields.Nested(Place), required=True)
    variables = fields.List(fields.Nested(Variable), required=True)


class SeenTask(Schema):
    """A task that a repair would open or close."""

    name = fields.String()
    step = fields.String(attribute="step_key")
    process_key = fields.String()
    element_id = fields.String()
    role = fields.String()
    assignee = fields.String(allow_none=True)
    due_at = fields.AwareDateTime(allow_none=True)


class RepairSeen(Schema):
    """What would be open after a repair, seen without doing it."""

    opened = fields.List(fields.Nested(SeenTask), required=True)
    closed = fields.List(fields.Nested(SeenTask), required=True)
    waiting = fields.List(fields.Nested(Waiting), required=True)
    jobs = fields.List(fields.String(), required=True, metadata={"description": "Steps of machines that would run."})
    ended = fields.String(metadata={"description": "The end the case would have come to; empty when it goes on."})


class Version(Schema):
    """A deployed version of a process."""

    version = fields.Integer(required=True)
    sha256 = fields.String()
    deployed_at = fields.AwareDateTime()
    deployed_by = fields.String()
    processes = fields.List(fields.String(), metadata={"description": "Keys of the process and of all it calls."})
    running = fields.Integer(metadata={"description": "Cases on it that are not over."})
    cases = fields.Integer(metadata={"description": "All cases it ever had."})


class VersionList(Schema):
    """The versions of a process, newest first."""

    items = fields.List(fields.Nested(Version), required=True)


class CaseVerdict(Schema):
    """Whether a case can move to another version, and what stands in its way."""

    instance_id = fields.UUID(required=True)
    business_key = fields.String()
    status = fields.String()
    moves = fields.Boolean(required=True)
    reason = fields.String(metadata={"description": "Stable name of what stands in its way; empty when it can move."})
    detail = fields.String(metadata={"description": "The verdict in words."})
    process_key = fields.String()
    element_id = fields.String(metadata={"description": "Where it stands in its way."})


class VerdictPage(Schema):
    """One page of verdicts, in the order of the cases' ids."""

    items = fields.List(fields.Nested(CaseVerdict), required=True)
    next_cursor = fields.String(allow_none=True)


class Incident(Schema):
    """A job that gave up: what it was, where and why, how often it was tried."""

    id = fields.UUID(required=True, attribute="job_id", metadata={"description": "`POST incidents/{job_id}/retry`."})
    kind = fields.String(metadata={"description": "`service`, `message`, `timers` or `stuck`."})
    key = fields.String(metadata={"description": "The step, or the message."})
    business_key = fields.String()
    instance_id = fields.UUID(allow_none=True)
    process_key = fields.String()
    element_id = fields.String()
    cause = fields.String()
    error = fields.String()
    error_class = fields.String()
    attempts = fields.Integer()
    failed_at = fields.AwareDateTime()


class IncidentPage(Schema):
    """One page of incidents, latest first."""

    items = fields.List(fields.Nested(Incident), required=True)
    next_cursor = fields.String(allow_none=True)


class Cause(Schema):
    """What gave up for one cause: how often, since when, what to do about it."""

    cause = fields.String(required=True, metadata={"description": "`POST incidents/causes/{cause}/retry`."})
    kind = fields.String()
    key = fields.String()
    process_key = fields.String()
    element_id = fields.String()
    error_class = fields.String()
    count = fields.Integer(required=True)
    first_at = fields.AwareDateTime()
    last_at = fields.AwareDateTime()
    advice = fields.String(metadata={"description": "What to do, in words."})


class CauseList(Schema):
    """Incidents by cause, most frequent first."""

    items = fields.List(fields.Nested(Cause), required=True)


class Retried(Schema):
    """How many jobs start over."""

    retried = fields.Integer(required=True)
