"""The council's forms as people and API clients meet them: titles, examples that load, words for every code."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.context import StepContext
from engine.db import reading
from engine.registry import ActionStep, UserStep
from tests.support.sitting import MORNING, Matter, Sitting
from workflows import errors
from workflows.council import models, steps
from workflows.labels import LANGUAGES, catalogue, in_language, known

ROOM = Path(steps.__file__).parent
FORMS = [step for step in steps.STEPS if isinstance(step, UserStep | ActionStep)]
STEPS = [step.key for step in FORMS]


@pytest.fixture(scope="module")
def sitting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sitting]:
    folder = tmp_path_factory.mktemp("council")
    opened = Sitting.open(f"sqlite:///{folder / 'thidua.db'}", folder)
    opened.compose()
    opened.call("PH-01", mode="SECRET")
    opened.call("PH-02", mode="OPEN")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def matters(sitting: Sitting) -> dict[str, Matter]:
    """A case for each ballot mode, and one that waits to be scheduled."""
    return {
        "SECRET": sitting.bring().schedule("PH-01"), "OPEN": sitting.bring().schedule("PH-02"), "new": sitting.bring(),
    }  # fmt: skip


@pytest.fixture
def at(sitting: Sitting, matters: dict[str, Matter]) -> Iterator[Any]:
    """A context of the secretary at one of the cases."""
    with reading(sitting.engine.sessions) as session:

        def context(matter: str) -> StepContext:
            engine = sitting.engine
            return StepContext(
                session, MORNING, engine.ids, engine.random, sitting.actor("hd3"), lambda *_: None,
                variables=matters[matter].variables, business_key=matters[matter].key,
            )  # fmt: skip

        yield context


def place(key: str) -> str:
    return "new" if key == "council.schedule_nomination" else "SECRET"


@pytest.mark.parametrize("step", FORMS, ids=STEPS)
def test_the_example_of_a_form_is_accepted_by_it(step: UserStep | ActionStep, at: Any) -> None:
    ctx = at(place(step.key))
    schema = step.form.schema(ctx)
    example = dict(schema["example"])
    step.form.load(ctx, example)
    assert set(schema["required"]) <= set(example)
    assert list(schema["properties"]) == schema["x-order"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("step", FORMS, ids=STEPS)
def test_every_field_choice_and_hint_has_words(step: UserStep | ActionStep, language: str, at: Any) -> None:
    with in_language(language):
        shown = repr(step.form.schema(at(place(step.key))))
    assert not re.findall(r"'(?:fields|enums|hints|steps|step_help|field_help)\.[^']*'", shown)


def test_a_secret_ballot_says_so_and_offers_no_note(at: Any) -> None:
    step = next(step for step in FORMS if step.key == "council.cast_ballot")
    secret, opened = step.form.schema(at("SECRET")), step.form.schema(at("OPEN"))
    assert secret["x-secret"] is True
    assert opened["x-secret"] is False
    assert "note" not in secret["properties"]
    assert "note" in opened["properties"]
    assert "Bỏ phiếu kín" in secret["description"]
    assert "Bỏ phiếu công khai" in opened["description"]
    assert "không thấy chọn gì" in secret["description"], "it says what others will see"


def test_every_ballot_is_a_secret_step_so_that_no_draft_and_no_hash_of_it_is_kept() -> None:
    step = next(step for step in steps.STEPS if step.key == "council.cast_ballot")
    assert isinstance(step, UserStep)
    assert step.secret
    assert step.outputs == ()


def test_every_code_of_the_room_has_words() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in ROOM.glob("*.py"))
    named = re.findall(r'(?:(?:add|refuse)\([^,]+,\s*|problem\()"(council_\w+)"|"@(council_\w+)"', source)
    wanted = {f"problems.{plain or typed}" for plain, typed in named}
    assert {key for key in catalogue("vi") if key.startswith("problems.council_")} == wanted, "none is left over"
    codes = set(re.findall(r"raise (\w+Error)\(", source))
    wanted |= {f"errors.{getattr(errors, name).code}" for name in codes if hasattr(errors, name)}
    wanted |= {f"steps.{step.key}" for step in steps.STEPS}
    wanted |= {f"notices.{kind}" for kind in re.findall(r'ctx\.notify\(\w+, "([^"]+)"', source)}
    enums: dict[str, type[Any]] = {
        "ballot_mode": models.BallotMode, "ballot_choice": models.BallotChoice, "manner": models.Manner,
        "seat": models.Seat, "no_quorum_resolution": models.NoQuorumResolution,
    }  # fmt: skip
    wanted |= {f"enums.{name}.{member.value}" for name, enum in enums.items() for member in enum}
    wanted |= {f"hints.ballot_choice.{member.value}" for member in models.BallotChoice}
    assert [key for key in sorted(wanted) if not known(key)] == []


def test_both_languages_know_the_same_keys() -> None:
    vi, en = (catalogue(language) for language in LANGUAGES)
    own = {key for key in set(vi) ^ set(en) if "council" in key or "ballot" in key}
    assert own == set()
