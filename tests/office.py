"""The office of the tests: a small department whose people do their steps through the doors, as the product's users do.

Every move is one door, one transaction, and reads the case anew from the database: each path test is a
save-and-restore test too.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from lxml import etree

from engine import queries
from engine.clock import FakeClock, local_date
from engine.commands.actions import perform_action
from engine.commands.deployments import deploy
from engine.commands.instances import start_instance
from engine.commands.jobs import run_due_jobs
from engine.commands.messages import correlate
from engine.commands.tasks import claim_task, complete_task
from engine.commands.timers import run_due_timers
from engine.context import SYSTEM, Actor
from engine.db import open_database, reading
from engine.deployment import DefinitionCache
from engine.history import FileHash
from engine.ids import SeededIds
from engine.models import ProcessInstance
from engine.runtime_environment import Engine
from engine.views import CommandResult, EventView, FormView, InstanceView, TaskView
from tests.support.tables import create_tables
from webapp.schema import metadata
from webapp.settings import Settings
from webapp.wiring import FONTS, file_storage, stored_file_hash
from workflows.organisation.queries import actor_for
from workflows.registry import build_registry

DEFINITIONS = DefinitionCache()
"""Parsed diagrams are shared by all offices of a process, as by all instances of a deployment."""
BPMN = Path(__file__).resolve().parents[1] / "bpmn"
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
OPENING = datetime(2025, 5, 5, 8, 0, tzinfo=VIETNAM)
"""A Monday in the days of the second regime (decree 98/2023)."""

PDF = (
    b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%s\n%%%%EOF\n"
)

UNITS = {
    "agency": ("Cục Thi hành án dân sự tỉnh Lạng Sơn", "AGENCY", None),
    "tccb": ("Phòng Tổ chức cán bộ", "ROOM", "agency"),
    "office": ("Văn phòng", "OFFICE", "agency"),
    "bacson": ("Chi cục Thi hành án dân sự huyện Bắc Sơn", "SUB_DEPARTMENT", "agency"),
    "vanlang": ("Chi cục Thi hành án dân sự huyện Văn Lãng", "SUB_DEPARTMENT", "agency"),
}
PEOPLE: dict[str, tuple[str, str, str, bool, tuple[str, ...]]] = {
    # nickname: full name, unit, post, heads the unit, roles
    "director": ("Hoàng Văn Bách", "agency", "Cục trưởng", True, ("director", "council_chair", "council_member")),
    "deputy": ("Lương Thị Cúc", "agency", "Phó Cục trưởng", False, ("council_member",)),
    "secretary": (
        "Nông Văn Dương",
        "tccb",
        "Trưởng phòng",
        True,
        ("personnel_officer", "council_secretary", "council_member"),
    ),
    "officer": ("Vi Thị Én", "tccb", "Chuyên viên", False, ("personnel_officer",)),
    "office": ("Lộc Thị Giang", "office", "Chánh Văn phòng", True, ("office_officer", "council_member")),
    "records": ("Hứa Thị Hạnh", "office", "Văn thư", False, ("records_officer",)),
    "head": ("Triệu Văn Khôi", "bacson", "Chi cục trưởng", True, ("unit_head@bacson", "council_member")),
    "head2": ("Dương Thị Lan", "vanlang", "Chi cục trưởng", True, ("unit_head@vanlang", "council_member")),
    "member": ("Bế Văn Minh", "agency", "Trưởng phòng Nghiệp vụ", False, ("council_member",)),
    "member2": ("Chu Thị Nga", "agency", "Thẩm tra viên", False, ("council_member",)),
    "member3": ("Đàm Văn Oanh", "agency", "Chủ tịch Công đoàn", False, ("council_member",)),
    "nominee": ("Nông Thị Hoa", "bacson", "Chấp hành viên", False, ()),
    "nominee2": ("Mã Văn Quân", "bacson", "Thư ký", False, ()),
    "staff": ("Phùng Thị Sen", "office", "Kế toán", False, ()),
    "auditor": ("Tô Văn Thịnh", "agency", "Thanh tra", False, ("auditor",)),
    "admin": ("Ngô Thị Uyên", "office", "Quản trị viên", False, ("administrator",)),
    "admin2": ("Đặng Văn Vinh", "office", "Quản trị viên", False, ("administrator",)),
}
COUNCIL = ("director", "deputy", "secretary", "office", "head", "head2", "member", "member2", "member3")


@dataclass
class Office:
    """A deployed product with its people; `who` is always a nickname of `PEOPLE`."""

    engine: Engine
    clock: FakeClock
    settings: Settings
    database: sa.Engine
    units: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    posts: dict[str, str] = field(default_factory=dict)
    flag: str = ""

    @classmethod
    def bare(cls, database_url: str, folder: Path, *, seed: int = 7) -> "Office":
        """Open an office that has database tables and nothing in them."""
        office = cls._over(database_url, folder, seed)
        create_tables(office.database, metadata())
        return office

    @classmethod
    def open(cls, database_url: str, folder: Path, *, seed: int = 7) -> "Office":
        """Open an office over an empty database: tables, diagrams, people, the round of 2025."""
        office = cls.bare(database_url, folder, seed=seed)
        deploy(office.engine, BPMN, SYSTEM)
        office.people_arrive()
        office.round_opens()
        return office

    @classmethod
    def reopen(cls, database_url: str, folder: Path, names: dict[str, dict[str, str]], *, seed: int = 8) -> "Office":
        """Go on with the database and files of an office opened before; `names` is what its `names` said."""
        office = cls._over(database_url, folder, seed)
        office.units, office.people, office.posts = names["units"], names["people"], names["posts"]
        return office

    @classmethod
    def _over(cls, database_url: str, folder: Path, seed: int) -> "Office":
        settings = Settings(data_dir=folder, database_url=database_url, broker_url="memory://", secret_key="x" * 40)
        database, sessions = open_database(database_url)
        clock = FakeClock(OPENING)
        engine = Engine(
            sessions=sessions, registry=build_registry(file_storage(settings), FONTS), clock=clock, machine_clock=clock,
            ids=SeededIds(seed), random=Random(seed), definitions=DEFINITIONS, nudge=lambda _ids: None,
        )  # fmt: skip
        return cls(engine, clock, settings, database)

    @property
    def names(self) -> dict[str, dict[str, str]]:
        """Nicknames of units, people and posts with their ids."""
        return {"units": self.units, "people": self.people, "posts": self.posts}

    def close(self) -> None:
        """Leave the database."""
        self.database.dispose()

    # people

    def people_arrive(self) -> None:
        """Units, people, posts and roles, each through its door."""
        since = "2019-01-01"
        for position, (key, (name, kind, parent)) in enumerate(UNITS.items()):
            made = self.act(SYSTEM, "organisation.add_unit", key=key, name=name, kind=kind, valid_from=since,
                            parent_id=self.units.get(parent or "", ""), position=position,
                            legal_personality=kind == "AGENCY")  # fmt: skip
            self.units[key] = made["unit_id"]
        for nickname, (name, unit, title, leading, roles) in PEOPLE.items():
            self.person_arrives(nickname, name, unit, title, leading=leading, roles=roles)

    def person_arrives(
        self, nickname: str, name: str, unit: str, title: str, *, leading: bool = False, roles: tuple[str, ...] = ()
    ) -> str:
        """One person with a post and roles from 2019 on; return the id."""
        since = "2019-01-01"
        family, middle, given = name.split()
        person = self.act(SYSTEM, "organisation.add_person", family_name=family, middle_name=middle, given_name=given,
                          gender="FEMALE" if middle == "Thị" else "MALE", person_type="CIVIL_SERVANT",
                          birth_year=1980)["person_id"]  # fmt: skip
        post = self.act(SYSTEM, "organisation.add_post", unit_id=self.units[unit], title=title, leading=leading,
                        managing=leading or title.startswith("Phó"), valid_from=since)["post_id"]  # fmt: skip
        self.act(SYSTEM, "organisation.hold_post", person_id=person, post_id=post, valid_from=since)
        for role in roles:
            key, _, scope = role.partition("@")
            self.act(SYSTEM, "organisation.grant_role", person_id=person, role=key, valid_from=since,
                     unit_id=self.units[scope] if scope else "")  # fmt: skip
        self.people[nickname], self.posts[nickname] = person, post
        return str(person)

    def round_opens(self) -> None:
        """The campaign of the plan, its guidance letter and the round of 2025; the council as it stands."""
        campaign = self.act(
            "secretary", "campaigns.create_campaign", key="van-hoa-cong-so", title="Thi đua thực hiện văn hóa công sở",
            goal="Kỷ cương.", scope="Toàn cơ quan.", participants="Công chức, người lao động.", content="Văn hóa.",
            measures="Đôn đốc, kiểm tra.", launch_number="77/PĐ-CTHADS", launched_on="2019-08-22",
            launched_by_ministry=True, valid_from="2019-01-01", valid_to="2025-12-31",
        )["campaign_id"]  # fmt: skip
        self.guided_round(campaign, "2022-SK", kind="INTERIM", issued_on="2022-08-01", opened_on="2022-09-01",
                          filing_deadline="2022-09-30", period_from="2019-08-22", period_to="2022-08-31")  # fmt: skip
        self.act("secretary", "campaigns.close_round", round_key="2022-SK", closed_on="2022-12-31")
        self.act("director", "campaigns.continue_campaign", campaign_id=campaign, decision="Thông báo số 12/TB-CTHADS")
        self.guided_round(campaign, "2025-TK", kind="FINAL", issued_on="2025-04-10", opened_on="2025-05-01",
                          filing_deadline="2025-12-15", period_from="2019-08-22", period_to="2025-06-30")  # fmt: skip
        self.act("secretary", "council.set_members", title="Hội đồng Thi đua - Khen thưởng",
                 decision_number="45/QĐ-CTHADS", decided_on="2025-01-10", valid_from="2025-01-10",
                 chair_id=self.people["director"], vice_chair_id=self.people["deputy"],
                 secretary_id=self.people["secretary"], members=[self.people[who] for who in COUNCIL])  # fmt: skip

    def guided_round(self, campaign: str, key: str, *, issued_on: str, **calendar: str) -> None:
        """A round and the guidance letter it opens with."""
        guidance = self.act(
            "secretary", "campaigns.publish_guidance", campaign_id=campaign, number=f"215/HD-{key}",
            issued_on=issued_on, title="Hướng dẫn xét khen thưởng", file_sha256=self.file(key), file_name=f"{key}.pdf",
        )["guidance_id"]  # fmt: skip
        self.act("secretary", "campaigns.open_round", key=key, campaign_id=campaign, title=f"Đợt {key}",
                 guidance_id=guidance, **calendar)  # fmt: skip

    def actor(self, who: str | Actor) -> Actor:
        """The person as an actor today."""
        if isinstance(who, Actor):
            return who
        with reading(self.engine.sessions) as session:
            found = actor_for(session, self.people[who], self.today)
        assert found is not None, f"{who} works here"
        return found

    def policy_changes(self, parameter: str, value: str) -> None:
        """The law changes: tomorrow another version of the policy table begins, deployed by the same door."""
        folder = self.settings.data_dir / "deployed"
        shutil.copytree(BPMN, folder, dirs_exist_ok=True)
        versions = folder / "tables" / "policy"
        newest = max(path for path in versions.iterdir() if date.fromisoformat(path.stem) <= self.today)
        root = etree.fromstring(newest.read_bytes())
        rule = next(
            rule
            for rule in root.iter("{*}rule")
            if rule.findtext("{*}inputEntry/{*}text", "").strip() == f'"{parameter}"'
        )
        rule.find("{*}outputEntry/{*}text").text = value
        tomorrow = self.today + timedelta(days=1)
        (versions / f"{tomorrow}.dmn").write_bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
        deploy(self.engine, folder, SYSTEM)

    # time

    @property
    def today(self) -> date:
        return local_date(self.clock.now())

    def wait(self, *, days: float = 0, hours: float = 0) -> int:
        """Let time pass; what falls due happens. Returns how many cases moved."""
        self.clock.advance(timedelta(days=days, hours=hours))
        moved, count = 0, run_due_timers(self.engine)
        while count:
            moved, count = moved + count, run_due_timers(self.engine)
        return moved

    def machines_work(self) -> None:
        """The worker does all jobs that are due."""
        while run_due_jobs(self.engine):
            pass

    def later(self, *, days: float, since: datetime | None = None) -> str:
        """An instant some days on, as a form takes it."""
        return ((since or self.clock.now()) + timedelta(days=days)).isoformat()

    # doors

    def act(self, who: str | Actor, step: str, **values: Any) -> dict[str, Any]:
        """Perform an action that belongs to no case."""
        return perform_action(self.engine, step, self.actor(who), values).values

    def file(self, content: str = "") -> str:
        """Store the bytes of a small PDF; return the hash."""
        return file_storage(self.settings).write(PDF % content.encode())

    @property
    def file_hash(self) -> FileHash:
        """What tells the true hash of a stored file."""
        return stored_file_hash(self.settings)

    def attach(self, who: str, subject_id: str, kind: str, *, name: str = "tệp.pdf") -> str:
        """File a document; return its id."""
        sha256 = self.file(f"{subject_id} {kind} {name}")
        made = self.act(who, "documents.file_document", subject_id=subject_id, kind=kind, sha256=sha256, name=name)
        return str(made["document_id"])

    def complete(self, task_id: UUID, actor: Actor, **values: Any) -> CommandResult:
        """Complete a task under a key of its own, as pages do."""
        return complete_task(self.engine, task_id, actor, values, idempotency_key=f"key-{task_id}")

    def claim(self, task_id: UUID, actor: Actor) -> CommandResult:
        """Take a task out of its queue under a key of its own."""
        return claim_task(self.engine, task_id, actor, idempotency_key=f"claim-{task_id}")

    def start(self, who: str, **values: Any) -> "Case":
        """Open a nomination."""
        result = start_instance(
            self.engine, "nomination", "", self.actor(who), {}, step="nominations.open", values=values
        )
        return Case(self, result.instance.id, result.instance.business_key)


@dataclass
class Case:
    """One nomination on its way."""

    office: Office
    id: UUID
    key: str

    @property
    def view(self) -> InstanceView:
        return queries.get_instance(self.office.engine, self.id)

    @property
    def variables(self) -> Mapping[str, Any]:
        return self.view.variables

    @property
    def nomination_id(self) -> str:
        return str(self.variables["nomination_id"])

    def open_tasks(self) -> list[TaskView]:
        return list(queries.open_tasks_of_instance(self.office.engine, self.id))

    def open_elements(self) -> list[str]:
        """Where the case waits for people, without repeats."""
        return list(dict.fromkeys(task.element_id for task in self.open_tasks()))

    def task(self, element: str, who: str) -> TaskView:
        """The open task of an element that this person may do."""
        actor = self.office.actor(who)
        tasks = [task for task in self.open_tasks() if task.element_id == element]
        mine = [task for task in tasks if task.assignee == actor.id]
        assert tasks, f"{element} is not open; open are {self.open_elements()}"
        return (mine or tasks)[0]

    def form(self, element: str, who: str) -> FormView:
        """The form of a step as it opens for a person, who takes the task by that."""
        task = self.task(element, who)
        if task.assignee is None:
            self.claim(element, who)
        return queries.task_form(self.office.engine, task.id, self.office.actor(who))

    def do(self, element: str, who: str, /, **values: Any) -> CommandResult:
        """Complete a step with a form."""
        task = self.task(element, who)
        return complete_task(self.office.engine, task.id, self.office.actor(who), values)

    def claim(self, element: str, who: str) -> CommandResult:
        return claim_task(self.office.engine, self.task(element, who).id, self.office.actor(who))

    def say(self, who: str | Actor, step: str, /, **values: Any) -> CommandResult:
        """State a fact that may move the case."""
        return correlate(self.office.engine, step, self.key, self.office.actor(who), values)

    def history(self) -> list[EventView]:
        return list(queries.list_history(self.office.engine, self.id))

    def state_bytes(self) -> int:
        """How large the stored state is."""
        with reading(self.office.engine.sessions) as session:
            return len(session.get_one(ProcessInstance, self.id).state)

    def flows(self) -> set[str]:
        """Sequence flows taken, as `process/flow`."""
        return {flow for event in self.history() for flow in event.data.get("flows", [])}

    def path(self) -> list[str]:
        """Elements of completed tasks in order."""
        return [event.element_id for event in self.history() if event.kind == "task.completed"]

    @property
    def ended_at(self) -> str | None:
        """Id of the end event the case took."""
        return self.view.end_event


def utc(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)
