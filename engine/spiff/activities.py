"""Our activities and gateways: they ask `Services`, never Python."""

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import CallActivity, ExclusiveGateway, ParallelMultiInstanceTask, UserTask
from SpiffWorkflow.bpmn.specs.mixins import BpmnSpecMixin
from SpiffWorkflow.util.task import TaskState

from engine.feel import FeelEvaluationError
from engine.spiff.joins import changed
from engine.spiff.values import JOB, Element, frozen, thawed


class EngineUserTask(UserTask):  # type: ignore[misc]  # SpiffWorkflow is untyped
    """A step done by a person; its form never reaches the token, only the variables the step returns."""


class EngineParallelTask(ParallelMultiInstanceTask):  # type: ignore[misc]
    """A user task with one instance for each item of a collection.

    The stock task merges all data of a finished instance into its own, the item too, and refuses to start a second
    time because the item is there already; an instance that finishes late would also undo what an earlier one set.
    Here an instance hands over what it changed.
    """

    def create_children(self, my_task: Any) -> None:
        """Start an instance for each item.

        Raises:
            FeelEvaluationError: the collection is no list, as after a repair that leads here too early.

        """
        name = self.data_input.bpmn_id if self.data_input is not None else ""
        if name and not isinstance(my_task.read().get(name), tuple | Mapping):
            raise FeelEvaluationError(f"the collection {name} is no list", expression=name, element=self.bpmn_id)
        super().create_children(my_task)

    def merge_child(self, _workflow: Any, child: Any) -> None:
        """Take over the variables an instance changed; when it was the last, the task is done."""
        my_task = child.parent
        found = changed(my_task.parent.read(), child.read())
        found.pop(self.input_item.bpmn_id, None)
        if found:
            my_task.data.update(found)
        if self.children_complete(my_task):
            my_task._set_state(TaskState.READY)


class EngineCallActivity(CallActivity):  # type: ignore[misc]
    """A call of another process of the same bundle, in the same instance; variables go there and back as they are."""

    def copy_data(self, my_task: Any, subworkflow: Any) -> None:
        """Give the called process the variables of the call."""
        if subworkflow.spec.io_specification is None:
            subworkflow.task_tree.take(my_task.row())
        else:
            super().copy_data(my_task, subworkflow)

    def update_data(self, my_task: Any, subworkflow: Any) -> None:
        """Take over the variables the called process ended with."""
        if subworkflow.spec.io_specification is None:
            my_task.take(subworkflow.last_task.row())
        else:
            super().update_data(my_task, subworkflow)


class EngineExclusiveGateway(ExclusiveGateway):  # type: ignore[misc]
    """An exclusive gateway whose conditions are tried in the order of the file, not of the picture."""


class EngineServiceTask(BpmnSpecMixin):  # type: ignore[misc]
    """A registered service step, by key; job steps leave the token started until their result comes."""

    def __init__(self, wf_spec: Any, name: str, element: Element, parameters: dict[str, str], **kwargs: Any) -> None:
        super().__init__(wf_spec, name, **kwargs)
        self.element = element
        self.parameters = parameters

    def _run_hook(self, my_task: Any) -> bool | None:
        services = my_task.workflow.top_workflow.services
        variables = thawed(my_task.read())
        params = {name: services.evaluate(text, variables) for name, text in self.parameters.items()}
        outputs = services.call_service(self.element, self.element.step_key, params, variables)
        if outputs is JOB:
            my_task.internal_data["params"] = {name: plain(value) for name, value in params.items()}
            return None
        set_variables(my_task, outputs)
        return True


class EngineDecisionTask(BpmnSpecMixin):  # type: ignore[misc]
    """A business rule task: a decision table by key."""

    def __init__(self, wf_spec: Any, name: str, element: Element, **kwargs: Any) -> None:
        super().__init__(wf_spec, name, **kwargs)
        self.element = element

    def _run_hook(self, my_task: Any) -> bool | None:
        services = my_task.workflow.top_workflow.services
        outputs = services.decide(self.element, self.element.table, thawed(my_task.read()))
        if outputs is JOB:
            return None
        set_variables(my_task, outputs)
        return True


def set_variables(task: Any, values: Mapping[str, Any]) -> None:
    """Set variables of a task; nothing set is nothing written."""
    if values:
        task.data.update({name: frozen(value) for name, value in values.items()})


def plain(value: Any) -> Any:
    """Return a FEEL value as a job's payload holds it: text for what JSON has no word for."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value)
