"""Builders of facts for tests: each writes through a step's context, as the doors do, and returns an id.

They start where a test needs them and skip the doors; what has to be shown through the doors is shown with
`tests.office.Office`.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from engine.clock import VIETNAM
from engine.context import SYSTEM, Actor, StepContext
from engine.db import Base, SessionFactory, open_database, unit_of_work
from engine.ids import SeededIds
from engine.models import TableVersion
from engine.text import fold
from tests.support.tables import create_tables
from workflows.campaigns.models import AwardRound, Campaign, GuidanceLetter, RoundKind
from workflows.documents.models import DocumentKind, DossierDocument
from workflows.facts import write_new
from workflows.nominations import service
from workflows.nominations.models import AwardForm, FlagKind, Nomination, NomineeFlag, NomineeKind
from workflows.organisation.models import (
    Gender,
    Person,
    PersonType,
    Post,
    PostHolding,
    Relation,
    RelationKind,
    RoleGrant,
    Unit,
    UnitKind,
)
from workflows.organisation.queries import actor_for
from workflows.organisation.vietnamese import name_key
from workflows.rulebook import queries as rulebook

BPMN = Path(__file__).resolve().parents[1] / "bpmn"
SINCE = date(2019, 1, 1)
NOON = datetime(2025, 6, 16, 12, 0, tzinfo=VIETNAM)
"""A Monday under decree 98/2023."""


class Facts:
    """A database with the tables in force, and contexts to write facts with.

    Attributes:
        now: the business instant of the contexts it gives; tests move it.

    """

    def __init__(self, url: str, *, seed: int = 1) -> None:
        self.database, self.sessions = open_database(url)
        create_tables(self.database, Base.metadata)
        self.ids, self.random, self.now = SeededIds(seed), Random(seed), NOON
        tables_in_force(self.sessions)

    @contextmanager
    def acting(self, who: str | Actor = SYSTEM, **place: Any) -> Iterator[StepContext]:
        """Yield a context in a transaction of its own; `who` is a person's id or an actor, `place` names the case."""
        with unit_of_work(self.sessions) as session:
            yield self.context(session, who, **place)

    def context(self, session: Session, who: str | Actor = SYSTEM, **place: Any) -> StepContext:
        """Return a context over a session."""

        def decide(table: str, inputs: dict[str, Any], on: date) -> Any:
            return rulebook.decide(session, table, inputs, on).value

        bare = StepContext(session, self.now, self.ids, self.random, SYSTEM, decide, **place)
        if isinstance(who, Actor):
            bare.actor = who
        else:
            found = actor_for(session, who, bare.today)
            assert found is not None, f"nobody has the id {who}"
            bare.actor = found
        return bare


def tables_in_force(sessions: SessionFactory) -> None:
    """Put the decision tables of `bpmn/tables` in force, each from its day."""
    with unit_of_work(sessions) as session:
        ids = SeededIds(99)
        for path in sorted((BPMN / "tables").glob("*/*.dmn")):
            xml = path.read_bytes()
            session.add(TableVersion(
                id=ids.new(), table_key=path.parent.name, valid_from=date.fromisoformat(path.stem),
                sha256=hashlib.sha256(xml).hexdigest(), xml=xml, deployed_at=NOON, deployed_by="system",
            ))  # fmt: skip


def a_unit(
    ctx: StepContext, key: str = "bacson", *, kind: UnitKind = UnitKind.SUB_DEPARTMENT, parent_id: str | None = None,
    since: date = SINCE, until: date | None = None,
) -> str:  # fmt: skip
    """A unit, whose id is its key."""
    return write_new(
        ctx, Unit, "unit_id", unit_id=key, key=key, name=f"Chi cục {key}", short_name=key, kind=kind,
        parent_id=parent_id, position=1, legal_personality=kind is UnitKind.AGENCY, valid_from=since,
        valid_to=until, mark="B", source="",
    ).unit_id  # fmt: skip


def a_person(
    ctx: StepContext, name: str = "Nông Thị Hoa", *, unit_id: str = "", title: str = "Chuyên viên",
    leading: bool = False, roles: tuple[str, ...] = (), since: date = SINCE,
) -> str:  # fmt: skip
    """A person with a post in a unit (none without one) and roles (`role` or `role@unit`)."""
    family, *middle, given = name.split()
    person = write_new(
        ctx, Person, "person_id", family_name=family, middle_name=" ".join(middle), given_name=given,
        full_name=name, sort_key=name_key(name), search_key=fold(name), birth_year=1980, gender=Gender.UNSTATED,
        person_type=PersonType.CIVIL_SERVANT,
    ).person_id  # fmt: skip
    if unit_id:
        a_post(ctx, person, unit_id, title=title, leading=leading, since=since)
    for role in roles:
        a_role(ctx, person, role, since=since)
    return person


def a_post(
    ctx: StepContext, person_id: str, unit_id: str, *, title: str = "Chuyên viên", leading: bool = False,
    since: date = SINCE, until: date | None = None,
) -> str:  # fmt: skip
    """A post of a unit, held by a person; deputies manage too."""
    managing = leading or title.startswith("Phó")
    post = write_new(
        ctx, Post, "post_id", unit_id=unit_id, title=title, leading=leading, managing=managing, valid_from=since,
        valid_to=until,
    ).post_id  # fmt: skip
    write_new(
        ctx, PostHolding, "holding_id", person_id=person_id, post_id=post, unit_id=unit_id, valid_from=since,
        valid_to=until, document="",
    )  # fmt: skip
    return post


def a_role(ctx: StepContext, person_id: str, role: str, *, since: date = SINCE, until: date | None = None) -> str:
    """A role (`role` or `role@unit`) granted to a person."""
    key, _, scope = role.partition("@")
    return write_new(
        ctx, RoleGrant, "grant_id", person_id=person_id, role=key, unit_id=scope, valid_from=since,
        valid_to=until, document="",
    ).grant_id  # fmt: skip


def a_relation(ctx: StepContext, person_id: str, relative_id: str, kind: RelationKind = RelationKind.SIBLING) -> str:
    """A declared family relation."""
    return write_new(
        ctx, Relation, "relation_id", person_id=person_id, relative_id=relative_id, kind=kind, withdrawn=False
    ).relation_id


def a_campaign(ctx: StepContext, key: str = "vhcs", *, launched_by_ministry: bool = True) -> str:
    """A campaign from 2019 to 2025; its id is its key."""
    return write_new(
        ctx, Campaign, "campaign_id", campaign_id=key, key=key, title="Thi đua thực hiện văn hóa công sở", goal="",
        scope="", participants="", content="", measures="", launch_number="2370/KH-CTHADS", launched_on=SINCE,
        launched_by_ministry=launched_by_ministry, valid_from=SINCE, valid_to=date(2025, 12, 31),
        continue_decision="",
    ).campaign_id  # fmt: skip


def a_round(
    ctx: StepContext, key: str = "2025-TK", *, campaign_id: str = "", guidance: bool = True,
    opened_on: date = date(2025, 5, 1), deadline: date = date(2025, 7, 31), period_from: date = SINCE,
    period_to: date = date(2025, 6, 30), quotas: dict[str, int] | None = None, launched_by_ministry: bool = True,
) -> str:  # fmt: skip
    """A round, with its guidance letter unless told otherwise, in a campaign of its own unless one is named."""
    campaign = campaign_id or a_campaign(ctx, f"c-{key}", launched_by_ministry=launched_by_ministry)
    letter = ""
    if guidance:
        letter = write_new(
        ctx, GuidanceLetter, "guidance_id", campaign_id=campaign, number="300/HD-CTHADS",
            issued_on=opened_on, title="Hướng dẫn", file_sha256="0" * 64,
        ).guidance_id  # fmt: skip
    write_new(
        ctx, AwardRound, "round_id", key=key, campaign_id=campaign, kind=RoundKind.FINAL, title=f"Đợt {key}",
        guidance_id=letter, opened_on=opened_on, closed_on=None, period_from=period_from, period_to=period_to,
        filing_deadline=deadline, quotas=dict(quotas or {}),
    )  # fmt: skip
    return key


def a_nomination(
    ctx: StepContext, *, nominee_id: str, unit_id: str = "bacson", round_key: str = "2025-TK",
    kind: NomineeKind = NomineeKind.INDIVIDUAL, form: AwardForm = AwardForm.GIAY_KHEN, letter_number: str = "",
) -> Nomination:  # fmt: skip
    """A nomination opened by the context's actor, who is its proposer; nothing is stated yet."""
    return service.open_nomination(
        ctx,
        round_key=round_key,
        unit_id=unit_id,
        nominee_kind=kind,
        nominee_id=nominee_id,
        proposed_form=form,
        letter_number=letter_number,
    )


def a_proposal(**changes: Any) -> dict[str, Any]:
    """The fields of a proposal that the round of `a_round` accepts, every document on paper."""
    return {
        "proposed_form": "GIAY_KHEN", "ground": "", "achievement": "Hoàn thành xuất sắc nhiệm vụ",
        "achieved_from": SINCE, "achieved_to": date(2025, 5, 31), "summary": "Giải quyết dứt điểm nhiều vụ việc. " * 3,
        "internal_unity": False, "letter_number": "15/TTr-CCTHADS", "letter_on": date(2025, 6, 10),
        "paper": ["SUBMISSION_LETTER", "ACHIEVEMENT_REPORT", "UNIT_MINUTES"], "note": "", **changes,
    }  # fmt: skip


def a_filed_nomination(ctx: StepContext, *, nominee_id: str, values: dict[str, Any] | None = None,
                       **opening: Any) -> Nomination:  # fmt: skip
    """A nomination whose dossier was filed today."""
    row = a_nomination(ctx, nominee_id=nominee_id, **opening)
    service.file_proposal(ctx, row, a_proposal(**(values or {})))
    return row


def a_document(
    ctx: StepContext, subject_id: str, kind: DocumentKind = DocumentKind.ACHIEVEMENT_REPORT, *, sha256: str = "a" * 64
) -> str:
    """A filed document's facts, without bytes in any storage."""
    return write_new(
        ctx, DossierDocument, "document_id", subject_id=subject_id, kind=kind, sha256=sha256, size=10,
        media_type="application/pdf", name="tài liệu.pdf",
    ).document_id  # fmt: skip


def a_flag(
    ctx: StepContext, nominee_id: str, kind: FlagKind = FlagKind.COMPLAINT, *, raised_on: date = date(2025, 6, 1),
    closed_on: date | None = None,
) -> str:  # fmt: skip
    """Something under verification about a person."""
    return write_new(
        ctx, NomineeFlag, "flag_id", nominee_kind=NomineeKind.INDIVIDUAL, nominee_id=nominee_id, kind=kind,
        raised_on=raised_on, closed_on=closed_on, document="", text="Đơn",
    ).flag_id  # fmt: skip
