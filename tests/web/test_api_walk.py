"""A program that knows /openapi.json and the accounts, nothing else, takes a nomination to a granted decision.

It sends each form's own example, does what its queues hold, and performs the actions it is offered when a case waits
for something only an action can give. Time passes outside of it.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from tests.office import PDF, PEOPLE, Office
from tests.web.api import Caller, Service

STEPS_AT_MOST = 60


@dataclass
class Walker:
    """The program: finds each operation in the description by its id."""

    spec: dict[str, Any]
    callers: dict[str, Caller]
    done: list[str] = field(default_factory=list)

    @classmethod
    def meet(cls, service: Service) -> "Walker":
        spec = service.caller().get("/openapi.json").json
        validate(spec)
        return cls(spec, {who: service.caller(who) for who in PEOPLE})

    def place(self, operation_id: str, **parameters: str) -> tuple[str, str]:
        """Method and path of an operation."""
        for path, methods in self.spec["paths"].items():
            for method, operation in methods.items():
                if method != "parameters" and operation["operationId"] == operation_id:
                    return method.upper(), path.format_map(parameters)
        raise AssertionError(f"the description has no operation {operation_id}")

    def call(
        self, who: str, operation_id: str, body: Any = None, query: dict[str, str] | None = None, **where: str
    ) -> Any:
        """One request; the answer must be one the description names."""
        method, path = self.place(operation_id, **where)
        answer = self.callers[who].call(method, path, body, query_string=query or {})
        assert answer.status_code in (200, 201), f"{who} {operation_id}: {answer.text}"
        return answer.json

    def queue(self, who: str, business_key: str) -> Iterator[dict[str, Any]]:
        """What a person may do in one case."""
        for queue in ("mine", "group"):
            for item in self.call(who, "list_tasks", query={"queue": queue})["items"]:
                if item["business_key"] == business_key:
                    yield item

    def work(self, business_key: str) -> int:
        """Everybody does what the queues hold, by the forms' examples; returns how much was done."""
        count = 0
        for who in self.callers:
            for item in list(self.queue(who, business_key)):
                task = self.task(who, item["id"])
                if task is None or task["form"] is None:
                    continue
                form, values = task["form"], task["form"]["example"]
                Draft202012Validator.check_schema(form)
                assert all("title" in part for part in form["properties"].values()), task["step"]
                values |= {
                    name: self.file(who, business_key, part["x-file"])
                    for name, part in form["properties"].items() if "x-file" in part and name not in values
                }  # fmt: skip
                errors = [error.message for error in Draft202012Validator(form).iter_errors(values)]
                assert errors == [], f"{task['step']}: the example does not fit its own schema"
                self.call(who, "complete_task", {"values": values}, task_id=item["id"])
                self.done.append(task["step"])
                count += 1
        return count

    def file(self, who: str, business_key: str, kind: str) -> str:
        """File a document and return its id."""
        method, path = self.place("file_document", nomination_id=business_key)
        parts = {"kind": kind, "file": (io.BytesIO(PDF % b"signed"), "quyết định.pdf")}
        answer = self.callers[who].call(method, path, data=parts, content_type="multipart/form-data")
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"])

    def task(self, who: str, task_id: str) -> dict[str, Any] | None:
        """A task as this person sees it; None when somebody was faster or duties keep this person away."""
        method, path = self.place("get_task", task_id=task_id)
        answer = self.callers[who].call(method, path)
        return answer.json if answer.status_code == 200 else None

    def act(self, who: str, name: str) -> dict[str, Any]:
        """Perform an action that is offered, by its example."""
        offered = {item["name"]: item for item in self.call(who, "list_actions")["items"]}
        values = offered[name]["form"]["example"]
        self.done.append(name)
        found: dict[str, Any] = self.call(who, "perform_action", {"values": values}, name=name)["values"]
        return found


@pytest.fixture
def service(office: Office) -> Service:
    return Service.over(office)


@pytest.mark.slow
def test_from_a_proposal_to_a_granted_decision(service: Service) -> None:
    office, walker = service.office, Walker.meet(service)
    opened = walker.call("head", "open_nomination", {
        "round": "2025-TK", "unit": office.units["bacson"], "nominee_kind": "INDIVIDUAL",
        "nominee_id": office.people["nominee"], "form": "GIAY_KHEN",
    })  # fmt: skip
    key = opened["business_key"]
    assert walker.call("head", "get_task", task_id=opened["task_id"])["step"] == "nominations.submit_proposal"
    walker.act("secretary", "council.create_session")
    for _step in range(STEPS_AT_MOST):
        case = walker.call("secretary", "get_instance", instance_id=opened["instance_id"])
        if case["status"] != "running":
            break
        if case["tasks"]:
            assert walker.work(key), f"nobody can do {[task['step'] for task in case['tasks']]}"
        else:
            office.wait(days=1)
        office.machines_work()
    assert (case["status"], case["end_event"]) == ("completed", "end_awarded"), walker.done
    found = walker.call("auditor", "list_events", query={"business_key": key, "limit": "500"})["items"]
    kinds = {one["kind"] for one in found}
    assert {"instance.started", "task.completed", "decision.evaluated", "instance.ended"} <= kinds
