"""Jobs that gave up, as the office finds them in the morning."""

from uuid import UUID

import sqlalchemy as sa

from engine.context import SYSTEM
from engine.failures import Failure, Place
from engine.ids import RandomIds
from engine.models import Job, JobStatus
from tests.office import Office

PAPER = Failure("OSError", "OSError: No space left on device", Place("decision_issue", "render_certificate"))


def papers_that_failed(office: Office, count: int, key: str = "decisions.render_certificate") -> list[UUID]:
    """Papers that were not drawn, as a full disk leaves them."""
    now = office.clock.now()
    rows = [
        {"id": RandomIds().new(), "kind": "service", "key": key, "instance_id": None, "token": "",
         "business_key": f"ĐN-2025-TK-9{number:02}", "process_key": "", "element_id": "", "payload": {},
         "actor_id": SYSTEM.id, "actor_post": "", "status": JobStatus.FAILED, "created_at": now, "due_at": now,
         "leased_until": None, "attempts": 6, "note": "", "finished_at": now, **PAPER.columns("service", key)}
        for number in range(count)
    ]  # fmt: skip
    with office.database.begin() as connection:
        connection.execute(sa.insert(Job), rows)
    return [row["id"] for row in rows]


def statuses(office: Office) -> list[str]:
    """How those papers stand."""
    with office.database.connect() as connection:
        query = sa.select(Job.status).where(Job.attempts.in_((0, 6)), Job.error_class == "OSError")
        return [str(status) for status in connection.execute(query).scalars()]
