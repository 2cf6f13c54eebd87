"""The life of the demonstration's data, with a building that takes no time."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.commands.actions import perform_action
from engine.context import SYSTEM
from engine.db import open_database
from webapp import demonstration, schema
from webapp.business_clock import set_business_clock
from webapp.cli.demo import read_span
from webapp.demo.people import ACCOUNTS, COUNCIL, STAFF
from webapp.demo.seed import STANDS_AT
from webapp.demo.stories import STATIONS, load_stories
from webapp.demonstration import DemonstrationError, Standing, prepare, standing_of
from webapp.settings import Settings, from_environment
from webapp.wiring import build_engine


class Interrupted(Exception):
    """The power went."""


def silent(_what: str, _done: int, _whole: int) -> None:
    pass


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path, database_url=database_url, broker_url="memory://", secret_key="x" * 40, demo=True
    )


@pytest.fixture
def fillings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Builds that only add a person and set the clock; the addresses they were asked to fill."""
    filled: list[str] = []

    def fill(settings: Settings, _report: object) -> None:
        filled.append(settings.database_url)
        add_somebody(settings)
        database, sessions = open_database(settings.database_url)
        set_business_clock(sessions, SystemClock(), STANDS_AT)
        database.dispose()

    monkeypatch.setattr(demonstration, "_fill", fill)
    monkeypatch.setattr(demonstration, "fingerprint", lambda _folder: "as it was")
    return filled


def add_somebody(settings: Settings) -> None:
    engine = build_engine(settings, nudge=lambda _ids: None)
    perform_action(engine, "organisation.add_person", SYSTEM, {
        "family_name": "Nông", "given_name": "Hoa", "gender": "FEMALE", "person_type": "CIVIL_SERVANT",
    })  # fmt: skip
    engine.sessions.kw["bind"].dispose()


def interrupt(monkeypatch: pytest.MonkeyPatch, after: Callable[[Settings], None]) -> None:
    """Let the next build end in the middle, after something was written."""

    def fill(settings: Settings, _report: object) -> None:
        after(settings)
        raise Interrupted

    monkeypatch.setattr(demonstration, "_fill", fill)


def test_it_is_built_once_and_kept(settings: Settings, fillings: list[str]) -> None:
    said: list[str] = []

    assert prepare(settings, silent, said.append)
    assert standing_of(settings) is Standing.WHOLE
    assert not prepare(settings, silent, said.append)

    assert len(fillings) == 1
    assert len(said) == 1


def test_a_database_that_was_only_migrated_is_filled(settings: Settings, fillings: list[str]) -> None:
    schema.migrate(settings.database_url)

    assert standing_of(settings) is Standing.EMPTY
    assert prepare(settings, silent, lambda _text: None)
    assert standing_of(settings) is Standing.WHOLE
    assert len(fillings) == 1


def test_an_interrupted_build_says_so_and_starts_over(
    settings: Settings, fillings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as power:
        interrupt(power, add_somebody)
        with pytest.raises(Interrupted):
            prepare(settings, silent, lambda _text: None)
    assert standing_of(settings) is Standing.INTERRUPTED
    said: list[str] = []

    assert prepare(settings, silent, said.append)

    assert "starting over" in said[0]
    assert standing_of(settings) is Standing.WHOLE
    assert len(fillings) == 1
    assert not list(settings.data_dir.glob("*building*"))


def test_other_data_are_left_alone(settings: Settings, fillings: list[str]) -> None:
    schema.migrate(settings.database_url)
    add_somebody(settings)

    assert standing_of(settings) is Standing.FOREIGN
    with pytest.raises(DemonstrationError):
        prepare(settings, silent, lambda _text: None)
    assert standing_of(settings) is Standing.FOREIGN
    assert fillings == []


def test_changed_diagrams_come_into_force_at_the_next_start(
    settings: Settings, fillings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(settings, silent, lambda _text: None)
    assert fillings
    asked: list[Settings] = []
    monkeypatch.setattr("webapp.demo_building.deploy_product", lambda settings: asked.append(settings) or 2)
    monkeypatch.setattr(demonstration, "fingerprint", lambda _folder: "changed")
    said: list[str] = []

    prepare(settings, silent, said.append)
    prepare(settings, silent, said.append)

    assert len(asked) == 1
    assert len(said) == 1


@pytest.mark.parametrize(("text", "hours"), [("3d", 72), ("36h", 36), ("1d12h", 36), ("90m", 1.5), (" 2D ", 48)])
def test_a_span_of_days_hours_and_minutes_is_read(text: str, hours: float) -> None:
    assert read_span(text).total_seconds() == hours * 3600


@pytest.mark.parametrize("text", ["", "3", "-3d", "0d", "3 d", "d", "1h2d", "three days"])
def test_what_is_no_span_ends_the_command(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        read_span(text)
    assert end.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_of_the_readme_is_one_of_the_demonstration(tmp_path: Path) -> None:
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"`([^`\n]*thidua demo advance 3d)`", readme)
    assert len(commands) == 2, "in Vietnamese and in English"
    for command in commands:
        given = dict(word.split("=") for word in command.split() if "=" in word)
        assert from_environment({"THIDUA_DATA_DIR": str(tmp_path), **given}).demo, "it is refused elsewhere"


def test_one_account_is_one_person_and_every_unit_has_its_head() -> None:
    assert len({account.name for account in ACCOUNTS} | {member.name for member in STAFF}) == len(ACCOUNTS) + len(STAFF)
    assert len({account.username for account in ACCOUNTS}) == len(ACCOUNTS)
    heads = {account.unit for account in ACCOUNTS if account.leading}
    assert heads == {account.unit for account in ACCOUNTS} | {member.unit for member in STAFF}
    assert sum(unit.startswith("chi-cuc") for unit in heads) == 11
    assert [account.username for account in ACCOUNTS if "council_member" in account.roles] == list(COUNCIL)
    assert len(STAFF) == 60


def test_nobody_bears_the_name_of_the_plans_signer() -> None:
    assert not {"Phạm Văn Dũng", "Chu Đức Hiếu"} & {person.name for person in (*ACCOUNTS, *STAFF)}


def test_stories_stand_at_every_station_of_the_straight_path() -> None:
    stories = load_stories()

    assert {story.station for story in stories if story.round == "2025-TK"} == set(STATIONS)
    assert len({(story.round, story.nominee) for story in stories}) == len(stories)
