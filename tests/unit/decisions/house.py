"""An agency with its head, a deputy by delegation and nominees: what the tests of decisions begin with."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from engine.clock import VIETNAM
from engine.context import StepContext
from engine.db import unit_of_work
from engine.models import MessageSubscription, ProcessInstance, ProcessVersion
from engine.text import fold
from tests import builders as build
from tests.builders import Facts
from webapp.wiring import FONTS
from workflows.campaigns.models import LegalBasis
from workflows.decisions import service, signing
from workflows.decisions.models import AwardDecision
from workflows.decisions.press import Press
from workflows.documents.models import DocumentKind
from workflows.documents.storage import FileStorage
from workflows.facts import write_new
from workflows.nominations.models import AwardForm, Nomination, NomineeKind
from workflows.organisation.models import Delegation, Gender, Person, PersonType, Unit, UnitKind
from workflows.organisation.vietnamese import name_key


@dataclass
class House:
    """The people and papers of an agency; `now` of the facts is moved by `on`."""

    facts: Facts
    storage: FileStorage
    press: Press
    people: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, url: str, folder: Path, *, on: date = date(2025, 6, 16), legal_personality: bool = True) -> "House":
        """Open the house on a day, with a round to which nominations may be filed."""
        house = cls(Facts(url), FileStorage(folder), Press(FONTS))
        house.on(on)
        with house.facts.acting() as ctx:
            for key, name, kind, parent in (
                ("tongcuc", "Tổng cục Thi hành án dân sự", UnitKind.OUTSIDE, None),
                ("agency", "Cục Thi hành án dân sự tỉnh Lạng Sơn", UnitKind.AGENCY, "tongcuc"),
                ("bacson", "Chi cục Thi hành án dân sự huyện Bắc Sơn", UnitKind.SUB_DEPARTMENT, "agency"),
            ):  # fmt: skip
                write_new(
                    ctx, Unit, "unit_id", unit_id=key, key=key, name=name, short_name=key, kind=kind, parent_id=parent,
                    position=1, legal_personality=legal_personality and kind is UnitKind.AGENCY,
                    valid_from=build.SINCE, valid_to=None, mark="B", source="",
                )  # fmt: skip
            add = house._person
            add(ctx, "director", "Hoàng Văn Bách", "agency", "Cục trưởng", leading=True, roles=("director",))
            add(ctx, "deputy", "Lương Thị Cúc", "agency", "Phó Cục trưởng")
            add(ctx, "head", "Triệu Văn Khôi", "bacson", "Chi cục trưởng", leading=True, roles=("unit_head@bacson",))
            add(ctx, "hoa", "Nông Thị Hoa", "bacson", "Chấp hành viên")
            add(ctx, "quan", "Mã Văn Quân", "bacson", "Thư ký", gender=Gender.MALE)
            campaign = build.a_campaign(ctx)
            write_new(
                ctx, LegalBasis, "basis_id", campaign_id=campaign, position=1, number="733/QĐ-TTg",
                issued_on=date(2019, 6, 14), issuer="Thủ tướng Chính phủ", title="phát động phong trào thi đua",
                verified=True, note="",
            )  # fmt: skip
            build.a_round(
                ctx, campaign_id=campaign, opened_on=date(on.year, 1, 1), deadline=date(on.year, 12, 31), period_to=on
            )
            write_new(
                ctx, Delegation, "delegation_id", role="director", from_person_id=house.people["director"],
                to_person_id=house.people["deputy"], unit_id="", valid_from=build.SINCE, valid_to=None,
                document="03/UQ", reason="",
            )  # fmt: skip
        return house

    def on(self, day: date) -> None:
        """Let it be eight o'clock of a day."""
        self.facts.now = datetime(day.year, day.month, day.day, 8, tzinfo=VIETNAM)

    def _person(
        self, ctx: StepContext, nickname: str, name: str, unit: str, title: str, *, leading: bool = False,
        roles: tuple[str, ...] = (), gender: Gender = Gender.FEMALE,
    ) -> None:  # fmt: skip
        family, middle, given = name.split()
        person = write_new(
            ctx, Person, "person_id", family_name=family, middle_name=middle, given_name=given, full_name=name,
            sort_key=name_key(name), search_key=fold(name), birth_year=1980, gender=gender,
            person_type=PersonType.CIVIL_SERVANT,
        ).person_id  # fmt: skip
        build.a_post(ctx, person, unit, title=title, leading=leading)
        for role in roles:
            build.a_role(ctx, person, role)
        self.people[nickname] = person

    def acting(self, who: str, **place: Any) -> AbstractContextManager[StepContext]:
        """A context of a person."""
        return self.facts.acting(self.people[who], **place)

    def filed(self, nominee: str = "hoa", **values: Any) -> Nomination:
        """A filed nomination of a person, or of the unit itself when `nominee` is `bacson`."""
        opening: dict[str, Any] = {"nominee_id": self.people.get(nominee, nominee)}
        if nominee == "bacson":
            opening["kind"] = NomineeKind.COLLECTIVE
        if "proposed_form" in values:
            opening["form"] = AwardForm(values["proposed_form"])
        values = {"achieved_to": self.facts.now.date(), "letter_on": self.facts.now.date(), **values}
        with self.acting("head") as ctx:
            return build.a_filed_nomination(ctx, **opening, values=values)

    def case_of(self, row: Nomination, **variables: Any) -> dict[str, Any]:
        """Where a context of this nomination's case stands."""
        known = {"nomination_id": row.nomination_id, "nominee_kind": row.nominee_kind.value, **variables}
        return {"business_key": row.business_key, "variables": known}

    def decided(
        self, row: Nomination, decision: str = "GRANT_GIAY_KHEN", *, outcome: str = "passed", reason: str = ""
    ) -> None:
        """The director decides about a nomination after a vote."""
        with self.acting("director", **self.case_of(row, vote_outcome=outcome, line_id="line")) as ctx:
            service.decide(ctx, nomination_id=row.nomination_id, decision=decision, reason=reason)

    def signed(self, row: Nomination, *, who: str = "director", capacity: str = "HEAD") -> AwardDecision:
        """A decision for a nomination alone."""
        with self.acting(who, **self.case_of(row)) as ctx:
            decision = signing.sign(ctx, nomination_id=row.nomination_id, together=[], capacity=capacity)
            inputs = {"form": decision.form.value, "nominee_kind": row.nominee_kind.value}
            found = ctx.decide("prize", inputs, decision.signed_on)
            service.record_prize(ctx, nomination_id=row.nomination_id, found=found)
        return decision

    def waits(self, *rows: Nomination) -> None:
        """Let the cases of nominations wait at their signature, as the engine's tables tell it."""
        ids = self.facts.ids
        with unit_of_work(self.facts.sessions) as session:
            for row in rows:
                version, instance = ids.new(), ids.new()
                session.add(ProcessVersion(
                    id=version, process_key=row.business_key, version=1, sha256="0", files={},
                    deployed_at=self.facts.now, deployed_by="system",
                ))  # fmt: skip
                session.flush()
                session.add(ProcessInstance(
                    id=instance, process_version_id=version, process_key="nomination", business_key=row.business_key,
                    state=b"", variables={}, started_at=self.facts.now, ended_at=None, end_event=None, history_hash="",
                ))  # fmt: skip
                session.flush()
                session.add(MessageSubscription(
                    id=ids.new(), instance_id=instance, token="1", element_id="ev_decision_signed",
                    process_key="decision_issue", name="decision_signed", business_key=row.business_key,
                    created_at=self.facts.now,
                ))  # fmt: skip

    def scanned(self, decision: AwardDecision) -> str:
        """The signed scan of a decision, filed; return its id."""
        with self.facts.acting() as ctx:
            return build.a_document(ctx, decision.decision_id, DocumentKind.SIGNED_SCAN)
