"""What may be read: queues, cases, the record, operations. Every function opens its own read-only transaction.

Answers are frozen values of `engine.views`; no row of a session leaves.
"""

from engine.queries.cases import (
    diagram_xml,
    due_timers,
    element_states,
    find_instance,
    get_instance,
    waiting_messages,
)
from engine.queries.eligibility import candidates, heads_of, kept_apart, stated_reasons, stored_draft, why_not
from engine.queries.handling import search_incidents, search_open_cases, search_requests, search_verdicts
from engine.queries.interventions import (
    get_request,
    list_requests,
    list_suspended,
    migration_verdicts,
    preview_repair,
    reasons_of_interventions,
    repairable_variables,
    suspensions_of,
    token_places_of,
)
from engine.queries.operations import (
    count_unread,
    list_deployments,
    list_incident_groups,
    list_incidents,
    notices_of,
    standing,
    table_xml,
    worker_pulses,
)
from engine.queries.places import Kept, kept_tasks
from engine.queries.record import list_evaluations, list_history, search_events
from engine.queries.tasks import Order, Queue, count_tasks, get_task, list_tasks, open_tasks_of_instance, task_form
from engine.queries.versions import (
    compare_versions,
    count_running,
    find_version,
    list_versions,
    names_of_process,
    version_files,
)

__all__ = [
    "Kept",
    "Order",
    "Queue",
    "candidates",
    "compare_versions",
    "count_running",
    "count_tasks",
    "count_unread",
    "diagram_xml",
    "due_timers",
    "element_states",
    "find_instance",
    "find_version",
    "get_instance",
    "get_request",
    "get_task",
    "heads_of",
    "kept_apart",
    "kept_tasks",
    "list_deployments",
    "list_evaluations",
    "list_history",
    "list_incident_groups",
    "list_incidents",
    "list_requests",
    "list_suspended",
    "list_tasks",
    "list_versions",
    "migration_verdicts",
    "names_of_process",
    "notices_of",
    "open_tasks_of_instance",
    "preview_repair",
    "reasons_of_interventions",
    "repairable_variables",
    "search_events",
    "search_incidents",
    "search_open_cases",
    "search_requests",
    "search_verdicts",
    "standing",
    "stated_reasons",
    "stored_draft",
    "suspensions_of",
    "table_xml",
    "task_form",
    "token_places_of",
    "version_files",
    "waiting_messages",
    "why_not",
    "worker_pulses",
]
