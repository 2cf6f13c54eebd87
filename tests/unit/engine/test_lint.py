"""The deployment lint: the project's diagrams pass, and each rule refuses by name and place."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine import lint
from engine.lint.vocabulary import REFUSED
from engine.registry import DecisionStep, JobStep, MessageStep, Registry, Role, ServiceStep, UserStep
from engine.spiff.diagram_index import index_diagram, read_xml
from tests.support.diagrams import Diagram, straight
from workflows import labels
from workflows.documents.storage import FileStorage
from workflows.registry import build_registry

BPMN = Path(__file__).parents[3] / "bpmn"
DIAGRAMS = {path.stem: path.read_bytes() for path in sorted(BPMN.glob("*.bpmn"))}


class AnyForm:
    def load(self, _ctx: Any, data: Any) -> dict[str, Any]:
        return dict(data)

    def schema(self, _ctx: Any) -> dict[str, Any]:
        return {"type": "object", "properties": {}}


def user(key: str, *outputs: str) -> UserStep:
    return UserStep(key, AnyForm(), lambda _ctx, _values: {}, outputs)


def service(key: str, *outputs: str) -> ServiceStep:
    return ServiceStep(key, lambda _ctx, _values: {}, outputs)


def job(key: str, *outputs: str) -> JobStep:
    return JobStep(key, lambda _ctx, _values: {}, lambda _values: {}, lambda _ctx, _values: {}, outputs)


def decision(key: str, *outputs: str) -> DecisionStep:
    return DecisionStep(key, lambda _ctx: {}, lambda _ctx: date(2025, 6, 16), lambda _ctx, _value: {}, outputs)


def message(name: str, *outputs: str) -> MessageStep:
    return MessageStep(f"room.{name}", name, AnyForm(), frozenset({"staff"}), lambda _ctx, _values: {}, outputs)


def registry(*steps: Any, roles: tuple[Role, ...] = (Role("officer"), Role("member")), **more: Any) -> Registry:
    return Registry.of(steps, roles, **more)


def found(diagram: Diagram, known: Registry | None = None, **more: Any) -> set[tuple[str, str]]:
    """Return element and rule of each finding."""
    return {(item.element_id, item.rule) for item in lint.check({diagram.key: diagram.xml()}, known, **more)}


# the diagrams of the project


def test_the_projects_diagrams_pass(tmp_path: Path) -> None:
    known = build_registry(FileStorage(tmp_path))
    tables = {path.name for path in (BPMN / "tables").iterdir()}
    assert len(DIAGRAMS) == 7
    assert lint.check(DIAGRAMS, known, tables=tables) == []


@pytest.mark.parametrize("key", sorted(DIAGRAMS))
def test_each_of_them_passes_alone(key: str) -> None:
    assert lint.check(DIAGRAMS[key]) == []


@pytest.mark.parametrize("key", sorted(DIAGRAMS))
def test_the_vietnamese_words_are_those_of_the_diagram(key: str) -> None:
    for element in index_diagram(key, read_xml(DIAGRAMS[key])).elements.values():
        assert labels.find_label(f"elements.{key}.{element.element_id}", "vi") == element.name


# what is run


@pytest.mark.parametrize("tag", sorted(REFUSED))
def test_each_element_that_is_not_run_is_refused_by_name_and_place(tag: str) -> None:
    if tag.endswith("EventDefinition"):
        drawn = Diagram().start().add("intermediateCatchEvent", "wait", f"<bpmn:{tag} />").end()
    elif tag in {"timeCycle", "timeDuration"}:
        inner = f"<bpmn:timerEventDefinition><bpmn:{tag}>x</bpmn:{tag}></bpmn:timerEventDefinition>"
        drawn = Diagram().start().add("intermediateCatchEvent", "wait", inner).end()
    elif tag in {"loopCardinality", "completionCondition", "loopDataOutputRef", "outputDataItem"}:
        loop = f"<bpmn:multiInstanceLoopCharacteristics><bpmn:{tag} /></bpmn:multiInstanceLoopCharacteristics>"
        drawn = Diagram().start().user("wait", loop).end()
    elif tag in {"script", "ioSpecification", "standardLoopCharacteristics", "dataInputAssociation",
                 "dataOutputAssociation"}:  # fmt: skip
        drawn = Diagram().start().user("wait", f"<bpmn:{tag} />").end()
    else:
        drawn = Diagram().start().add(tag, "wait").end()
    findings = lint.check(drawn.path("start", "wait", "end").xml())
    named = [item for item in findings if item.rule == "not_run" and item.message.startswith(f"{tag} is not run: ")]
    place = "probe" if tag.startswith(("correlation", "data")) and "Association" not in tag else "wait"
    assert {item.element_id for item in named} == {place}


def test_an_unknown_element_is_refused() -> None:
    drawn = straight("task")
    drawn.process_extra = '<bpmn:teleport id="beam" /><x:y xmlns:x="urn:x" />'
    assert found(drawn) == {("probe", "unknown_element")}


@pytest.mark.parametrize(
    ("kind", "attribute", "value"),
    [
        ("userTask", "isForCompensation", "true"), ("receiveTask", "instantiate", "true"),
        ("eventBasedGateway", "eventGatewayType", "Parallel"), ("intermediateCatchEvent", "parallelMultiple", "true"),
    ],
)  # fmt: skip
def test_attributes_that_are_not_run_are_refused(kind: str, attribute: str, value: str) -> None:
    drawn = Diagram().start().add(kind, "task", **{attribute: value}).end().path("start", "task", "end")
    assert ("task", "not_run") in found(drawn)


def test_events_wait_for_one_thing() -> None:
    both = '<bpmn:timerEventDefinition /><bpmn:messageEventDefinition messageRef="msg_a" />'
    drawn = Diagram()
    drawn.message_id("a")
    drawn.start().add("intermediateCatchEvent", "wait", both).end().path("start", "wait", "end")
    assert found(drawn) == {("wait", "not_run")}
    none = Diagram().start().add("intermediateCatchEvent", "wait").end().path("start", "wait", "end")
    assert found(none) == {("wait", "no_definition")}
    started = Diagram().add("startEvent", "start", "<bpmn:timerEventDefinition />").end().path("start", "end")
    assert found(started) == {("start", "not_run")}


def test_extensions_and_properties_are_known() -> None:
    assert found(Diagram().start().user("a", colour="red").end().path("start", "a", "end")) == {("a", "property")}
    foreign = '<bpmn:extensionElements><c:formData xmlns:c="urn:camunda" /></bpmn:extensionElements>'
    drawn = Diagram().start().add("receiveTask", "a", foreign).end().path("start", "a", "end")
    assert ("a", "extension") in found(drawn)
    misplaced = '<bpmn:extensionElements><spiffworkflow:properties><spiffworkflow:property name="due" value="x" />'
    misplaced += "</spiffworkflow:properties></bpmn:extensionElements>"
    assert found(Diagram().start().add("endEvent", "end", misplaced).path("start", "end")) == {("end", "property")}


def test_expressions_in_another_language_are_refused() -> None:
    xml = straight("task").xml().replace(b"targetNamespace=", b'expressionLanguage="urn:python" targetNamespace=', 1)
    assert {item.rule for item in lint.check(xml)} == {"language"}


@pytest.mark.parametrize(
    "xml",
    [b"", b"no xml", b"<a/>", straight("a").xml().replace(b'<bpmn:process id="probe"', b"<bpmn:process"),
     straight("a").xml().replace(b"</bpmn:process>", b'</bpmn:process><bpmn:process id="two" />')],
)  # fmt: skip
def test_files_that_are_no_diagram(xml: bytes) -> None:
    assert [item.rule for item in lint.check(xml)] == ["not_readable"]


def test_a_process_under_another_key() -> None:
    assert [item.rule for item in lint.check({"other": straight("a").xml()})] == ["not_readable"]


# ids and references


def test_ids() -> None:
    twice = Diagram().start().user("a", '<bpmn:documentation id="end" />').end().path("start", "a", "end")
    assert found(twice) == {("end", "id_twice")}
    spaced = Diagram().start().user("a b", step="room.a").end().path("start", "a b", "end")
    assert found(spaced) >= {("a b", "id_form")}
    dotted = Diagram().start().user("a.BoundaryEventSplit", step="room.a").end()
    assert found(dotted.path("start", "a.BoundaryEventSplit", "end")) >= {("a.BoundaryEventSplit", "id_form")}
    xml = straight("a").xml().replace(b'<bpmn:userTask id="a"', b"<bpmn:userTask", 1)
    assert "no_id" in {item.rule for item in lint.check(xml)}


@pytest.mark.parametrize(
    ("drawn", "place"),
    [
        (straight("a").flow("a", "nowhere"), "fl_a__nowhere"),
        (Diagram().start().timer("late", "null", on="nobody").end().path("start", "end"), "late"),
        (Diagram().start().choice("gw").timer("late", "null", on="gw").end().path("start", "gw", "end"), "late"),
        (Diagram().start().add("receiveTask", "wait", messageRef="msg").end().path("start", "wait", "end"), "wait"),
    ],
)  # fmt: skip
def test_references_must_exist(drawn: Diagram, place: str) -> None:
    assert found(drawn) == {(place, "reference")}


def test_messages_have_names_and_lanes_hold_elements() -> None:
    drawn = Diagram().start().message("wait", "").end().path("start", "wait", "end")
    assert found(drawn) == {("msg_", "reference")}
    lane = straight("a").xml().replace(b"<bpmn:flowNodeRef>a<", b"<bpmn:flowNodeRef>b<")
    assert {item.rule for item in lint.check(lane)} == {"reference"}


# the course of a process


def test_starts_and_ends() -> None:
    assert found(Diagram().end()) >= {("probe", "one_start")}
    twice = Diagram().start().start("two").end().path("start", "end").flow("two", "end")
    assert found(twice) == {("probe", "one_start")}
    assert found(Diagram().start().user("a").path("start", "a")) == {("probe", "no_end"), ("a", "no_way_on")}
    named = Diagram().start().choice("gw", default=("gw", "b")).add("endEvent", "a", name="Done")
    named.add("endEvent", "b", name="Done").flow("start", "gw").flow("gw", "a", "x").flow("gw", "b")
    assert found(named) == {("a", "end_name"), ("b", "end_name")}
    assert found(Diagram().start().add("endEvent", "end", name="").path("start", "end")) == {("end", "no_name")}
    assert found(straight("a").flow("end", "a")) == {("end", "flow_out")}
    assert found(straight("a").flow("a", "start")) >= {("start", "flow_into")}


def test_a_process_must_be_executable() -> None:
    xml = straight("a").xml().replace(b'isExecutable="true"', b'isExecutable="false"')
    assert {item.rule for item in lint.check(xml)} == {"not_executable"}


def test_every_element_lies_on_a_way_from_the_start_to_an_end() -> None:
    island = straight("a").user("lost").flow("lost", "end")
    assert found(island) == {("lost", "unreachable")}
    trap = (
        Diagram().start().choice("gw", default=("gw", "end")).user("a").user("b").end()
        .flow("start", "gw").flow("gw", "a", "x").flow("gw", "end").path("a", "b", "a")
    )  # fmt: skip
    assert found(trap) == {("a", "endless"), ("b", "endless")}
    saved = trap.timer("late", "null", on="a").flow("late", "end")
    assert found(saved) == set()


def test_flows() -> None:
    split = straight("a").end("other").flow("a", "other")
    assert found(split) == {("a", "implicit_split")}
    double = straight("a").flow("start", "a", name="again")
    assert found(double) >= {("fl_start__a", "flow_twice"), ("again", "flow_twice")}
    conditional = Diagram().start().user("a").end().flow("start", "a", "x").flow("a", "end")
    assert found(conditional) == {("fl_start__a", "condition")}


def test_exclusive_gateways() -> None:
    def gateway(default: str | None, *conditions: str | None) -> set[tuple[str, str]]:
        drawn = Diagram().start().choice("gw", default=("gw", default) if default else None).flow("start", "gw")
        for number, condition in enumerate(conditions):
            drawn.end(f"end_{number}").flow("gw", f"end_{number}", condition)
        return found(drawn)

    assert gateway("end_1", "x", None) == set()
    assert gateway(None, "x", "not(x)") == {("gw", "no_default")}
    assert gateway("end_1", "x", "y") == {("fl_gw__end_1", "default_flow")}
    assert gateway("end_9", "x", "y") == {("gw", "default_flow")}
    assert gateway("end_2", "x", None, None) == {("fl_gw__end_1", "no_condition")}
    assert gateway(None, None) == set()


def test_a_gateway_joins_or_parts() -> None:
    drawn = (
        Diagram().start().choice("first", default=("first", "gw")).user("a").choice("gw", default=("gw", "end_b"))
        .end("end_a").end("end_b").flow("start", "first").flow("first", "a", "x").flow("first", "gw").flow("a", "gw")
        .flow("gw", "end_a", "y").flow("gw", "end_b")
    )  # fmt: skip
    assert found(drawn) == {("gw", "join_and_split")}


def test_event_gateways() -> None:
    lonely = Diagram().start().add("eventBasedGateway", "gw").timer("t", "null").end().path("start", "gw", "t", "end")
    assert found(lonely) == {("gw", "event_gateway")}
    task = Diagram().start().add("eventBasedGateway", "gw").timer("t", "null").user("a").end()
    task.path("start", "gw", "t", "end").path("gw", "a", "end")
    assert found(task) == {("a", "event_gateway")}
    shared = Diagram().start().choice("first", default=("first", "gw")).add("eventBasedGateway", "gw")
    shared.timer("t", "null").timer("u", "null").end().flow("start", "first").flow("first", "t", "x")
    shared.flow("first", "gw").path("gw", "t", "end").path("gw", "u", "end")
    assert found(shared) == {("t", "event_gateway")}


def test_lanes() -> None:
    assert found(Diagram().start().user("a", role="").end().path("start", "a", "end")) == {("a", "no_lane")}
    xml = straight("a").xml().replace(b"lane_officer", b"row_officer")
    assert {item.rule for item in lint.check(xml)} == {"lane_id", "no_lane"}
    twice = straight("a", "b")
    twice._lanes["member"] = ["a"]
    assert found(twice) == {("a", "lane_twice")}


# loops


def _ballot(collection: str = "voters", **more: Any) -> Diagram:
    return (
        Diagram().start().service("prepare").choice("gw", default=("gw", "end_empty"))
        .ballot("vote", collection, **more).end().end("end_empty").path("start", "prepare", "gw")
        .flow("gw", "vote", "count > 0").flow("gw", "end_empty").flow("vote", "end")
    )  # fmt: skip


def test_loops() -> None:
    assert found(_ballot()) == set()
    assert found(_ballot(declared=False)) == {("vote", "loop")}
    loop = "<bpmn:multiInstanceLoopCharacteristics>{}</bpmn:multiInstanceLoopCharacteristics>"
    reference = "<bpmn:loopDataInputRef>voters</bpmn:loopDataInputRef>"
    for inner in (reference, reference + '<bpmn:inputDataItem id="one" />', '<bpmn:inputDataItem id="assignee" />'):
        assert found(_ballot(loop=loop.format(inner))) == {("vote", "loop")}
    sequential = loop.replace("Characteristics>{}", 'Characteristics isSequential="true">{}', 1)
    assert found(_ballot(loop=sequential.format(reference))) == {("vote", "not_run")}


def test_a_collection_is_filled_by_a_service_step() -> None:
    steps = (user("room.vote"), service("room.prepare", "voters", "count"))
    assert found(_ballot(), registry(*steps)) == set()
    others = (user("room.vote"), service("room.prepare", "count"))
    assert found(_ballot(), registry(*others)) == {("vote", "loop")}
    clash = (user("room.vote", "assignee"), service("room.prepare", "voters", "count"))
    assert found(_ballot(), registry(*clash)) == {("vote", "loop")}


def test_declared_properties() -> None:
    xml = straight("a").declare("x").xml()
    assert lint.check(xml) == []
    renamed = xml.replace(b'<bpmn:property id="x" name="x"', b'<bpmn:property id="y" name="x"')
    assert {item.rule for item in lint.check(renamed)} == {"property_name"}
    assert found(straight("a").declare("assignee")) == {("assignee", "property_name")}


# names


def test_steps_tables_messages_and_roles_must_exist() -> None:
    drawn = (
        Diagram().start().user("a").service("b").decision("c", "table").message("d", "news").end()
        .path("start", "a", "b", "c", "d", "end")
    )  # fmt: skip
    empty = registry(roles=())
    assert found(drawn, empty) == {
        ("a", "unknown_step"), ("b", "unknown_step"), ("c", "unknown_table"), ("d", "unknown_message"),
        ("lane_officer", "unknown_role"),
    }  # fmt: skip
    full = registry(user("room.a"), service("room.b"), decision("table"), message("news"))
    assert found(drawn, full) == set()
    assert found(drawn, full, tables={"table"}) == set()
    assert found(drawn, full, tables=set()) == {("c", "unknown_table")}
    assert found(drawn, registry(user("room.a"), job("room.b"), decision("table"), message("news"))) == set()
    both = registry(user("room.a"), job("room.b"), service("room.b"), decision("table"), message("news"))
    assert found(drawn, both) == {("b", "unknown_step")}


def test_steps_must_be_named() -> None:
    drawn = Diagram().start().user("a", step="").add("serviceTask", "b").add("businessRuleTask", "c").end()
    assert found(drawn.path("start", "a", "b", "c", "end"), registry()) == {
        ("a", "no_step"), ("b", "no_step"), ("c", "no_table"),
    }  # fmt: skip


def test_calls() -> None:
    outer = Diagram("outer").start().call("part", "inner").end().path("start", "part", "end")
    inner = straight("a", key="inner")
    assert found(outer) == {("part", "call")}
    assert lint.check({"outer": outer.xml(), "inner": inner.xml()}) == []
    nameless = Diagram().start().add("callActivity", "part").end().path("start", "part", "end")
    assert found(nameless) == {("part", "call")}
    back = Diagram("inner").start().call("again", "outer").end().path("start", "again", "end")
    findings = lint.check({"outer": outer.xml(), "inner": back.xml()})
    assert {(item.process_key, item.element_id, item.rule) for item in findings} == {
        ("outer", "part", "recursive_call"), ("inner", "again", "recursive_call"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("drawn", "place"),
    [
        (Diagram().start().timer("t", "date and time(").end().path("start", "t", "end"), "t"),
        (Diagram().start().timer("t", "").end().path("start", "t", "end"), "t"),
        (straight().user("a", due="1 +").path("start", "a", "end"), "a"),
        (Diagram().start().service("s", amount="for x").end().path("start", "s", "end"), "s"),
    ],
)  # fmt: skip
def test_expressions_must_be_feel(drawn: Diagram, place: str) -> None:
    assert (place, "expression") in found(drawn)


def test_names_in_expressions_must_be_known() -> None:
    drawn = (
        Diagram().start().user("a").choice("gw", default=("gw", "end")).end("other").end()
        .path("start", "a", "gw").flow("gw", "other", "answer = working day(opened_on)").flow("gw", "end")
    )  # fmt: skip
    functions = {"working day": lambda _ctx: lambda _day: True}
    assert found(drawn, registry(user("room.a", "answer"), functions=functions)) == {
        ("fl_gw__other", "unknown_name"),
    }  # fmt: skip
    drawn.declare("opened_on")
    assert found(drawn, registry(user("room.a", "answer"), functions=functions)) == set()
    assert found(drawn, registry(user("room.a", "answer"))) == {("fl_gw__other", "expression")}


def test_variables_of_callers_and_called_are_known() -> None:
    outer = (
        Diagram("outer").declare("begun").start().call("part", "inner").choice("gw", default=("gw", "end")).end("other")
        .end().path("start", "part", "gw").flow("gw", "other", "set_within").flow("gw", "end")
    )  # fmt: skip
    inner = (
        Diagram("inner").start().user("a").choice("gw", default=("gw", "end")).end("other").end()
        .path("start", "a", "gw").flow("gw", "other", "begun").flow("gw", "end")
    )  # fmt: skip
    known = registry(user("room.a", "set_within"))
    assert lint.check({"outer": outer.xml(), "inner": inner.xml()}, known) == []
    alone = lint.check({"inner": inner.xml()}, known)
    assert [(item.element_id, item.rule) for item in alone] == [("fl_gw__other", "unknown_name")]


def test_who_does_a_task_must_be_known() -> None:
    drawn = Diagram().start().user("a", assignee="checker").end().path("start", "a", "end")
    assert found(drawn, registry(user("room.a"))) == {("a", "unknown_name")}
    assert found(drawn, registry(user("room.a", "checker"))) == set()
    scoped = registry(user("room.a"), roles=(Role("officer", "unit_id"),))
    assert found(straight("a"), scoped) == {("lane_officer", "unknown_name")}
    assert found(straight("a").declare("unit_id"), scoped) == set()


def test_labels_must_exist_in_every_language() -> None:
    missing = {"elements.probe.start", "ends.end", "roles.officer", "steps.room.a"}
    known = registry(user("room.a"), labels=lambda key: key not in missing)
    assert found(straight("a"), known) == {
        ("start", "no_label"), ("a", "no_label"), ("end", "no_label"), ("lane_officer", "no_label"),
    }  # fmt: skip
    decided = Diagram().start().decision("size", "size").end().path("start", "size", "end")
    assert found(decided, registry(decision("size"), labels=lambda key: key != "tables.size")) == {("size", "no_label")}
    caller = Diagram("caller").start().call("part", "probe").end("end_caller").path("start", "part", "end_caller")
    findings = lint.check({"caller": caller.xml(), "probe": straight("a").xml()}, known)
    assert {(item.element_id, item.rule) for item in findings} == {
        ("start", "no_label"), ("a", "no_label"), ("lane_officer", "no_label"),
    }  # fmt: skip


def test_a_finding_tells_process_place_rule_and_what_to_do() -> None:
    drawn = Diagram().start().add("manualTask", "sign").end().path("start", "sign", "end")
    assert lint.check(drawn.xml()) == [
        lint.Finding("probe", "sign", "not_run",
                     "manualTask is not run: a manual task has no form; use a user task with a step"),
    ]  # fmt: skip
