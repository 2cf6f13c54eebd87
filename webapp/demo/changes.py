"""Two changes of rules: a deadline that is in force, and a diagram that waits for a second administrator."""

import hashlib
from datetime import date

from engine import queries
from engine.commands.instances import start_instance
from webapp.demo.office import Case, Office, StoryError

PROCESS = "change_approval"
LAST_VERSION, IN_FORCE_FROM = date(2024, 1, 1), date(2025, 6, 9)
DEADLINE = ('<outputEntry id="notify_unsuccessful_out1"><text>10</text>', "<text>10</text>", "<text>7</text>")
STEP_NAME = ("Quyết định hình thức khen thưởng", "Xem xét, quyết định hình thức khen thưởng")


def propose_deadline(office: Office) -> Case:
    """The personnel officer proposes that those who are not rewarded are told sooner."""
    content = queries.table_xml(office.engine, "deadlines", LAST_VERSION).decode()
    place, before, after = DEADLINE
    return _propose(office, "tccb2", "rulebook.propose_change", {
        "table": "deadlines", "valid_from": IN_FORCE_FROM.isoformat(),
        "content": _changed(content, place, place.replace(before, after)),
        "reason": "Báo kết quả không đạt sớm hơn, theo kết luận giao ban tháng 4: trong 7 ngày làm việc.",
    })  # fmt: skip


def approve(office: Office, case: Case) -> None:
    """The administrator examines and approves."""
    case.do("review_change", "admin", outcome="approved", reason="Đã xem kết quả thử trên hồ sơ cũ.")


def propose_diagram(office: Office) -> Case:
    """The second administrator proposes another name for a step; the first has not looked at it yet."""
    xml = queries.diagram_xml(office.engine, None, "nomination")
    return _propose(office, "admin2", "rulebook.propose_diagram", {
        "content": _changed(xml.decode(), *STEP_NAME), "based_on": hashlib.sha256(xml).hexdigest(),
        "reason": "Gọi đúng tên bước theo quy chế thi đua, khen thưởng của cơ quan.",
    })  # fmt: skip


def _propose(office: Office, who: str, step: str, values: dict[str, str]) -> Case:
    begun = start_instance(office.engine, PROCESS, "", office.actor(who), {}, step=step, values=values)
    return Case(office, begun.instance.id, begun.instance.business_key)


def _changed(text: str, before: str, after: str) -> str:
    if before not in text:
        raise StoryError(f"nothing to change: {before}")
    return text.replace(before, after)
