"""The first drawing of a new process: any role and any step make one that could be deployed as it is."""

from pathlib import Path

import pytest

from engine import lint
from engine.deployment import callable_from, callers_of
from engine.diagram_names import Name, names_of
from engine.diagram_reading import read
from engine.registry import Registry, UserStep
from engine.skeleton import Beginning, first_drawing
from workflows import labels
from workflows.documents.storage import FileStorage
from workflows.registry import build_registry

BPMN = Path(__file__).parents[3] / "bpmn"
DIAGRAMS = {path.stem: path.read_bytes() for path in sorted(BPMN.glob("*.bpmn"))}
REGISTRY: Registry = build_registry(FileStorage(Path("/nowhere")))
STEPS = sorted(key for kind, key in REGISTRY.steps if kind is UserStep)


def drawn(role: str = "office_officer", step: str = "notes.give_opinion", name: str = "Lấy ý kiến") -> bytes:
    both = Name(labels.label(f"steps.{step}", "vi"), labels.label(f"steps.{step}", "en"))
    return first_drawing(Beginning(
        "union_opinion", Name(name, "Opinion"), REGISTRY.roles[role], labels.label(f"roles.{role}", "vi"), step,
        both, Name("Bắt đầu", "Begin"), Name("Hoàn thành", "Done"),
    ))  # fmt: skip


@pytest.mark.parametrize("role", sorted(REGISTRY.roles))
def test_every_role_makes_a_first_drawing_without_findings(role: str) -> None:
    assert lint.check({**DIAGRAMS, "union_opinion": drawn(role)}, REGISTRY) == []


@pytest.mark.parametrize("step", STEPS)
def test_every_step_makes_a_first_drawing_without_findings(step: str) -> None:
    assert lint.check({**DIAGRAMS, "union_opinion": drawn(step=step)}, REGISTRY) == []


def test_names_are_read_back_as_they_were_said_whatever_signs_they_hold() -> None:
    said = "Hỏi \"A\" & 'B' <C> {key}"
    names = names_of(drawn(name=said))
    assert names["union_opinion"] == names["pool_union_opinion"] == Name(said, "Opinion")
    assert names["give_opinion"] == Name("Cho ý kiến về hồ sơ", "Give an opinion on the case")
    assert names["lane_office_officer"] == Name("Văn phòng")
    assert names["end_union_opinion"].english == "Done"
    assert "fl_start__give_opinion" not in names, "what has no name is in no list"


def named_in_english(place: str) -> bytes:
    """The drawing with an English name at one more element."""
    name = (
        '<bpmn:extensionElements><spiffworkflow:properties><spiffworkflow:property name="name_en" value="English" />'
        "</spiffworkflow:properties></bpmn:extensionElements>"
    )
    text = drawn().decode()
    before, _, after = text.partition(place)
    opened, _, rest = after.partition(">")
    tag = place.partition(" ")[0].removeprefix("<")
    if opened.endswith("/"):
        return f'{before}{place}{opened.removesuffix("/")} name="Việt">{name}</{tag}>{rest}'.encode()
    return f"{before}{place}{opened}>{name}{rest}".encode()


def test_a_flow_may_have_an_english_name_and_a_lane_has_that_of_its_role() -> None:
    flow = named_in_english('<bpmn:sequenceFlow id="fl_start__give_opinion"')
    assert lint.check({**DIAGRAMS, "union_opinion": flow}, REGISTRY) == []
    assert names_of(flow)["fl_start__give_opinion"] == Name("Việt", "English")
    lane = named_in_english('<bpmn:lane id="lane_office_officer"')
    (found,) = lint.check({**DIAGRAMS, "union_opinion": lane}, REGISTRY)
    assert (found.element_id, found.rule) == ("lane_office_officer", "property")


@pytest.mark.parametrize(
    "part", [' name="Lấy ý kiến" isExecutable', '<spiffworkflow:property name="name_en" value="Opinion" />']
)
def test_a_process_without_one_of_its_names_is_refused(part: str) -> None:
    text = drawn().decode()
    assert part in text
    gone = text.replace(part, " isExecutable" if part.endswith("isExecutable") else "")
    found = lint.check({**DIAGRAMS, "union_opinion": gone.encode()}, REGISTRY)
    assert [(one.element_id, one.rule) for one in found] == [("union_opinion", "no_label")]


def test_who_calls_a_process_is_told() -> None:
    assert callers_of(DIAGRAMS, "intake") == ("nomination",)
    assert callers_of(DIAGRAMS, "nomination") == ()
    new = {**DIAGRAMS, "union_opinion": drawn()}
    assert set(callable_from(new, "nomination")) == new.keys() - {"nomination"}
    assert set(callable_from(new, "union_opinion")) == DIAGRAMS.keys()
    assert "nomination" not in callable_from(new, "intake"), "it would lead back"


def test_it_is_drawn_as_a_whole() -> None:
    drawing = read(drawn())
    assert [shape.kind for shape in drawing.shapes] == ["participant", "lane", "startEvent", "userTask", "endEvent"]
    assert len(drawing.edges) == 2


def test_a_step_that_is_called_like_another_element_gets_another_id() -> None:
    said = Beginning("probe", Name("P", "P"), REGISTRY.roles["director"], "L", "room.start", *[Name("N", "N")] * 3)
    assert "do_start" in names_of(first_drawing(said))
