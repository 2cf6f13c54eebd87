"""The shapes of answers. Names are fixed: other programs call them."""

from marshmallow import Schema, fields


class Problem(Schema):
    """RFC 9457: what was refused and why, in the language of `Accept-Language` (vi or en)."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    code = fields.String(metadata={"description": "Stable name of the refusal."})
    detail = fields.String(metadata={"description": "A sentence for people."})
    fields_ = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String()), data_key="fields",
        metadata={"description": "Field of the form → sentences."},
    )  # fmt: skip


class Token(Schema):
    """What to send as `Authorization: Bearer`."""

    access_token = fields.String(required=True)
    token_type = fields.Constant("Bearer")
    expires_in = fields.Integer(metadata={"description": "Seconds."})


class Me(Schema):
    """Who asks."""

    id = fields.String(required=True)
    username = fields.String(required=True)
    name = fields.String()
    post = fields.String(metadata={"description": "Title of the post held today."})
    roles = fields.List(fields.String(), metadata={"description": "Roles held today; `role@unit` where scoped."})


class TaskItem(Schema):
    """A task as it stands in a queue."""

    id = fields.UUID(required=True)
    name = fields.String()
    step = fields.String(attribute="step_key")
    process_key = fields.String()
    instance_id = fields.UUID()
    business_key = fields.String()
    role = fields.String()
    assignee = fields.String(allow_none=True)
    owner = fields.String(allow_none=True, metadata={"description": "Who handed it on and gets it back."})
    due_at = fields.AwareDateTime(allow_none=True)
    created_at = fields.AwareDateTime()
    priority = fields.Integer(metadata={"description": "1 urgent, 2 usual, 3 may wait."})
    follow_up_on = fields.Date(allow_none=True, metadata={"description": "When its holder looks at it again."})
    escalated_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When the head of the unit was told that it is late."}
    )


class TaskPageSchema(Schema):
    """One page of a queue."""

    class Meta:
        """The name in the description."""

        title = "TaskPage"

    items = fields.List(fields.Nested(TaskItem), required=True)
    next_cursor = fields.String(allow_none=True)


class TaskDetail(TaskItem):
    """A task with its form."""

    status = fields.String(metadata={"enum": ["open", "completed", "cancelled"]})
    scope = fields.String()
    completed_at = fields.AwareDateTime(allow_none=True)
    completed_by = fields.String(allow_none=True)
    completed_for = fields.String(
        allow_none=True, metadata={"description": "In whose place a deputy or helper did it."}
    )
    blocked = fields.String(metadata={"description": "Why you, who hold its role, may not do it; empty when you may."})
    form = fields.Dict(
        allow_none=True,
        metadata={"description": "JSON Schema 2020-12 of the values `complete` takes: titles, required, enums and an "
                                 "`example` that is accepted. Null when the task is not yours to complete."},
    )  # fmt: skip
    values = fields.Dict(metadata={"description": "What the form opens with."})
    secret = fields.Boolean(metadata={"description": "A secret ballot: nothing links a voter to a choice."})


class InstanceBrief(Schema):
    """Where a case stands, in short."""

    id = fields.UUID(required=True)
    process_key = fields.String()
    business_key = fields.String()
    status = fields.String(metadata={"enum": ["running", "suspended", "completed", "cancelled", "incident"]})
    end_event = fields.String(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)


class Outcome(Schema):
    """What a door did: the case afterwards, the tasks it opened and closed."""

    instance = fields.Nested(InstanceBrief)
    opened = fields.List(fields.Nested(TaskItem))
    closed = fields.List(fields.UUID())


class BulkResult(Schema):
    """What became of one task of a list."""

    task = fields.UUID(required=True)
    done = fields.Boolean(required=True)
    code = fields.String(metadata={"description": "Stable name of the refusal; empty when it was done."})
    detail = fields.String(metadata={"description": "The refusal in a sentence."})
    fields_ = fields.Dict(keys=fields.String(), data_key="fields")
    outcome = fields.Nested(Outcome, allow_none=True)


class BulkAnswer(Schema):
    """What became of each task, in the order they were sent; one refusal stops no other."""

    items = fields.List(fields.Nested(BulkResult), required=True)


class CandidateItem(Schema):
    """A person who walks the task's queue today."""

    person = fields.String(required=True)
    name = fields.String()
    eligible = fields.Boolean(required=True)
    why_not = fields.String(metadata={"description": "What keeps this person away; empty when nothing does."})


class CandidateList(Schema):
    """Who may be given a task, and why others may not."""

    items = fields.List(fields.Nested(CandidateItem), required=True)


class DraftAnswer(Schema):
    """One's own draft; version 0 when there is none."""

    version = fields.Integer(required=True)
    values = fields.Dict()


class NoteItem(Schema):
    """A note on a case."""

    note_id = fields.String(required=True)
    version = fields.Integer(metadata={"description": "1 as first written; a correction adds one."})
    audience = fields.String(metadata={"enum": ["UNIT", "HANDLERS", "READERS"]})
    author_id = fields.String()
    author = fields.String()
    on_behalf_of = fields.String(metadata={"description": "In whose place a deputy wrote; empty for nobody."})
    task_id = fields.String(metadata={"description": "The task it is about, empty for the case."})
    at = fields.AwareDateTime()
    text = fields.String(allow_none=True, metadata={"description": "Null when you may not read it."})
    access = fields.String(metadata={"enum": ["yes", "reasoned_request", "no"]})


class NoteList(Schema):
    """The notes on a case, oldest first."""

    items = fields.List(fields.Nested(NoteItem), required=True)


class Waiting(Schema):
    """A timer or a message a case waits for."""

    process_key = fields.String()
    element_id = fields.String()
    name = fields.String()
    due_at = fields.AwareDateTime(allow_none=True)


class Instance(InstanceBrief):
    """A case: its row, its open tasks, what it waits for."""

    version = fields.Integer()
    started_at = fields.AwareDateTime()
    variables = fields.Dict(metadata={"description": "Ids, codes and yes/no; never a text somebody typed."})
    processes = fields.List(fields.String(), metadata={"description": "Diagrams it went through: `diagram?process=`."})
    tasks = fields.List(fields.Nested(TaskItem))
    waiting = fields.List(fields.Nested(Waiting))


class NominationCreated(Schema):
    """A new nomination and its first task."""

    id = fields.String(required=True)
    business_key = fields.String()
    instance_id = fields.UUID(required=True)
    task_id = fields.UUID(required=True, allow_none=True)


class Nomination(Schema):
    """A nomination as it stands."""

    id = fields.String(required=True)
    business_key = fields.String()
    instance_id = fields.UUID(allow_none=True)
    status = fields.String(allow_none=True)
    end_event = fields.String(allow_none=True)
    round = fields.String(attribute="round_key")
    unit_id = fields.String()
    unit = fields.String()
    proposer_id = fields.String()
    proposer = fields.String()
    nominee_kind = fields.String()
    nominee_id = fields.String()
    nominee = fields.String()
    form = fields.String(attribute="proposed_form", metadata={"description": "The proposed form of award."})
    ground = fields.String()
    achievement = fields.String()
    achieved_from = fields.Date(allow_none=True)
    achieved_to = fields.Date(allow_none=True)
    summary = fields.String()
    filed_on = fields.Date(allow_none=True)
    letter_number = fields.String()
    letter_on = fields.Date(allow_none=True)


class Document(Schema):
    """A filed document."""

    id = fields.String(required=True)
    kind = fields.String()
    name = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    sha256 = fields.String(required=True)
    version = fields.Integer()
    filed_at = fields.AwareDateTime()


class DocumentList(Schema):
    """The documents of a nomination."""

    items = fields.List(fields.Nested(Document), required=True)


class DocumentFiled(Schema):
    """What was filed."""

    id = fields.String(required=True)
    sha256 = fields.String(required=True)


class FactHash(Schema):
    """A fact an event made, and its hash."""

    fact = fields.String()
    hash = fields.String()


class Event(Schema):
    """One link of a chain of the record. It holds ids, codes and hashes."""

    chain = fields.String()
    sequence = fields.Integer()
    kind = fields.String()
    at = fields.AwareDateTime()
    actor_id = fields.String()
    actor_name = fields.String()
    post = fields.String()
    business_key = fields.String()
    process_key = fields.String()
    element_id = fields.String()
    data = fields.Dict()
    facts = fields.List(fields.Nested(FactHash))
    hash = fields.String()


class EventPageSchema(Schema):
    """One page of events, newest first."""

    class Meta:
        """The name in the description."""

        title = "EventPage"

    items = fields.List(fields.Nested(Event), required=True)
    next_cursor = fields.String(allow_none=True)


class Step(Schema):
    """A step that may be performed, and the JSON Schema of its values."""

    name = fields.String(required=True)
    title = fields.String()
    form = fields.Dict(required=True)


class StepList(Schema):
    """Steps that may be performed."""

    items = fields.List(fields.Nested(Step), required=True)


class ActionAnswer(Schema):
    """Ids of what an action made."""

    values = fields.Dict(required=True)
