"""The demonstration as `make run` builds it: every stage is there, the record holds, its clock moves on."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine import history, queries
from engine.clock import local_date
from engine.commands.clock import advance_business_clock
from engine.commands.jobs import run_due_jobs
from engine.commands.tasks import complete_task
from engine.context import SYSTEM, Actor
from engine.db import open_database, reading
from engine.runtime_environment import Engine
from tests.conftest import Once
from webapp import schema
from webapp.auth.service import sign_in
from webapp.demo.people import ACCOUNTS, COUNCIL, PASSWORD
from webapp.demo.seed import STANDS_AT
from webapp.demo.stories import Story, load_stories
from webapp.demo_building import fill
from webapp.demonstration import Standing, prepare, standing_of
from webapp.settings import Settings
from webapp.wiring import build_engine, stored_file_hash
from workflows.decisions import queries as decisions
from workflows.nominations import queries as nominations
from workflows.organisation import queries as organisation
from workflows.rulebook import queries as rulebook

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]

AFTER = date(2025, 7, 1)
WAITS_FOR = {
    "draft": "draft_proposal", "submitted": "check_completeness", "returned": "supplement_dossier",
    "supplemented": "check_completeness", "blocked": "handle_block", "warned": "acknowledge_warnings",
    "appraisal": "appraise", "verification": "verify_comment", "summary": "summarise_feedback",
    "confirm": "confirm_feedback_summary", "council": "schedule_nomination", "voting": "cast_ballot",
    "secretary_minutes": "confirm_minutes_secretary", "chair_minutes": "confirm_minutes_chair",
    "director": "director_decides", "signature": "sign_decision", "register": "register_decision", "honour": "honour",
    "letter": "prepare_letter", "letter_signature": "sign_letter",
}  # fmt: skip
WAITS_WITHOUT_PEOPLE = {"feedback": "ev_window_closed", "session": "ev_session_opens", "minister": "minister_answer"}
ENDS = {
    "out_of_scope": "end_out_of_scope", "ineligible": "end_ineligible", "feedback_blocked": "end_feedback_blocked",
    "rejected": "end_rejected", "honoured": "end_awarded", "minister_awarded": "end_minister_awarded",
    "fallback_honoured": "end_awarded", "withdrawn": "end_withdrawn",
    "withdrawn_before_council": "end_withdrawn_before_council",
}  # fmt: skip


def silent(_what: str, _done: int, _whole: int) -> None:
    pass


def settings_over(folder: Path) -> Settings:
    return Settings(data_dir=folder, database_url=f"sqlite:///{folder / 'thidua.db'}", broker_url="memory://",
                    secret_key="x" * 40, demo=True)  # fmt: skip


@dataclass
class Demo:
    """A demonstration and its engine; `who` is a user name."""

    settings: Settings
    engine: Engine

    def actor(self, who: str) -> Actor:
        name = next(account.name for account in ACCOUNTS if account.username == who)
        today = local_date(self.engine.clock.now())
        with reading(self.engine.sessions) as session:
            person = next(view.id for view in organisation.list_people(session, today) if view.full_name == name)
            found = organisation.actor_for(session, person, today)
        assert found is not None
        return found

    def key_of(self, story: Story) -> str:
        """The business key of the story's case."""
        with reading(self.engine.sessions) as session:
            found = nominations.list_nominations(session, round_key=story.round)
            units = {view.key: view.name for view in organisation.units_on(session, date(2025, 6, 16))}
        name = units[story.nominee] if story.collective else story.nominee
        return next(view.business_key for view in found if view.nominee == name)

    def close(self) -> None:
        self.engine.sessions.kw["bind"].dispose()


@pytest.fixture(scope="session")
def built(once: Once) -> Path:
    """The folder of a demonstration; built by the first test that asks."""
    with once.make("demo") as (folder, missing):
        if missing:
            unfinished = folder.with_name("demo.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            prepare(settings_over(unfinished), silent, lambda _text: None)
            unfinished.rename(folder)
    return folder


@pytest.fixture(scope="module")
def demo(built: Path) -> Iterator[Demo]:
    """The demonstration, only to look at."""
    settings = settings_over(built)
    found = Demo(settings, build_engine(settings, nudge=lambda _ids: None))
    yield found
    found.close()


@pytest.fixture
def own(built: Path, tmp_path: Path) -> Iterator[Demo]:
    """A copy of the test's own."""
    folder = tmp_path / "demo"
    shutil.copytree(built, folder)
    settings = settings_over(folder)
    found = Demo(settings, build_engine(settings, nudge=lambda _ids: None))
    yield found
    found.close()


def test_every_story_stands_where_it_says(demo: Demo) -> None:
    for story in load_stories():
        case = queries.find_instance(demo.engine, demo.key_of(story))
        assert case is not None
        waiting = {task.element_id for task in queries.open_tasks_of_instance(demo.engine, case.id)}
        if story.path in ENDS:
            assert (case.end_event, waiting) == (ENDS[story.path], set()), story
        elif story.path in WAITS_FOR:
            assert waiting == {WAITS_FOR[story.path]}, story
        else:
            others = [view.element_id for view in queries.due_timers(demo.engine, case.id)]
            others += [view.name for view in queries.waiting_messages(demo.engine, case.id)]
            assert waiting == set(), story
            assert WAITS_WITHOUT_PEOPLE[story.path] in others, story


def test_stories_pass_every_task_of_the_usual_ways(demo: Demo) -> None:
    seen = {event.element_id for story in load_stories() for event in history_of(demo, story)}

    assert {*WAITS_FOR.values(), "receive_award", "send_referral", "fall_back"} <= seen


def history_of(demo: Demo, story: Story) -> list[Any]:
    case = queries.find_instance(demo.engine, demo.key_of(story))
    assert case is not None
    return list(queries.list_history(demo.engine, case.id))


def test_the_record_holds(demo: Demo) -> None:
    with reading(demo.engine.sessions, at_one_instant=True) as session:
        findings = list(history.verify(session, file_hash=stored_file_hash(demo.settings)))
        assert history.count_events(session) > 2_000
    assert findings == []


def test_nothing_waits_for_a_machine_and_nothing_failed(demo: Demo) -> None:
    counts = queries.standing(demo.engine)

    assert (counts.pending_jobs, counts.incidents) == (0, 0)
    assert counts.running_cases >= 40


def test_a_second_start_changes_nothing(own: Demo) -> None:
    own.close()
    before = (own.settings.data_dir / "thidua.db").read_bytes()

    assert standing_of(own.settings) is Standing.WHOLE
    assert not prepare(own.settings, silent, lambda _text: None)

    assert (own.settings.data_dir / "thidua.db").read_bytes() == before


def test_the_clock_stands_on_the_morning_of_16_june_2025_and_runs(demo: Demo) -> None:
    now = demo.engine.clock.now()

    assert timedelta(0) <= now - STANDS_AT < timedelta(hours=1)
    assert local_date(now) == date(2025, 6, 16)


def test_every_account_opens_with_the_published_password(own: Demo) -> None:
    now = own.engine.machine_clock.now()

    for account in ACCOUNTS:
        view, _token = sign_in(own.engine.sessions, username=account.username, password=PASSWORD, address="127.0.0.1",
                               now=now)  # fmt: skip
        assert view.person_id == own.actor(account.username).id


def test_the_people_of_the_tour_have_something_to_do(demo: Demo) -> None:
    people = (*COUNCIL, "tccb2", "vanthu", "ccbacson")
    idle = [who for who in people if not any(queries.count_tasks(demo.engine, demo.actor(who)).values())]

    assert idle == []


def test_the_reorganisation_takes_effect_on_its_day(own: Demo) -> None:
    before = own.actor("cuctruong")
    story = next(story for story in load_stories() if story.path == "signature")

    advance_business_clock(own.engine, SYSTEM, timedelta(days=16))

    actor = own.actor("cuctruong")
    with reading(own.engine.sessions) as session:
        today = local_date(own.engine.clock.now())
        agency = organisation.agency_on(session, today)
        units = organisation.units_on(session, today)
        titles = [organisation.post_title(session, post) for post in (before.post, actor.post)]
    assert today > AFTER
    assert agency is not None
    assert (agency.name, agency.legal_personality) == ("Thi hành án dân sự tỉnh Lạng Sơn", True)
    assert titles == ["Cục trưởng", "Trưởng Thi hành án dân sự tỉnh"]
    assert {unit.kind for unit in units} == {"OUTSIDE", "AGENCY", "OFFICE", "ROOM", "REGIONAL_DIVISION"}
    assert {(unit.legal_personality, unit.mark) for unit in units if unit.kind == "REGIONAL_DIVISION"} == {(False, "B")}

    case = queries.find_instance(own.engine, own.key_of(story))
    assert case is not None
    (task,) = queries.open_tasks_of_instance(own.engine, case.id)
    complete_task(own.engine, task.id, actor, {"together": [], "capacity": "HEAD", "confirm": True})
    while run_due_jobs(own.engine):
        pass
    with reading(own.engine.sessions) as session:
        (decision,) = decisions.decisions_of_nomination(session, str(case.variables["nomination_id"]))
    assert decision.official_number == "01/QĐ-THADS"


def test_the_heads_of_ended_units_finish_what_is_open(own: Demo) -> None:
    story = next(story for story in load_stories() if story.path == "returned" and story.unit.startswith("chi-cuc"))
    advance_business_clock(own.engine, SYSTEM, timedelta(days=20))
    case = queries.find_instance(own.engine, own.key_of(story))
    assert case is not None
    (task,) = queries.open_tasks_of_instance(own.engine, case.id)
    actor = own.actor(story.proposer)

    form = queries.task_form(own.engine, task.id, actor)

    assert form.step_key == "nominations.supplement_dossier"
    with reading(own.engine.sessions) as session:
        post = organisation.posts_on(session, local_date(own.engine.clock.now()), [actor.id])[actor.id]
    assert post[1].kind.value == "REGIONAL_DIVISION"


def test_the_same_code_builds_the_same_demonstration(built: Path, tmp_path: Path) -> None:
    own = settings_over(tmp_path)
    schema.migrate(own.database_url)
    fill(own, silent)

    first, second = (rows_of(settings) for settings in (settings_over(built), own))

    assert first.keys() == second.keys()
    different = [table for table in first if first[table] != second[table]]
    assert different == []
    names = [sorted(path.name for path in folder.glob("files/*/*")) for folder in (built, tmp_path)]
    assert names[0] == names[1]


def rows_of(settings: Settings) -> dict[str, list[str]]:
    """All rows of all tables but those that hold salts, sessions and the distance of the clock."""
    left_out = {"account", "web_session", "login_attempt", "business_clock"}
    database, _sessions = open_database(settings.database_url)
    found = {}
    with database.connect().execution_options(read_only=True) as connection:
        for table in schema.metadata().sorted_tables:
            if table.name not in left_out:
                found[table.name] = sorted(repr(row) for row in connection.execute(sa.select(table)))
    database.dispose()
    return found


def test_one_change_of_rules_is_in_force_and_one_waits_for_a_second_person(own: Demo) -> None:
    with reading(own.engine.sessions) as session:
        waiting, in_force = rulebook.list_changes(session)
    assert (waiting.proposal.kind.value, waiting.state) == ("diagram", "waiting")
    assert (in_force.proposal.kind.value, in_force.state) == ("table", "approved")
    deployed = {(view.key, view.valid_from) for view in queries.list_deployments(own.engine)}
    assert ("deadlines", in_force.proposal.valid_from) in deployed
    case = queries.find_instance(own.engine, waiting.proposal.change_key)
    assert case is not None
    (task,) = queries.open_tasks_of_instance(own.engine, case.id)
    assert complete_task(own.engine, task.id, own.actor("admin"), {"outcome": "rejected", "reason": "Chưa cần."})
