"""A wholly new process on its way into force, and a nomination that goes through it."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from engine import history, queries
from engine.commands.deployments import deploy
from engine.commands.interventions import approve_request, propose_migration
from engine.context import SYSTEM
from engine.db import reading
from engine.errors import DeploymentError, InvalidInputError, SeparationOfDutiesError
from tests.office import BPMN, Office
from tests.paths import stories
from tests.support.new_process import UNION, approve, calling, first_drawing, propose
from workflows.notes.queries import notes_of
from workflows.rulebook.drawings import NewProcess


def versions_of(office: Office, process: str) -> list[int]:
    deployed = queries.list_deployments(office.engine)
    return sorted(view.version for view in deployed if (view.kind, view.key) == ("process", process))


def nomination_xml(office: Office) -> str:
    return queries.diagram_xml(office.engine, None, "nomination").decode()


@pytest.mark.slow
def test_a_case_goes_through_a_process_that_two_administrators_brought(office: Office) -> None:
    before = stories.opened(office)
    proposed = propose(office, first_drawing(office))
    assert versions_of(office, UNION.key) == [], "nothing runs before the second person's answer"
    with pytest.raises(SeparationOfDutiesError):
        proposed.do("review_change", "admin", outcome="approved")
    proposed.do("review_change", "admin2", outcome="approved")
    assert versions_of(office, UNION.key) == [1]
    approve(office, calling(nomination_xml(office)))

    case = stories.accepted(office, stories.filed(office, nominee="nominee2"))
    assert case.view.version == before.view.version + 1
    assert case.open_elements() == ["give_opinion"]
    task = case.task("give_opinion", "office")
    assert (task.process_key, task.role, task.name) == (UNION.key, "office_officer", "Cho ý kiến về hồ sơ")
    with pytest.raises(InvalidInputError):
        case.do("give_opinion", "office", opinion="DISAGREE", text="")
    case.do("give_opinion", "office", opinion="AGREE", text="Công đoàn nhất trí.")
    stories.heard(office, case)
    assert case.open_elements() == ["schedule_nomination"]
    done = [event for event in case.history() if event.process_key == UNION.key]
    assert {event.element_id for event in done} == {"give_opinion"}
    walked = {(one.process_key, one.element_id): one.state for one in queries.element_states(office.engine, case.id)}
    assert walked[UNION.key, "end_union_opinion"] == walked["nomination", "ask_union"] == "done"
    assert {"opinion": "AGREE"} in [event.data.get("variables") for event in done]
    with reading(office.engine.sessions) as session:
        assert [row.text for row in notes_of(session, case.key)] == ["Công đoàn nhất trí."]


@pytest.mark.slow
def test_a_folder_that_does_not_know_the_new_process_leaves_it_in_force(sqlite_office: Office) -> None:
    office = sqlite_office
    approve(office, first_drawing(office))
    approve(office, calling(nomination_xml(office)))
    assert deploy(office.engine, BPMN, SYSTEM) == []
    assert "ask_union" in nomination_xml(office)
    assert (versions_of(office, UNION.key), versions_of(office, "nomination")) == ([1], [1, 2])


@pytest.mark.slow
def test_an_open_case_is_moved_to_the_version_that_calls_the_new_process(sqlite_office: Office) -> None:
    """Operators move what runs already, after the dry run and a second person's approval; the record proves itself."""
    office = sqlite_office
    case = stories.filed(office)
    approve(office, first_drawing(office))
    approve(office, calling(nomination_xml(office)))
    asked = propose_migration(
        office.engine, "nomination", office.actor("admin"), "Hỏi Công đoàn cả hồ sơ đang mở.", before=1, after=2
    )
    approve_request(office.engine, asked.request_id, office.actor("admin2"))
    assert stories.accepted(office, case).open_elements() == ["give_opinion"]
    case.do("give_opinion", "office", opinion="NONE", text="Công đoàn chưa họp.")
    stories.heard(office, case)
    with reading(office.engine.sessions, at_one_instant=True) as session:
        assert list(history.verify(session, file_hash=office.file_hash)) == []


@pytest.mark.slow
def test_a_new_version_of_the_called_process_is_one_of_its_callers_too(sqlite_office: Office) -> None:
    office = sqlite_office
    approve(office, first_drawing(office))
    approve(office, calling(nomination_xml(office)))
    renamed = queries.diagram_xml(office.engine, None, UNION.key).decode().replace("Bắt đầu", "Có hồ sơ cần hỏi")
    changed = approve(office, renamed)
    stored = next(event for event in changed.history() if event.data.get("step") == "rulebook.put_in_force")
    assert sorted(stored.data["processes"]) == ["nomination/3", "union_opinion/2"]
    names = queries.names_of_process(office.engine, UNION.key)
    assert names["start"].drawn == "Có hồ sơ cần hỏi"
    step = f'<spiffworkflow:property name="step" value="{UNION.step}" />'
    back = renamed.replace(step, "").replace("<bpmn:userTask", '<bpmn:callActivity calledElement="nomination"')
    itself = back.replace("</bpmn:userTask>", "</bpmn:callActivity>")
    with pytest.raises(DeploymentError) as caught:
        propose(office, itself)
    assert "recursive_call" in {one["rule"] for one in caught.value.details["findings"]}


@pytest.mark.slow
def test_what_was_drawn_may_be_added_to_the_folder_and_changed_there(sqlite_office: Office, tmp_path: Path) -> None:
    office = sqlite_office
    xml = first_drawing(office)
    approve(office, xml)
    folder = tmp_path / "bpmn"
    shutil.copytree(BPMN, folder)
    file = folder / f"{UNION.key}.bpmn"
    file.write_text(xml, encoding="utf-8")
    assert deploy(office.engine, folder, SYSTEM) == []
    changed = xml.replace("Bắt đầu", "Có hồ sơ").replace("end_union_opinion", "end_asked")
    file.write_text(changed, encoding="utf-8")
    (added,) = deploy(office.engine, folder, SYSTEM)
    assert (added.key, added.version) == (UNION.key, 2)
    ever, now = (queries.names_of_process(office.engine, UNION.key, newest_only=only) for only in (False, True))
    assert ever["start"].drawn == now["start"].drawn == "Có hồ sơ"
    assert ever.keys() - now.keys() == {"end_union_opinion"}, "history goes on to be read"
    assert queries.names_of_process(office.engine, "nobody_drew_this") == {}


def test_two_people_cannot_bring_the_same_key(sqlite_office: Office) -> None:
    office = sqlite_office
    xml = first_drawing(office)
    first = propose(office, xml)
    with pytest.raises(InvalidInputError) as caught:
        propose(office, xml, "admin2")
    assert caught.value.details["problems"] == {"content": ["@process_key_proposed"]}
    first.say("admin", "rulebook.withdraw_change", reason="Vẽ lại cho gọn.")
    propose(office, xml, "admin2").do("review_change", "admin", outcome="approved")
    with pytest.raises(InvalidInputError) as caught:
        first_drawing(office)
    assert caught.value.details["problems"] == {"key": ["@process_key_taken"]}


@pytest.mark.parametrize(
    ("said", "problems"),
    [
        (NewProcess(), {field: ["@required"] for field in ("key", "name", "name_en", "role", "step")}),
        (replace(UNION, key="Lấy ý kiến"), {"key": ["@process_key_form"]}),
        (replace(UNION, key="_union"), {"key": ["@process_key_form"]}),
        (replace(UNION, key="a" * 41), {"key": ["@process_key_form"]}),
        (replace(UNION, key="new-process"), {"key": ["@process_key_form"]}),
        (replace(UNION, key="nomination"), {"key": ["@process_key_taken"]}),
        (replace(UNION, name="x" * 121), {"name": ["@process_name_too_long|longest=120"]}),
        (replace(UNION, role="king"), {"role": ["@unknown_choice"]}),
        (replace(UNION, step="council.open_line"), {"step": ["@unknown_choice"]}),
    ],
)
def test_what_must_be_said_first(sqlite_office: Office, said: NewProcess, problems: dict[str, list[str]]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        first_drawing(sqlite_office, said)
    assert caught.value.details["problems"] == problems


def test_a_new_process_must_have_its_names(sqlite_office: Office) -> None:
    xml = first_drawing(sqlite_office)
    nameless = xml.replace('<spiffworkflow:property name="name_en" value="Opinion of the union" />', "")
    with pytest.raises(DeploymentError) as caught:
        propose(sqlite_office, nameless)
    assert [(one["element_id"], one["rule"]) for one in caught.value.details["findings"]] == [
        (UNION.key, "no_label")
    ]  # fmt: skip
    with pytest.raises(InvalidInputError):
        propose(sqlite_office, xml.replace("union_opinion", "Union"))
