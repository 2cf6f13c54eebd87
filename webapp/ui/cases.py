"""A case as people see it: whose it is, where it stands in a sentence, its diagrams, its record."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import url_for
from lxml import etree
from markupsafe import Markup

from engine import diagram, queries
from engine.db import reading
from engine.diagram_names import Name, english_name, names_of
from engine.diagram_reading import LANE_PREFIX, parse_xml
from engine.intervention_views import RepairView, SuspensionView
from engine.views import ElementState, EvaluationView, EventView, InstanceView, TaskView
from webapp import current
from webapp.filters import day, due, label
from webapp.i18n import language, t
from webapp.record import without_hidden_authors, without_hidden_flags, without_secret_counts
from webapp.ui.words import end_words, person, remember_people, task_words
from workflows.labels import catalogue, find_label
from workflows.nominations import queries as nominations
from workflows.nominations.listed import CaseLine, lines_by_key
from workflows.nominations.queries import NominationView


@dataclass(frozen=True, slots=True)
class ElementLine:
    """One step of a diagram in words; `state` is done, active, waiting, cancelled, skipped or none."""

    name: str
    role: str
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class RepairLine:
    """A repair of a case as it is drawn and told: from one element to another, by two people."""

    process_key: str
    source: str
    target: str
    words: str
    sentence: str


@dataclass(frozen=True, slots=True)
class DiagramView:
    """One drawn diagram and the same as a list."""

    key: str
    name: str
    svg: Markup
    elements: tuple[ElementLine, ...]
    active: bool
    repairs: tuple[RepairLine, ...] = ()


@dataclass(frozen=True, slots=True)
class CasePage:
    """All that a page about one case shows beside what is done there."""

    instance: InstanceView
    title: str = ""
    href: str = ""
    sentence: str = ""
    nomination: NominationView | None = None
    diagrams: tuple[DiagramView, ...] = ()
    events: tuple[EventView, ...] = ()
    evaluations: tuple[EvaluationView, ...] = ()
    tasks: tuple[TaskView, ...] = ()
    hidden: tuple[str, ...] = field(default=())
    rest: SuspensionView | None = None


def case_lines(tasks: Sequence[TaskView]) -> dict[UUID, CaseLine]:
    """Return the line of each task's case, with one look-up, none without tasks."""
    if not tasks:
        return {}
    with reading(current.sessions()) as reader:
        lines = lines_by_key(reader, {task.business_key for task in tasks})
    return {task.id: lines.get(task.business_key, CaseLine()) for task in tasks}


def nominees_of(business_keys: Iterable[str]) -> dict[str, str]:
    """Return the nominee's name by business key; keys of no nomination are left out."""
    with reading(current.sessions()) as reader:
        return {key: line.nominee for key, line in lines_by_key(reader, business_keys).items()}


def nomination_of(business_key: str) -> NominationView | None:
    """Return the nomination of a case, None when the case is none."""
    with reading(current.sessions()) as reader:
        return nominations.views_by_key(reader, {business_key}).get(business_key)


def case_page(instance_id: UUID, *, with_path: bool = True) -> CasePage:
    """Return a case for its page."""
    engine = current.engine()
    instance = queries.get_instance(engine, instance_id)
    view = nomination_of(instance.business_key)
    tasks = tuple(queries.open_tasks_of_instance(engine, instance_id))
    events = without_hidden_authors(queries.list_history(engine, instance_id))
    remember_people([*(event.actor_id for event in events), *(task.assignee for task in tasks)])
    return CasePage(
        instance=instance,
        title=_title(instance, view),
        nomination=view,
        tasks=tasks,
        href=_href(instance, view),
        sentence=where_it_is(instance, view, tasks),
        diagrams=tuple(diagrams_of(instance)) if with_path else (),
        events=tuple(event for event in reversed(events) if not _is_quiet(event)),
        evaluations=without_hidden_flags(
            without_secret_counts(queries.list_evaluations(engine, instance_id), view.id if view else "")
        ),
        rest=rest_of(instance),
    )


def rest_of(instance: InstanceView) -> SuspensionView | None:
    """Return since when and why a case is suspended; None for one that is not."""
    if instance.status != "suspended":
        return None
    return queries.suspensions_of(current.engine(), [instance.id]).get(instance.id)


UNASKED = frozenset({"withdrawal", "serious_comment", "change_withdrawal"})
"""Messages that may come at any time."""
QUIET = frozenset({"task.created", "service.done", "timer.set"})
"""Kinds of events that the timeline leaves to the audit page."""
BOOKKEEPING = frozenset({"policy", "deadlines", "holidays"})
"""Tables that are asked at every turn; only what decided about the case stands in the timeline."""


def _is_quiet(event: EventView) -> bool:
    asked = event.kind == "decision.evaluated" and event.data.get("table") in BOOKKEEPING
    return event.kind in QUIET or (asked and event.element_id != "policy")


CHANGE_PROCESS = "change_approval"
"""Cases that are no nomination but a change of rules; they have a page of their own."""


def _title(instance: InstanceView, view: NominationView | None) -> str:
    if view:
        return f"{label('enums.award_form', view.proposed_form)} – {view.nominee}"
    changed = instance.variables.get("subject_key") if instance.process_key == CHANGE_PROCESS else None
    section = "processes" if instance.variables.get("change_kind") == "diagram" else "tables"
    return label(section, str(changed)) if changed else ""


def _href(instance: InstanceView, view: NominationView | None) -> str:
    if view:
        return url_for("nominations.show", nomination_id=view.id)
    return url_for("changes.show", key=instance.business_key) if instance.process_key == CHANGE_PROCESS else ""


def where_it_is(instance: InstanceView, view: NominationView | None, tasks: Sequence[TaskView]) -> str:
    """Say in one sentence where the case is, who has it, since when and until when."""
    who = t("case.of", nominee=view.nominee) if view else instance.business_key
    if instance.ended_at is not None:
        how = end_words(instance.process_key, instance.end_event, instance.status)
        return t("case.is_over", case=who, how=how, on=day(instance.ended_at))
    if (rest := rest_of(instance)) is not None:
        return t("operations.case_rests", case=who, on=day(rest.at))
    ballots = [task for task in tasks if task.personal]
    if ballots:
        voters = instance.variables.get("voter_count") or len(ballots)
        return t("case.is_voting", case=who, cast=int(voters) - len(ballots), voters=voters)
    if tasks:
        task = tasks[0]
        holder = person(task.assignee) if task.assignee else label("roles", task.role)
        sentence = t(
            "case.is_with",
            case=who,
            what=task_words(task.name, task.step_key, task),
            holder=holder,
            since=day(task.created_at),
        )
        return f"{sentence} {t('case.until', on=day(task.due_at), left=due(task.due_at))}" if task.due_at else sentence
    return t("case.waits", case=who, what=_waits_for(instance))


def _waits_for(instance: InstanceView) -> str:
    """Say what must happen next; what may come in between, a withdrawal or a comment, is not waited for."""
    engine = current.engine()
    timers = queries.due_timers(engine, instance.id)
    messages = [one for one in queries.waiting_messages(engine, instance.id) if one.name not in UNASKED]
    said = [
        _element_words(instance.id, one.process_key, one.element_id) + (f" ({day(one.due_at)})" if one.due_at else "")
        for one in timers or messages
    ]
    return "; ".join(words[0].lower() + words[1:] for words in said) or t("case.next_step")


def diagrams_of(instance: InstanceView) -> list[DiagramView]:
    """Return the drawn diagrams a case went through, the one it is in first."""
    engine = current.engine()
    states = queries.element_states(engine, instance.id)
    repairs = repairs_of(instance.id)
    keys = list(dict.fromkeys([instance.process_key, *(state.process_key for state in states)]))
    found = [diagram_view(instance.id, key, [one for one in states if one.process_key == key], repairs) for key in keys]
    return sorted(found, key=lambda one: (not one.active, one.key != instance.process_key))


def repairs_of(instance_id: UUID) -> tuple[RepairLine, ...]:
    """Return the tokens of a case that were moved by hand, oldest first."""
    made = [
        one
        for one in queries.list_requests(current.engine(), instance_id=instance_id)
        if one.state == "approved" and one.plan.token
    ]
    remember_people([name for one in made for name in (one.proposer_id, one.decider_id)])
    return tuple(_repair_line(one) for one in reversed(made))


def _repair_line(one: RepairView) -> RepairLine:
    plan = one.plan
    source, target = (label("elements", f"{plan.process_key}.{name}") for name in (plan.source, plan.target))
    return RepairLine(
        plan.process_key,
        plan.source,
        plan.target,
        t("operations.repaired", source=source, target=target),
        t(
            "operations.repaired_line",
            on=day(one.decided_at),
            source=source,
            target=target,
            proposer=person(one.proposer_id),
            decider=person(one.decider_id),
        ),
    )


def diagram_view(
    instance_id: UUID | None, key: str, states: Sequence[ElementState], repairs: Sequence[RepairLine] = ()
) -> DiagramView:
    """Draw one diagram with what is done, waiting, skipped and repaired; the same as a list beside it."""
    xml = queries.diagram_xml(current.engine(), instance_id, key)
    name = find_label(f"processes.{key}") or key
    live = any(one.state in {"active", "waiting"} for one in states)
    mine = tuple(one for one in repairs if one.process_key == key)
    return DiagramView(key, name, drawn(xml, key, states, mine), _listed(xml, key, states), live, mine)


def drawn(xml: bytes, key: str, states: Sequence[ElementState] = (), repairs: Sequence[RepairLine] = ()) -> Markup:
    """Return the picture of a diagram with its names in the language of the request."""
    moved = [(one.source, one.target, one.words) for one in repairs]
    title = find_label(f"processes.{key}") or key
    svg = diagram.render(translated(xml, key), states, title=title, repairs=moved)
    return Markup(svg)  # noqa: S704 - drawn by us; texts are escaped there


def translated(xml: bytes, key: str) -> bytes:
    """Return the diagram with its elements' names in the language of the request; Vietnamese is how it was drawn."""
    if language() == "vi":
        return xml
    root, whole = parse_xml(xml), names_of(xml).get(key, Name("")).english
    for node in root.iter():
        element_id = node.get("id") if isinstance(node.tag, str) else None
        if element_id and node.get("name"):
            lane = element_id.removeprefix(LANE_PREFIX) if element_id.startswith(LANE_PREFIX) else ""
            found = find_label(f"roles.{lane}") if lane else _english(node, key, whole)
            if found:
                node.set("name", found)
    return bytes(etree.tostring(root))


def _english(node: Any, key: str, whole: str) -> str | None:
    """Return what an element is called in English: what the diagram says itself, else the label.

    A pool is called as its process: `whole`, what that says itself, else its label.
    """
    if node.get("processRef") == key:
        return whole or catalogue("en").get(f"processes.{key}")
    return english_name(node) or catalogue("en").get(f"elements.{key}.{node.get('id')}")


def _names(xml: bytes, key: str) -> dict[str, str]:
    """Return the elements' names in the language of the request, by id."""
    nodes = [node for node in parse_xml(translated(xml, key)).iter() if isinstance(node.tag, str)]
    return {str(node.get("id")): node.get("name") for node in nodes if node.get("name")}


def _element_words(instance_id: UUID, key: str, element_id: str) -> str:
    names = _names(queries.diagram_xml(current.engine(), instance_id, key), key)
    return names.get(element_id) or label("elements", f"{key}.{element_id}")


_PRESENT = ("cancelled", "done", "waiting", "active")
"""Of several visits to one element the most present one is told."""


def _listed(xml: bytes, key: str, states: Sequence[ElementState]) -> tuple[ElementLine, ...]:
    """Return the activities and events in reading order, each with how far the case got there."""
    reached = {one.element_id: one for one in sorted(states, key=lambda one: _PRESENT.index(one.state))}
    lines, names = [], _names(xml, key)
    for element in diagram.elements(xml):
        if element.kind.endswith("Gateway"):
            continue
        found = reached.get(element.id)
        name = names.get(element.id) or element.name
        role = label("roles", element.lane) if element.lane else ""
        lines.append(ElementLine(name, role, found.state if found else "none", found.count if found else 0))
    return tuple(lines)
