"""The hazards of SpiffWorkflow 3.2.0, one by one: refused before deployment, or handled by our runtime.

Each test names the hazard it is about; those that only a database shows are in `test_hazards_of_doors.py`.
"""

import threading
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest

from engine import dmn, feel, lint
from engine.spiff import codec, parser
from engine.spiff.runtime import JOB, Run
from tests.support.diagrams import Diagram, straight
from tests.support.runs import FakeServices, Play

TOMORROW = 'date and time("2025-06-17T00:00:00Z")'
IN_A_WEEK = 'date and time("2025-06-23T00:00:00Z")'
TWO_DAYS = timedelta(days=2)


def rules(diagram: Diagram) -> set[str]:
    return {finding.rule for finding in lint.check(diagram.xml())}


def test_interrupting_boundary_event_may_lead_to_several_instances() -> None:
    """3.2.0 raises 'non-predicted child' on the way from a deadline to a ballot."""
    drawn = (
        Diagram().start().user("collect").timer("deadline", TOMORROW, on="collect")
        .choice("gw", default=("gw", "end_empty")).ballot("vote").end().end("end_empty")
        .path("start", "collect", "end").path("deadline", "gw")
        .flow("gw", "vote", "count > 0").flow("gw", "end_empty").flow("vote", "end")
    )  # fmt: skip
    assert lint.check(drawn.xml()) == []
    play = Play(drawn, variables={"voters": ["an", "binh"], "count": 2})
    assert play.wait(TWO_DAYS) == ["deadline"]
    assert [task.loop_assignee for task in play.run.user_tasks()] == ["an", "binh"]
    play.complete("vote", person="binh").complete("vote", person="an")
    assert (play.run.ended, play.run.end_event) == (True, "end")


def test_called_process_is_gone_after_an_interruption() -> None:
    """3.2.0 leaves the run of an interrupted call behind and fails on it for ever."""
    called = straight("first", "second", key="called")
    drawn = (
        Diagram().start().call("part", "called").message("stopped", "stop", on="part").user("after").end()
        .end("end_stopped").path("start", "part", "end").path("stopped", "after", "end_stopped")
    )  # fmt: skip
    play = Play(drawn, called).complete("first")
    assert play.send("stop")
    assert play.open == ["after"]
    states = {(item.process_key, item.element_id): item.state for item in play.run.element_states()}
    assert states["called", "second"] == "cancelled"
    assert states["probe", "part"] == "cancelled"
    play.complete("after")
    assert play.run.end_event == "end_stopped"


def test_several_instances_of_a_called_process_are_refused() -> None:
    """The same hazard once per instance: only user tasks may loop."""
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>voters</bpmn:loopDataInputRef>"
        '<bpmn:inputDataItem id="assignee" /></bpmn:multiInstanceLoopCharacteristics>'
    )
    drawn = Diagram().declare("voters").start().call("part", "part", loop).end().path("start", "part", "end")
    assert "loop" in rules(drawn)


def test_lists_are_replaced_never_merged() -> None:
    """3.2.0 merges [1, 2, 3] with [3, 1] to [1, 2]."""
    play = Play(straight("first", "second"), variables={"items": [1, 2, 3], "none": []})
    play.complete("first", items=[3, 1], none=[5, 5, 7])
    assert play.run.variables() == {"items": [3, 1], "none": [5, 5, 7]}


def test_lists_are_replaced_where_branches_join() -> None:
    play = Play(_parallel(), variables={"items": [1, 2, 3]})
    play.complete("left", items=[3, 1]).complete("right")
    assert play.run.variables()["items"] == [3, 1]


def test_a_join_loses_no_variable() -> None:
    """3.2.0 lets the branch that arrives last undo what the other one set."""
    for order in permutations(("left", "right")):
        play = Play(_parallel(), variables={"said": "nothing", "kept": True})
        for branch in order:
            play.complete(branch, **({"said": "yes"} if branch == "left" else {"heard": 1}))
        assert play.run.variables() == {"said": "yes", "kept": True, "heard": 1}


def test_a_join_in_a_later_round_forgets_the_branches_of_earlier_ones() -> None:
    drawn = (
        Diagram().start().choice("gw_in").add("parallelGateway", "split").user("left").user("right")
        .add("parallelGateway", "join").choice("gw", default=("gw", "end")).end()
        .path("start", "gw_in", "split", "left", "join", "gw").path("split", "right", "join")
        .flow("gw", "gw_in", "again = true").flow("gw", "end")
    )  # fmt: skip
    assert lint.check(drawn.xml()) == []
    play = Play(drawn, variables={"again": True})
    play.complete("left", answer="first").complete("right")
    assert play.open == ["left", "right"]
    play.complete("right", again=False).complete("left", answer="second")
    assert play.run.ended
    assert play.run.variables() == {"again": False, "answer": "second"}


@pytest.mark.parametrize("first", list(permutations(("left", "right"))))
@pytest.mark.parametrize("second", list(permutations(("left", "right"))))
def test_a_join_in_a_later_round_waits_for_all_its_branches(first: tuple[str, ...], second: tuple[str, ...]) -> None:
    """3.2.0 counts a branch that came in the round before, and lets the case go on twice."""
    drawn = (
        Diagram().start().choice("gw_in").add("parallelGateway", "split").user("left").user("right")
        .add("parallelGateway", "join").user("judge").choice("gw", default=("gw", "end")).end()
        .path("start", "gw_in", "split", "left", "join", "judge", "gw").path("split", "right", "join")
        .flow("gw", "gw_in", "again = true").flow("gw", "end")
    )  # fmt: skip
    run = Run.start(parser.parse({"probe": drawn.xml()}), "probe", {"again": True}, FakeServices())
    for round_of_two in (first, second, first):
        for done, branch in enumerate(round_of_two):
            task = next(task for task in run.user_tasks() if task.element_id == branch)
            run.complete(task.token, {})
            assert ("judge" in {task.element_id for task in run.user_tasks()}) == (done == 1)
        (judge,) = run.user_tasks()
        run.complete(judge.token, {"again": True})


def _parallel() -> Diagram:
    return (
        Diagram().start().add("parallelGateway", "split").user("left").user("right").add("parallelGateway", "join")
        .user("after").end().path("start", "split", "left", "join", "after", "end").path("split", "right", "join")
    )  # fmt: skip


def test_instances_share_no_values() -> None:
    """3.2.0 shares nested values between a task, its siblings and its past."""
    drawn = (
        Diagram().start().choice("gw", default=("gw", "end_empty")).ballot("vote").user("after").end().end("end_empty")
        .flow("start", "gw").flow("gw", "vote", "count > 0").flow("gw", "end_empty").path("vote", "after", "end")
    )  # fmt: skip
    play = Play(drawn, variables={"voters": ["an", "binh"], "count": 2, "papers": ["a.pdf"]})
    first, second = play.run.user_tasks()
    first.variables["papers"].append("b.pdf")
    assert second.variables["papers"] == ["a.pdf"]
    play.complete("vote", person="an", papers=["c.pdf"])
    assert play.run.user_tasks()[0].variables["papers"] == ["a.pdf"]
    play.complete("vote", person="binh")
    assert play.run.user_tasks()[0].variables["papers"] == ["c.pdf"]


def test_a_ballot_is_held_again() -> None:
    """3.2.0 keeps the item of the last instance and refuses a second round because it is there already."""
    drawn = (
        Diagram().declare("round").start().choice("gw_in").choice("gw", default=("gw", "end")).ballot("vote")
        .service("count").end().path("start", "gw_in", "gw").flow("gw", "vote", "round < 3").flow("gw", "end")
        .path("vote", "count", "gw_in")
    )  # fmt: skip
    assert lint.check(drawn.xml()) == []
    counted = {"room.count": lambda variables: {"round": variables["round"] + 1}}
    play = Play(drawn, variables={"voters": ["an", "binh", "chi"], "round": 1}, answers=counted)
    for _round in range(2):
        for person in ("binh", "an", "chi"):
            play.complete("vote", person=person)
        assert "assignee" not in play.run.variables()
    assert play.run.ended


def test_state_does_not_depend_on_the_order_of_its_rows() -> None:
    """3.2.0 stores differences to a parent and loses data when a store sorts its keys: our rows are a list."""
    play = Play(straight("first", "second"), variables={"b": 1, "a": 2, "unit": "x"})
    play.complete("first", c=None, a=3)
    assert Run.load(play.definition, play.run.dump(), play.services).variables() == {
        "b": 1, "a": 3, "unit": "x", "c": None,
    }  # fmt: skip


def test_variables_of_any_name_survive() -> None:
    """3.2.0 takes a value called `typename` for an object of its own."""
    odd = {"typename": "BpmnEvent", "data_objects": "x", "__class__": "y", "workflow": 1, "merged": True}
    play = Play(straight("first", "second"), variables=odd)
    play.complete("first", class_name="z")
    assert play.run.variables() == {**odd, "class_name": "z"}


def test_a_stored_state_is_a_snapshot() -> None:
    """3.2.0 hands out live references."""
    play = Play(straight("first", "second"), variables={"x": 1})
    run = play.run
    before = run.dump()
    kept = bytes(before)
    run.complete(run.user_tasks()[0].token, {"x": 2})
    assert before == kept
    assert Run.load(play.definition, before, play.services).variables() == {"x": 1}


def test_what_a_timer_makes_ready_runs_at_once() -> None:
    """3.2.0 refreshes timers last and leaves what they made ready."""
    drawn = (
        Diagram().start().user("wait").timer("deadline", TOMORROW, on="wait").service("close").user("after").end()
        .end("end_late").path("start", "wait", "end").path("deadline", "close", "after", "end_late")
    )  # fmt: skip
    play = Play(drawn)
    play.wait(TWO_DAYS)
    assert play.services.asked == ["close"]
    assert play.open == ["after"]


def test_timers_after_an_event_gateway_keep_their_own_hours() -> None:
    """3.2.0 gives two timers of one gateway the same value."""
    drawn = (
        Diagram().start().add("eventBasedGateway", "gw").timer("later", IN_A_WEEK).timer("soon", TOMORROW)
        .message("told", "news").end("end_later").end("end_soon").end("end_told").flow("start", "gw")
        .path("gw", "later", "end_later").path("gw", "soon", "end_soon").path("gw", "told", "end_told")
    )  # fmt: skip
    assert lint.check(drawn.xml()) == []
    play = Play(drawn)
    assert [timer.element_id for timer in play.run.timers()] == ["soon", "later"]
    assert play.wait(TWO_DAYS) == ["soon"]
    assert play.run.end_event == "end_soon"
    told = Play(drawn)
    assert told.send("news")
    assert (told.run.end_event, told.run.timers()) == ("end_told", ())


@pytest.mark.parametrize("heights", [(10, 200), (200, 10)])
def test_moving_a_shape_changes_no_decision(heights: tuple[int, int]) -> None:
    """3.2.0 tries conditions in the order of the picture."""
    drawn = (
        Diagram().start().choice("gw", default=("gw", "end_none")).end("end_small").end("end_large").end("end_none")
        .flow("start", "gw").flow("gw", "end_small", "n > 1").flow("gw", "end_large", "n > 10").flow("gw", "end_none")
    )  # fmt: skip
    drawn.at("end_small", heights[0]).at("end_large", heights[1]).at("end_none", 100)
    assert Play(drawn, variables={"n": 100}).run.end_event == "end_small"


def test_two_flows_with_one_condition_are_refused() -> None:
    drawn = (
        Diagram().start().choice("gw", default=("gw", "end_c")).end("end_a").end("end_b").end("end_c")
        .flow("start", "gw").flow("gw", "end_a", "n > 1").flow("gw", "end_b", "n > 1").flow("gw", "end_c")
    )  # fmt: skip
    assert rules(drawn) == {"same_condition"}


def test_a_table_with_two_answers_is_an_error() -> None:
    """3.2.0 takes the first rule that fits, whatever the hit policy says."""
    rows = "".join(
        f'<rule id="r{row}"><inputEntry><text>&gt; {row}</text></inputEntry>'
        f"<outputEntry><text>{row}</text></outputEntry></rule>"
        for row in (1, 2)
    )
    table = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:t">'
        '<decision id="size" name="size"><decisionTable hitPolicy="{}"><input id="i"><inputExpression><text>n</text>'
        '</inputExpression></input><output id="o" name="o" />' + rows + "</decisionTable></decision></definitions>"
    )
    with pytest.raises(dmn.RulesConflictError):
        dmn.load(table.format("UNIQUE").encode()).evaluate("size", {"n": 3})
    with pytest.raises(dmn.DmnFileError):
        dmn.load(table.format("WHATEVER").encode())


def test_loops_with_input_sets_or_a_count_are_refused() -> None:
    """3.2.0 cannot read the one and misspells a variable at the other."""
    inputs = "<bpmn:ioSpecification><bpmn:inputSet /><bpmn:outputSet /></bpmn:ioSpecification>"
    drawn = Diagram().start().user("vote", inputs).end().path("start", "vote", "end")
    assert rules(drawn) >= {"not_run"}
    count = "<bpmn:loopCardinality>3</bpmn:loopCardinality>"
    count = f"<bpmn:multiInstanceLoopCharacteristics>{count}</bpmn:multiInstanceLoopCharacteristics>"
    drawn = Diagram().start().ballot("vote", loop=count).end().path("start", "vote", "end")
    assert rules(drawn) >= {"not_run"}


def test_an_empty_collection_must_be_guarded() -> None:
    """Nobody to vote means 0 of 0 votes, and 3.2.0 passes straight through."""
    drawn = Diagram().start().ballot("vote").end().path("start", "vote", "end")
    assert rules(drawn) == {"empty_loop"}


def test_a_failed_move_leaves_the_stored_state_alone() -> None:
    """3.2.0 leaves a task that failed half way as finished; the run is thrown away."""
    failing = {"room.break": lambda _variables: 1 / 0}
    drawn = Diagram().start().user("first").service("break").end().path("start", "first", "break", "end")
    play = Play(drawn, answers=failing)
    before = play.state
    with pytest.raises(ZeroDivisionError):
        play.complete("first")
    assert play.state == before
    play.services.answers.clear()
    play.complete("first")
    assert play.run.ended


def test_a_cancelled_task_does_not_run() -> None:
    """3.2.0 walks through what was ready when it looked, also what was cancelled meanwhile."""
    drawn = (
        Diagram().start().add("parallelGateway", "split").user("task").timer("soon", TOMORROW, on="task")
        .timer("same", TOMORROW, on="task").service("one").service("two").end("end_done").end("end_one").end("end_two")
        .add("parallelGateway", "other").user("side").end("end_side")
        .path("start", "split", "task", "end_done").path("split", "side", "end_side")
        .path("soon", "one", "end_one").path("same", "two", "end_two")
    )  # fmt: skip
    play = Play(drawn)
    play.wait(TWO_DAYS)
    assert play.services.asked == ["one"]
    assert play.open == ["side"]


def test_an_operator_may_not_bear_the_id_of_an_element() -> None:
    """3.2.0 then finds the operator in place of the task and says it has no support for it."""
    drawn = Diagram().start().service("tell", step="tell").end().path("start", "tell", "end")
    assert rules(drawn) == {"id_twice"}
    shared = (
        Diagram().start().service("one", step="room.same").service("two", step="room.same").end()
        .path("start", "one", "two", "end")
    )  # fmt: skip
    assert rules(shared) == set()


@pytest.mark.parametrize("reserved", ["Start", "End", "Root"])
def test_ids_of_the_librarys_own_tasks_are_refused(reserved: str) -> None:
    drawn = Diagram().start().user(reserved, step="room.x").end().path("start", reserved, "end")
    assert rules(drawn) == {"id_reserved"}


def test_shared_specs_are_settled_before_they_are_shared() -> None:
    """3.2.0 connects the end of an instance while it runs, on specs all threads share."""
    definition = parser.parse({"probe": _guarded_ballot().xml()})
    child = definition.specs["probe"].task_specs["vote [child]"]
    loop = definition.specs["probe"].task_specs["vote"]
    assert child.completed_event.is_connected(loop.merge_child)
    before = child.completed_event.n_subscribers()
    for _run in range(3):
        services = FakeServices()
        run = Run.start(definition, "probe", {"voters": ["an", "binh"], "count": 2}, services)
        for task in run.user_tasks():
            run.complete(task.token, {})
        assert run.ended
    assert child.completed_event.n_subscribers() == before


def _guarded_ballot() -> Diagram:
    return (
        Diagram().start().choice("gw", default=("gw", "end_empty")).ballot("vote").end().end("end_empty")
        .flow("start", "gw").flow("gw", "vote", "count > 0").flow("gw", "end_empty").flow("vote", "end")
    )  # fmt: skip


def test_event_sub_processes_are_refused() -> None:
    """3.2.0 adds to the shared specs when one starts."""
    drawn = Diagram().start().end().path("start", "end")
    drawn.process_extra = (
        '<bpmn:subProcess id="sub" name="sub" triggeredByEvent="true"><bpmn:startEvent id="s2" name="s2" />'
        "</bpmn:subProcess>"
    )
    assert "not_run" in rules(drawn)


def test_a_case_of_many_rounds_ends_when_all_is_done_and_not_before() -> None:
    """3.2.0 looks 1,000 levels deep, and a return deepens its tree by several."""
    drawn = (
        Diagram().start().add("parallelGateway", "split").user("stay").choice("gw_in").user("return")
        .choice("gw", default=("gw", "join")).add("parallelGateway", "join").end()
        .path("start", "split", "gw_in", "return", "gw").path("split", "stay", "join", "end")
        .flow("gw", "gw_in", "again").flow("gw", "join")
    )  # fmt: skip
    play = Play(drawn, variables={"again": True})
    run = play.run
    for number in range(400):
        task = next(task for task in run.user_tasks() if task.element_id == "return")
        run.complete(task.token, {"again": number < 399, "round": number})
        assert not run.ended
    run.complete(run.user_tasks()[0].token, {})
    assert run.ended
    assert run.variables() == {"again": False, "round": 399}


def test_an_end_far_down_waits_for_the_other_path() -> None:
    drawn = (
        Diagram().start().add("parallelGateway", "split").user("stay").choice("gw_in").user("return")
        .choice("gw", default=("gw", "end")).end().end("end_stay")
        .path("start", "split", "gw_in", "return", "gw").path("split", "stay", "end_stay")
        .flow("gw", "gw_in", "again").flow("gw", "end")
    )  # fmt: skip
    play = Play(drawn, variables={"again": True})
    play.complete("stay")
    run = play.run
    for number in range(400):
        assert not run.ended
        run.complete(run.user_tasks()[0].token, {"again": number < 399})
    assert run.ended


def test_a_message_nobody_waits_for_is_told_so() -> None:
    """3.2.0 raises, and compares correlations that are not there."""
    play = Play(straight("first"))
    assert play.send("news") is False
    assert play.open == ["first"]


def test_a_message_reaches_the_oldest_token_that_waits() -> None:
    drawn = Diagram().start().user("wait").message("told", "news", on="wait").end().end("end_told")
    drawn.path("start", "wait", "end").path("told", "end_told")
    play = Play(drawn)
    assert play.send("news", said="yes")
    assert (play.run.end_event, play.run.variables()) == ("end_told", {"said": "yes"})


@pytest.mark.parametrize(
    "attack",
    [
        "__import__('os').popen('id').read()", "().__class__.__bases__[0].__subclasses__()", "open('/etc/passwd')",
        "exec('x=1')", "lambda: 1", "[x for x in range(9)]", "globals()", "eval(\"1\")",
    ],
)  # fmt: skip
def test_no_expression_runs_python(attack: str) -> None:
    drawn = (
        Diagram().start().choice("gw", default=("gw", "end_b")).end("end_a").end("end_b")
        .flow("start", "gw").flow("gw", "end_a", attack).flow("gw", "end_b")
    )  # fmt: skip
    if lint.check(drawn.xml()):
        return
    with pytest.raises(feel.FeelEvaluationError):
        Play(drawn)


@pytest.mark.parametrize("tag", ["preScript", "postScript", "unitTests", "variableName", "taskMetadataValues"])
def test_extensions_that_hold_scripts_are_refused(tag: str) -> None:
    drawn = Diagram().start().user("task").end().path("start", "task", "end")
    inner = f"<spiffworkflow:{tag}>x = 1</spiffworkflow:{tag}></bpmn:extensionElements>"
    xml = drawn.xml().replace(b"</bpmn:extensionElements>", inner.encode(), 1)
    assert {finding.rule for finding in lint.check(xml)} == {"extension"}


def test_script_tasks_are_refused() -> None:
    drawn = Diagram().start().add("scriptTask", "run", "<bpmn:script>x = 1</bpmn:script>").end()
    drawn.path("start", "run", "end")
    found = lint.check(drawn.xml())
    assert {(finding.element_id, finding.rule) for finding in found} == {("run", "not_run")}


def test_an_endless_expression_is_stopped() -> None:
    """No Python, and no bomb either."""
    bomb = "count(for a in 1..1000, b in 1..1000, c in 1..1000 return a) > 0"
    drawn = (
        Diagram().start().choice("gw", default=("gw", "end_b")).end("end_a").end("end_b")
        .flow("start", "gw").flow("gw", "end_a", bomb).flow("gw", "end_b")
    )  # fmt: skip
    with pytest.raises(feel.FeelLimitError):
        Play(drawn)


def test_states_are_packed_by_many_threads_at_once() -> None:
    """zstandard objects are not safe for threads: each thread has its own."""
    play = Play(straight("first", "second"), variables={"text": "x" * 500})
    faults: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(60):
                run = play.run
                run.complete(run.user_tasks()[0].token, {"number": number, "turn": turn})
                again = Run.load(play.definition, run.dump(), play.services)
                assert again.variables() == {"text": "x" * 500, "number": number, "turn": turn}
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_entities_of_a_diagram_are_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    xml = straight("first").xml().replace(
        b"?>", f'?><!DOCTYPE d [<!ENTITY x SYSTEM "file://{secret}">]>'.encode(), 1
    ).replace(b'name="first"', b'name="&x;"', 1)  # fmt: skip
    assert [finding.rule for finding in lint.check(xml)] == ["not_readable"]
    bomb = (
        '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">'
        + "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True))
        + "]>"
    )
    xml = straight("first").xml().replace(b"?>", f"?>{bomb}".encode(), 1).replace(b'name="first"', b'name="&i;"', 1)
    assert [finding.rule for finding in lint.check(xml)] == ["not_readable"]


def test_a_token_that_is_gone_is_a_conflict_not_a_crash() -> None:
    play = Play(straight("first", "second"))
    run = play.run
    token = run.user_tasks()[0].token
    run.complete(token, {})
    with pytest.raises(Exception, match="the token is not there any more"):
        run.complete(token, {})


def test_a_job_waits_for_its_result_over_saving_and_loading() -> None:
    drawn = Diagram().start().service("print").end().path("start", "print", "end")
    play = Play(drawn, answers={"room.print": JOB})
    run = play.run
    assert [job.element_id for job in run.jobs()] == ["print"]
    run.finish_job(run.jobs()[0].token, {"pages": 2})
    assert (run.ended, run.variables()) == (True, {"pages": 2})


def test_an_unknown_format_of_state_is_refused() -> None:
    play = Play(straight("first"))
    with pytest.raises(ValueError, match="unknown state format"):
        codec.load(b"\x09" + play.state[1:], play.definition, play.services)


def test_a_non_interrupting_timer_fires_once() -> None:
    drawn = (
        Diagram().start().user("work").timer("nudge", TOMORROW, on="work", interrupting=False).user("look").end()
        .end("end_look").path("start", "work", "end").path("nudge", "look", "end_look")
    )  # fmt: skip
    assert lint.check(drawn.xml()) == []
    play = Play(drawn)
    assert play.wait(TWO_DAYS) == ["nudge"]
    assert play.wait(TWO_DAYS) == []
    assert sorted(play.open) == ["look", "work"]
    play.complete("work")
    assert not play.run.ended
    play.complete("look")
    assert play.run.ended
