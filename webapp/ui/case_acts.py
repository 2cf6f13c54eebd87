"""What this person may do about a case beside its tasks: comment, withdraw, declare an interest, record an answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from engine import queries
from engine.db import reading
from engine.registry import ActionStep, MessageStep
from webapp import current
from webapp.filters import label
from webapp.ui.cases import CasePage
from webapp.ui.step_forms import may_perform
from workflows.feedback import queries as feedback
from workflows.nominations import queries as nominations

COMMENT, WITHDRAW, ANSWER = "feedback.post_comment", "nominations.withdraw", "referrals.record_answer"
DECLARE, UNDECLARE, FLAG = "nominations.declare_interest", "nominations.withdraw_interest", "nominations.raise_flag"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that may be done: its words and where its form is."""

    key: str
    title: str
    href: str


def acts_of(case: CasePage) -> tuple[Act, ...]:
    """Return what the person of this request may do about the case now; who audits changes nothing."""
    if case.nomination is None or current.holds("auditor"):
        return ()
    return tuple(_messages(case)) + tuple(_actions(case))


def may_comment(nomination_id: str) -> bool:
    """Tell whether the time for comments on a nomination runs."""
    now = current.business_now()
    with reading(current.sessions()) as reader:
        window = feedback.window_of(reader, nomination_id)
        return window is not None and window.opened_at <= now < window.closes_at


def _takes_comments(nomination_id: str) -> bool:
    """Tell whether comments are taken: all while the time runs, serious ones after it, none once summarised."""
    with reading(current.sessions()) as reader:
        opened = feedback.window_of(reader, nomination_id) is not None
        return opened and feedback.summary_of(reader, nomination_id) is None


def _messages(case: CasePage) -> Iterator[Act]:
    if case.instance.ended_at is not None or case.nomination is None:
        return
    waiting = {one.name for one in queries.waiting_messages(current.engine(), case.instance.id)}
    offered = {
        COMMENT: _takes_comments(case.nomination.id),
        WITHDRAW: "withdrawal" in waiting and case.nomination.proposer_id == current.actor().id,
        ANSWER: "minister_answer" in waiting,
    }
    for key, fits in offered.items():
        step = current.engine().registry.steps.get((MessageStep, key))
        if fits and isinstance(step, MessageStep) and may_perform(step):
            href = url_for("acts.show_message", step_key=key, case=case.instance.business_key, next=_here())
            yield Act(key, label("steps", key), href)


def _actions(case: CasePage) -> Iterator[Act]:
    nomination = case.nomination
    if nomination is None:
        return
    with reading(current.sessions()) as reader:
        declared = current.actor().id in nominations.declared_recusals(reader, nomination.id)
    running = case.instance.ended_at is None
    offered = {
        DECLARE: running and not declared and not _votes_now(case),
        UNDECLARE: running and declared,
        FLAG: running,
    }
    for key, fits in offered.items():
        step = current.engine().registry.steps.get((ActionStep, key))
        if fits and isinstance(step, ActionStep) and may_perform(step):
            about: dict[str, Any] = {"nomination": nomination.business_key}
            if key == FLAG:
                about = {"nominee_kind": nomination.nominee_kind, "nominee_id": nomination.nominee_id}
            href = url_for("acts.show", step_key=key, next=_here(), **about)
            yield Act(key, label("steps", key), href)


def _votes_now(case: CasePage) -> bool:
    """Tell whether a ballot of mine waits on this case: it asks for an interest itself, and ends by declaring one."""
    waiting = queries.open_tasks_of_instance(current.engine(), case.instance.id)
    return any(task.personal and task.assignee == current.actor().id for task in waiting)


def _here() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else request.path
