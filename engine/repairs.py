"""Inside of the doors of interventions: what a repair may do to a case, doing it, and proposals as facts."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.case import Case
from engine.chain import EventDraft
from engine.db import register_fact
from engine.errors import ImpossibleRepairError, NotFoundError
from engine.intervention_views import RepairPlan, RepairView, VariableView
from engine.migration import describe_tasks
from engine.models import DiagramFile, ProcessVersion, RepairKind, RepairRequest, RepairState
from engine.services import check_variable
from engine.spiff.repairing import TokenPlace, move, set_variables, token_places
from engine.transaction import Transaction
from engine.variable_uses import uses_of

TYPES: Mapping[str, type[Any]] = {"yes_no": bool, "number": int, "text": str, "list": list}
ANY = "any"


def type_of(value: Any) -> str:
    """Return the name of a variable's type; `any` while it is null."""
    return next((name for name, kind in TYPES.items() if isinstance(value, kind)), ANY)


def variables_of(case: Case) -> dict[str, VariableView]:
    """Return the variables an operator may change: those a diagram declares, a step sets, or the case has."""
    held = case.row.variables
    elements, registry = case.deployed.definition.elements.values(), case.transaction.engine.registry
    uses = uses_of(_diagrams(case), elements, registry, case.row.process_key, held)
    return {name: VariableView(name, held.get(name), type_of(held.get(name)), uses[name]) for name in sorted(uses)}


def _diagrams(case: Case) -> dict[str, bytes]:
    session = case.transaction.session
    version = session.get_one(ProcessVersion, case.row.process_version_id)
    files = session.execute(
        select(DiagramFile.process_key, DiagramFile.xml).where(DiagramFile.sha256.in_(set(version.files.values())))
    )
    return {key: xml for key, xml in files}  # noqa: C416 - rows, no pairs


def check_plan(case: Case, plan: RepairPlan) -> RepairPlan:
    """Return a plan with its source and the values of today filled in, after asserting that it can be carried out.

    Raises:
        ImpossibleRepairError: nothing asked, no such token or one of many, a place it may not go, an unknown variable,
            a wrong type.

    """
    if not plan.token and not plan.variables:
        raise ImpossibleRepairError("the plan changes nothing", problem="nothing")
    known = variables_of(case) if plan.variables else {}
    for name, value in plan.variables.items():
        _check_value(known.get(name), name, value)
    before = {name: known[name].value for name in plan.variables}
    if not plan.token:
        return RepairPlan(variables=dict(plan.variables), before=before)
    place = _place(case, plan)
    return RepairPlan(plan.token, place.process_key, place.element_id, plan.target, dict(plan.variables), before)


def _place(case: Case, plan: RepairPlan) -> TokenPlace:
    places = {place.token: place for place in token_places(case.run)}
    place = places.get(plan.token)
    if place is None:
        one_of_many = any(task.token == plan.token and task.loop_assignee for task in case.run.user_tasks())
        raise ImpossibleRepairError("no such token", problem="one_of_many" if one_of_many else "token")
    if plan.target in place.targets:
        return place
    element = case.deployed.definition.elements.get((place.process_key, plan.target))
    problem = "unknown_element" if element is None else "place"
    raise ImpossibleRepairError("a token may not go there", problem=problem, element=plan.target)


def _check_value(known: VariableView | None, name: str, value: Any) -> None:
    if known is None:
        raise ImpossibleRepairError("no diagram declares the variable", problem="unknown_variable", variable=name)
    if known.type != ANY and value is not None and type_of(value) != known.type:
        raise ImpossibleRepairError("the variable has another type", problem="wrong_type", variable=name)
    try:
        check_variable("repair", name, value)
        _check_numbers(value)
    except (TypeError, ValueError) as error:
        raise ImpossibleRepairError("no variable can hold this", problem="wrong_type", variable=name) from error


def _check_numbers(value: Any) -> None:
    """Assert that whole numbers fit into a state, which holds 64 bits of each."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, int) and not -(2**63) <= item < 2**63:
            raise ValueError("the number is too large for a variable")


def carry_out(case: Case, plan: RepairPlan) -> None:
    """Change the variables, then move the token and run on to the next wait state."""
    if plan.variables:
        set_variables(case.run, plan.variables)
    if plan.token:
        move(case.run, plan.token, plan.target)


def redescribe(case: Case) -> None:
    """After the case is finished: write to its tasks that stayed open what their variables now say of them."""
    describe_tasks(case, [task for task in case.run.user_tasks() if task.token in case.before.tasks])


# proposals


def add_version(
    transaction: Transaction, event: EventDraft, before: RepairRequest | None, **columns: Any
) -> RepairRequest:
    """Write the next version of a proposal and put its hash into the event; what is not told stays as it was."""
    kept = ("request_id", "kind", "process_key", "business_key", "instance_id", "revision", "plan")
    values = {name: getattr(before, name) for name in kept} if before is not None else {}
    values |= columns
    row = RepairRequest(
        id=transaction.engine.ids.new(), version=1 if before is None else before.version + 1,
        person_id=transaction.actor.id, at=transaction.now, **values,
    )  # fmt: skip
    event.facts.append(register_fact(transaction.session, row))
    return row


def versions_of(session: Session, request_id: UUID) -> list[RepairRequest]:
    """Return the versions of a proposal, first to last.

    Raises:
        NotFoundError: no such proposal.

    """
    query = select(RepairRequest).where(RepairRequest.request_id == request_id).order_by(RepairRequest.version)
    found = list(session.scalars(query))
    if not found:
        raise NotFoundError("no such proposal", request=str(request_id))
    return found


def plan_columns(plan: RepairPlan) -> dict[str, Any]:
    """Return a plan as it is stored."""
    return asdict(plan)


def plan_of(row: RepairRequest) -> RepairPlan:
    """Return the plan of a repair; an empty one of a migration."""
    return RepairPlan(**row.plan) if row.kind == RepairKind.REPAIR else RepairPlan()


def request_view(versions: list[RepairRequest]) -> RepairView:
    """Return a proposal as a value."""
    first, last = versions[0], versions[-1]
    plan = first.plan if first.kind == RepairKind.MIGRATION else {}
    decided = last.state != RepairState.PROPOSED
    return RepairView(
        first.request_id, str(first.kind), str(last.state), first.process_key, first.business_key, first.instance_id,
        first.revision, first.person_id, first.reason, first.at, plan_of(first), int(plan.get("before", 0)),
        int(plan.get("after", 0)), tuple(UUID(text) for text in plan.get("instances", ())),
        last.person_id if decided else "", last.reason if decided else "", last.at if decided else None,
    )  # fmt: skip
