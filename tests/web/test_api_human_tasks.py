"""Tasks given out, by the API: the same doors as the pages, the same refusals, in words."""

from typing import Any
from uuid import uuid4

import pytest

from tests.paths import stories
from tests.paths.test_separation import gets
from tests.web.api import Caller, Service


@pytest.fixture
def task(service: Service) -> str:
    """A check that its role shares."""
    return f"/api/v1/tasks/{stories.filed(service.office).open_tasks()[0].id}"


def ok(caller: Caller, method: str, path: str, body: Any = None) -> dict[str, Any]:
    answer = caller.call(method, path, body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_the_head_assigns_to_the_eligible_alone(service: Service, task: str) -> None:
    gets(service.office, "head", "personnel_officer")
    people = service.office.people
    secretary = service.caller("secretary")
    found = {one["person"]: one for one in ok(secretary, "GET", f"{task}/candidates")["items"]}
    assert found[people["officer"]]["eligible"]
    assert not found[people["head"]]["eligible"]
    assert "nên không thể làm" in found[people["head"]]["why_not"]
    refused = secretary.post(f"{task}/assign", {"to": people["head"], "reason": "Thử."})
    assert (refused.status_code, refused.json["code"]) == (403, "separation_of_duties")
    assert refused.json["detail"].startswith("Triệu Văn Khôi đã làm")
    refused = secretary.post(f"{task}/assign", {"to": people["records"], "reason": "Thử."})
    assert (refused.status_code, refused.json["code"]) == (422, "not_eligible")
    refused = service.caller("officer").post(f"{task}/assign", {"to": people["officer"], "reason": "Thử."})
    assert (refused.status_code, refused.json["code"]) == (403, "not_the_head")
    ok(secretary, "POST", f"{task}/assign", {"to": people["officer"], "reason": "Phụ trách địa bàn."})
    assert ok(secretary, "GET", task)["assignee"] == people["officer"]
    blocked = ok(service.caller("head"), "GET", task)
    assert blocked["form"] is None


def test_who_is_kept_away_is_told_why(service: Service, task: str) -> None:
    gets(service.office, "head", "personnel_officer")
    found = ok(service.caller("head"), "GET", task)
    assert (found["form"], found["blocked"].startswith("Bạn đã làm")) == (None, True)
    assert ok(service.caller("officer"), "GET", task)["blocked"] == ""


def test_help_is_given_back_priority_and_follow_up(service: Service, task: str) -> None:
    officer, records = service.caller("officer"), service.caller("records")
    ok(officer, "POST", f"{task}/claim")
    ok(officer, "POST", f"{task}/delegate", {"to": service.office.people["records"], "reason": "Nhờ soát."})
    assert [one["id"] for one in ok(officer, "GET", "/api/v1/tasks?queue=out")["items"]] == [task.rsplit("/", 1)[1]]
    ok(records, "POST", f"{task}/resolve", {"note": "Đã soát."})
    refused = officer.post(f"{task}/recall")
    assert (refused.status_code, refused.json["code"]) == (409, "not_handed_on")
    ok(officer, "POST", f"{task}/follow-up", {"on": "2030-01-01"})
    assert ok(officer, "GET", "/api/v1/tasks?queue=mine&awake=true")["items"] == []
    assert officer.post(f"{task}/priority", {"priority": 1}).status_code == 403
    ok(service.caller("secretary"), "POST", f"{task}/priority", {"priority": 1})
    first = ok(officer, "GET", "/api/v1/tasks?queue=mine&order=priority&priority=1")["items"][0]
    assert (first["priority"], first["follow_up_on"]) == (1, "2030-01-01")


def test_a_draft_saved_elsewhere_is_a_conflict_and_stays(service: Service, task: str) -> None:
    officer = service.caller("officer")
    ok(officer, "POST", f"{task}/claim")
    assert ok(officer, "GET", f"{task}/draft") == {"version": 0, "values": {}}
    assert ok(officer, "PUT", f"{task}/draft", {"values": {"reason": "Một"}, "version": 0})["version"] == 1
    refused = officer.call("PUT", f"{task}/draft", {"values": {"reason": "Hai"}, "version": 0})
    assert (refused.status_code, refused.json["code"], refused.json["version"]) == (409, "stale_draft", 1)
    assert ok(officer, "GET", f"{task}/draft") == {"version": 1, "values": {"reason": "Một"}}


def test_a_draft_in_odd_characters_is_answered_as_it_is_kept(service: Service, task: str) -> None:
    officer = service.caller("officer")
    ok(officer, "POST", f"{task}/claim")
    raw = r'{"values": {"reason": "Một \ud800"}, "version": 0}'
    sent = officer.call("PUT", f"{task}/draft", data=raw.encode(), content_type="application/json")
    assert sent.status_code == 200, sent.text
    assert sent.json == {"version": 1, "values": {"reason": "Một \ufffd"}} == ok(officer, "GET", f"{task}/draft")
    assert ok(officer, "GET", task)["form"] is not None
    refused = officer.call("PUT", f"{task}/draft", {"values": {"reason": float("nan")}, "version": 1})
    assert (refused.status_code, refused.json["code"]) == (422, "invalid_input")


def test_a_draft_sent_again_with_its_key_gets_the_first_answer(service: Service, task: str) -> None:
    officer = service.caller("officer")
    ok(officer, "POST", f"{task}/claim")
    officer.headers["Idempotency-Key"] = "draft-1"
    for _again in range(2):
        assert ok(officer, "PUT", f"{task}/draft", {"values": {"reason": "Một"}, "version": 0})["version"] == 1
    refused = officer.call("PUT", f"{task}/draft", {"values": {"reason": "Hai"}, "version": 1})
    assert (refused.status_code, refused.json["code"]) == (409, "idempotency_mismatch")


def test_a_list_gives_each_task_its_own_answer_and_the_same_when_repeated(service: Service, task: str) -> None:
    officer, one, nobody = service.caller("officer"), task.rsplit("/", 1)[1], str(uuid4())
    officer.headers["Idempotency-Key"] = "list-1"
    first = ok(officer, "POST", "/api/v1/tasks/claim", {"tasks": [nobody, one]})["items"]
    assert [(item["task"], item["done"], item["code"]) for item in first] == [
        (nobody, False, "not_found"), (one, True, ""),
    ]  # fmt: skip
    again = ok(officer, "POST", "/api/v1/tasks/claim", {"tasks": [nobody, one]})["items"]
    assert [item["done"] for item in again] == [False, True]
    officer.headers.clear()
    values = {"items": [], "outcome": "accepted"}
    refused = ok(officer, "POST", "/api/v1/tasks/complete", {"items": [{"task": one, "values": values}]})["items"]
    assert [(item["done"], item["code"]) for item in refused] in ([(False, "not_in_bulk")], [(False, "invalid_input")])
    assert officer.post("/api/v1/tasks/claim", {"tasks": [one, one]}).status_code == 422


def test_notes_are_listed_for_their_circle(service: Service) -> None:
    case = stories.filed(service.office)
    message = {"name": "notes.write_note", "business_key": case.key,
               "values": {"audience": "HANDLERS", "text": "Chờ số liệu năm 2024."}}  # fmt: skip
    ok(service.caller("officer"), "POST", "/api/v1/messages", message)
    place = f"/api/v1/nominations/{case.nomination_id}/notes"
    (seen,) = ok(service.caller("office"), "GET", place)["items"]
    assert (seen["text"], seen["author"], seen["access"]) == ("Chờ số liệu năm 2024.", "Vi Thị Én", "yes")
    (hidden,) = ok(service.caller("head"), "GET", place)["items"]
    assert (hidden["text"], hidden["access"]) == (None, "no")
    assert service.caller("staff").get(place).status_code == 403
