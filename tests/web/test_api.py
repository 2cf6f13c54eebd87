"""The API's own manners: tokens, problems, pages, ETags, repeated posts, files, and who may come in."""

import errno
import io
import os
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import g
from openapi_spec_validator import validate
from werkzeug.test import TestResponse

from engine.db import reading
from engine.views import EventView
from tests.office import PDF
from tests.web.api import PASSWORD, Caller, Service
from webapp.api.description import operations
from webapp.api.metrics import SECONDS
from webapp.record import without_hidden_authors

FIXED = {
    ("post", "/auth/token"), ("get", "/me"), ("get", "/tasks"), ("get", "/tasks/{task_id}"),
    ("post", "/tasks/{task_id}/claim"), ("post", "/tasks/{task_id}/release"), ("post", "/tasks/{task_id}/delegate"),
    ("post", "/tasks/{task_id}/complete"), ("post", "/nominations"), ("get", "/nominations/{nomination_id}"),
    ("get", "/nominations/{nomination_id}/history"), ("post", "/nominations/{nomination_id}/documents"),
    ("get", "/nominations/{nomination_id}/documents"), ("get", "/instances/{instance_id}"),
    ("get", "/instances/{instance_id}/diagram"), ("get", "/audit/events"), ("post", "/messages"),
}  # fmt: skip
"""What others call by name."""


def new_nomination(service: Service, who: str = "nominee") -> dict[str, Any]:
    office = service.office
    return {
        "round": "2025-TK", "unit": office.units["bacson"], "nominee_kind": "INDIVIDUAL",
        "nominee_id": office.people[who], "form": "GIAY_KHEN",
    }  # fmt: skip


def opened(service: Service, caller: Caller) -> dict[str, Any]:
    answer = caller.post("/api/v1/nominations", new_nomination(service))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def problem(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    found: dict[str, Any] = answer.json
    assert found["code"] == code, found
    assert {"type", "title", "status", "detail"} <= found.keys()
    return found


def submitted(service: Service, caller: Caller) -> tuple[dict[str, Any], Caller, str]:
    """A nomination with the office that checks it: the officer's caller and the task in her queue."""
    made = opened(service, caller)
    task = caller.get(f"/api/v1/tasks/{made['task_id']}").json
    done = caller.post(f"/api/v1/tasks/{made['task_id']}/complete", {"values": task["form"]["example"]})
    assert done.status_code == 200, done.text
    return made, service.caller("officer"), done.json["opened"][0]["id"]


def test_description_is_valid_and_names_what_others_call(service: Service) -> None:
    spec = service.caller().get("/openapi.json").json
    validate(spec)
    assert spec["openapi"].startswith("3.1")
    assert {(method, path.removeprefix("/api/v1")) for path, method, _one in operations(spec)} >= FIXED
    for _path, _method, operation in operations(spec):
        assert operation["summary"]
        assert set(operation["responses"]) >= {"401", "403", "404", "409", "422", "default"}
    assert len({one["operationId"] for _path, _method, one in operations(spec)}) == len(list(operations(spec)))


def test_every_post_takes_an_idempotency_key_but_the_one_that_signs_in(service: Service) -> None:
    """Each sign-in gives a token of its own."""
    spec = service.caller().get("/openapi.json").json
    without = {
        path for path, method, operation in operations(spec)
        if method == "post" and "Idempotency-Key" not in {one.get("name") for one in operation.get("parameters", [])}
    }  # fmt: skip
    assert without == {"/api/v1/auth/token"}


def test_page_of_the_description_needs_no_script_and_no_other_site(service: Service) -> None:
    page = service.caller().get("/docs")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert "http://" not in page.text.replace("http://www.w3.org", "")
    assert "https://" not in page.text
    for operation in ("complete_task", "open_nomination", "list_events"):
        assert f'id="{operation}"' in page.text


def test_token_is_refused_for_a_wrong_password_and_closed_after_five(service: Service) -> None:
    service.account("head")
    caller = service.caller()
    wrong = {"username": "head", "password": "wrong"}
    for _try in range(5):
        problem(caller.post("/api/v1/auth/token", wrong), 401, "sign_in_refused")
    right = {"username": "head", "password": PASSWORD}
    assert problem(caller.post("/api/v1/auth/token", right), 429, "too_many_attempts")["minutes"] > 0


@pytest.mark.parametrize(("path", "method"), [
    ("/api/v1/me", "GET"), ("/api/v1/tasks", "GET"), ("/api/v1/nominations", "POST"), ("/api/v1/audit/events", "GET"),
    ("/api/v1/messages", "POST"), ("/api/v1/actions", "GET"),
])  # fmt: skip
def test_nobody_without_a_token_comes_in(service: Service, path: str, method: str) -> None:
    answer = service.caller().call(method, path)
    problem(answer, 401, "sign_in_needed")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    forged = Caller(service.app.test_client(), token="forged")
    problem(forged.call(method, path), 401, "sign_in_needed")


def test_a_browsers_cookie_alone_sends_nothing(service: Service) -> None:
    """A page of another site cannot post for somebody signed in: without a bearer token the origin is checked."""
    service.account("head")
    client = service.app.test_client()
    with client.session_transaction() as session:
        from webapp.auth import service as accounts

        office = service.office
        now = office.engine.machine_clock.now()
        _account, token = accounts.sign_in(
            office.engine.sessions, username="head", password=PASSWORD, address="", now=now
        )
        session["token"] = token
    assert client.get("/api/v1/me").status_code == 200
    problem(client.post("/api/v1/nominations", json=new_nomination(service)), 403, "stale_form")


def test_me_tells_the_roles_of_the_day(service: Service) -> None:
    me = service.caller("head").get("/api/v1/me").json
    assert me["name"] == "Triệu Văn Khôi"
    assert "unit_head" in me["roles"]
    assert f"unit_head@{service.office.units['bacson']}" in me["roles"]


def test_problems_speak_the_clients_language(service: Service) -> None:
    head = service.caller("head")
    body = {"round": "2025-TK"}
    vietnamese = problem(head.post("/api/v1/nominations", body), 422, "invalid_input")
    head.language = "en"
    english = problem(head.post("/api/v1/nominations", body), 422, "invalid_input")
    assert vietnamese["detail"] != english["detail"]
    assert set(english["fields"]) == {"unit", "nominee_kind", "nominee_id"}
    assert english["fields"]["unit"] != vietnamese["fields"]["unit"]


def test_unknown_keys_and_wrong_values_are_named(service: Service) -> None:
    head = service.caller("head")
    extra = problem(head.post("/api/v1/nominations", {**new_nomination(service), "frm": "x"}), 422, "invalid_input")
    assert list(extra["fields"]) == ["frm"]
    kind = problem(
        head.post("/api/v1/nominations", {**new_nomination(service), "nominee_kind": "SHIP"}), 422, "invalid_input"
    )
    assert list(kind["fields"]) == ["nominee_kind"]
    problem(head.get("/api/v1/tasks", query_string={"queue": "all"}), 422, "invalid_input")
    problem(head.get("/api/v1/tasks", query_string={"limit": "0"}), 422, "invalid_input")
    problem(head.get("/api/v1/tasks", query_string={"cursor": "broken"}), 422, "invalid_input")
    problem(head.call("POST", "/api/v1/nominations", data="{", content_type="application/json"), 400, "http_400")
    problem(head.get(f"/api/v1/tasks/{uuid4()}"), 404, "not_found")
    problem(head.get("/api/v1/nominations/ĐN-2025-TK-999"), 404, "unknown_case")
    problem(head.get("/api/v1/nowhere"), 404, "http_404")
    problem(head.call("DELETE", "/api/v1/me"), 405, "http_405")


def test_repeated_post_gives_the_first_answer(service: Service) -> None:
    head = service.caller("head")
    headers = {"Idempotency-Key": "k1"}
    first = head.post("/api/v1/nominations", new_nomination(service), headers=headers)
    again = head.post("/api/v1/nominations", new_nomination(service), headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    other = head.post("/api/v1/nominations", new_nomination(service, "nominee2"), headers=headers)
    problem(other, 409, "idempotency_mismatch")


def test_repeated_completion_gives_the_first_answer_though_the_task_is_over(service: Service) -> None:
    head = service.caller("head")
    made = opened(service, head)
    place = f"/api/v1/tasks/{made['task_id']}"
    read = head.get(place)
    headers = {"Idempotency-Key": "k2", "If-Match": read.headers["ETag"]}
    body = {"values": read.json["form"]["example"]}
    first = head.post(f"{place}/complete", body, headers=headers)
    again = head.post(f"{place}/complete", body, headers=headers)
    assert first.status_code == again.status_code == 200
    assert [one["id"] for one in first.json["opened"]] == [one["id"] for one in again.json["opened"]]
    problem(head.post(f"{place}/complete", body), 409, "task_not_open")


def test_etag_tells_whether_a_task_changed(service: Service) -> None:
    head = service.caller("head")
    _made, officer, task_id = submitted(service, head)
    place = f"/api/v1/tasks/{task_id}"
    read = officer.get(place)
    assert officer.get(place, headers={"If-None-Match": read.headers["ETag"]}).status_code == 304
    assert officer.post(f"{place}/claim").status_code == 200
    body = {"values": read.json["form"]["example"]}
    problem(officer.post(f"{place}/complete", body, headers={"If-Match": read.headers["ETag"]}), 412, "http_412")
    fresh = officer.get(place).headers["ETag"]
    assert fresh != read.headers["ETag"]
    assert officer.post(f"{place}/complete", body, headers={"If-Match": fresh}).status_code == 200


def test_claim_release_delegate_and_take_over(service: Service) -> None:
    head = service.caller("head")
    _made, officer, task_id = submitted(service, head)
    secretary, place = service.caller("secretary"), f"/api/v1/tasks/{task_id}"
    assert officer.post(f"{place}/claim").json["instance"]["status"] == "running"
    assert [one["id"] for one in officer.get("/api/v1/tasks").json["items"]] == [task_id]
    problem(secretary.post(f"{place}/claim"), 409, "task_already_claimed")
    problem(secretary.post(f"{place}/take-over", {}), 422, "invalid_input")
    assert secretary.post(f"{place}/take-over", {"reason": "Đồng chí nghỉ phép"}).status_code == 200
    problem(officer.post(f"{place}/release"), 403, "not_your_task")
    office = service.office
    back = {"to": office.people["officer"], "reason": "Việc của đồng chí"}
    headers = {"Idempotency-Key": "k3"}
    assert secretary.post(f"{place}/delegate", back, headers=headers).status_code == 200
    assert secretary.post(f"{place}/delegate", back, headers=headers).status_code == 200
    other = {**back, "reason": "Lý do khác"}
    problem(secretary.post(f"{place}/delegate", other, headers=headers), 409, "idempotency_mismatch")
    assert officer.post(f"{place}/release").status_code == 200
    assert secretary.get(place).json["assignee"] == office.people["secretary"]


def test_form_is_shown_only_to_who_may_complete(service: Service) -> None:
    head = service.caller("head")
    made, officer, task_id = submitted(service, head)
    assert officer.get(f"/api/v1/tasks/{task_id}").json["form"]["title"]
    assert head.get(f"/api/v1/tasks/{task_id}").json["form"] is None
    problem(service.caller("staff").get(f"/api/v1/tasks/{task_id}"), 403, "forbidden")
    problem(service.caller("staff").get(f"/api/v1/nominations/{made['id']}"), 403, "forbidden")
    problem(service.caller("admin").get(f"/api/v1/instances/{made['instance_id']}"), 403, "forbidden")


def test_pages_of_a_queue_follow_each_other(service: Service) -> None:
    head = service.caller("head")
    for who in ("nominee", "nominee2"):
        assert head.post("/api/v1/nominations", new_nomination(service, who)).status_code == 201
    whole = head.get("/api/v1/tasks").json["items"]
    first = head.get("/api/v1/tasks", query_string={"limit": 1}).json
    second = head.get("/api/v1/tasks", query_string={"limit": 1, "cursor": first["next_cursor"]}).json
    assert first["items"] + second["items"] == whole
    assert second["next_cursor"] is None


def test_document_is_filed_and_listed(service: Service) -> None:
    head = service.caller("head")
    made = opened(service, head)
    place = f"/api/v1/nominations/{made['id']}/documents"

    def file(content: bytes, kind: str = "ACHIEVEMENT_REPORT") -> TestResponse:
        parts = {"kind": kind, "file": (io.BytesIO(content), "báo cáo.pdf")}
        return head.call("POST", place, data=parts, content_type="multipart/form-data")

    filed = file(PDF % b"report")
    assert filed.status_code == 201, filed.text
    (listed,) = head.get(place).json["items"]
    assert (listed["id"], listed["sha256"]) == (filed.json["id"], filed.json["sha256"])
    assert listed["name"] == "báo cáo.pdf"
    refused = problem(file(b"MZ this is a program"), 422, "invalid_input")
    assert list(refused["fields"]) == ["file"]
    assert list(problem(file(b""), 422, "invalid_input")["fields"]) == ["file"]
    problem(file(PDF % b"more", kind="NONSENSE"), 422, "invalid_input")
    missing = head.call("POST", place, data={"kind": "OTHER"}, content_type="multipart/form-data")
    assert "file" in problem(missing, 422, "invalid_input")["fields"]


def test_case_and_diagram(service: Service) -> None:
    head = service.caller("head")
    made = opened(service, head)
    case = head.get(f"/api/v1/instances/{made['instance_id']}")
    assert case.headers["ETag"]
    assert [task["step"] for task in case.json["tasks"]] == ["nominations.submit_proposal"]
    assert "withdrawal" in {one["name"] for one in case.json["waiting"]}
    picture = head.get(f"/api/v1/instances/{made['instance_id']}/diagram")
    assert picture.content_type.startswith("image/svg+xml")
    assert "Lập và nộp" in picture.text
    problem(head.get(f"/api/v1/instances/{made['instance_id']}/diagram?process=nothing"), 404, "not_found")


def test_withdrawal_by_either_name(service: Service) -> None:
    head = service.caller("head")
    made = opened(service, head)
    (offered,) = head.get("/api/v1/messages", query_string={"business_key": made["business_key"]}).json["items"]
    assert offered["name"] == "nominations.withdraw"
    body = {"name": "withdrawal", "business_key": made["business_key"], "values": offered["form"]["example"]}
    done = head.post("/api/v1/messages", body)
    assert done.status_code == 200, done.text
    assert done.json["instance"]["end_event"] == "end_withdrawn"
    problem(head.post("/api/v1/messages", body), 409, "not_waiting")
    problem(head.post("/api/v1/messages", {**body, "name": "decision_signed"}), 404, "not_found")
    problem(head.post("/api/v1/messages", {**body, "business_key": "ĐN-0"}), 404, "not_found")


def test_actions_are_those_of_ones_roles(service: Service) -> None:
    names = {one["name"] for one in service.caller("secretary").get("/api/v1/actions").json["items"]}
    assert "council.create_session" in names
    assert "organisation.add_unit" not in names
    admin = service.caller("admin")
    form = admin.get("/api/v1/actions/organisation.add_unit").json["form"]
    made = admin.post("/api/v1/actions/organisation.add_unit", {"values": form["example"]})
    assert made.status_code == 200, made.text
    assert made.json["values"]["unit_id"]
    problem(service.caller("head").get("/api/v1/actions/organisation.add_unit"), 403, "forbidden")
    refused = service.caller("head").post("/api/v1/actions/organisation.add_unit", {"values": form["example"]})
    problem(refused, 403, "forbidden")


def test_record_is_searched_by_auditors_alone(service: Service) -> None:
    head = service.caller("head")
    made = opened(service, head)
    auditor = service.caller("auditor")
    query = {"business_key": made["business_key"], "kind": "instance.started"}
    found = auditor.get("/api/v1/audit/events", query_string=query).json["items"]
    assert {one["chain"] for one in found} == {"system", made["instance_id"]}
    assert all(len(one["hash"]) == 64 for one in found)
    problem(head.get("/api/v1/audit/events"), 403, "forbidden")
    history = head.get(f"/api/v1/nominations/{made['business_key']}/history").json["items"]
    assert [one["kind"] for one in history] == ["task.created", "instance.started"]


def test_who_wrote_a_comment_is_told_to_few(service: Service) -> None:
    """The domain's table of visibility: Phòng TCCB and the chair know a comment's author, the nominee's unit not."""
    office = service.office
    event = EventView(
        "c", 1, "message.correlated", office.clock.now(), office.people["staff"], "Phùng Thị Sen", "post", "k",
        "feedback", "e", {"step": "feedback.post_comment"}, (), "h",
    )  # fmt: skip

    def seen_by(who: str) -> str:
        with service.app.test_request_context():
            g.actor = office.actor(who)
            return without_hidden_authors([event])[0].actor_id

    assert seen_by("secretary") == office.people["staff"]
    assert seen_by("staff") == office.people["staff"]
    assert seen_by("head") == ""


def test_watchers_of_this_machine_and_administrators_read_the_counts(service: Service) -> None:
    opened(service, service.caller("head"))
    local = service.app.test_client().get("/metrics")
    assert local.status_code == 200
    assert "thidua_open_tasks 1.0" in local.text
    assert "thidua_database_up 1.0" in local.text
    assert "thidua_http_request_seconds_bucket" in local.text
    assert service.app.test_client().get("/metrics", headers={"X-Forwarded-For": "192.0.2.9"}).status_code != 200
    assert service.caller().get("/metrics").status_code != 200
    assert service.caller("head").get("/metrics").status_code == 403
    assert service.caller("admin").get("/metrics").status_code == 200


def test_a_count_that_finds_no_room_on_the_disk_fails_no_request(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def no_room(*_labels: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(SECONDS, "labels", no_room)
    assert service.app.test_client().get("/healthz").status_code == 200
    assert "not counted: No space left" in caplog.text


def test_token_ends_after_its_time(service: Service) -> None:
    from webapp.auth import service as accounts

    head = service.caller("head")
    now = service.office.engine.machine_clock.now()
    with reading(service.office.engine.sessions) as session:
        assert accounts.find_session(session, head.token, now + timedelta(hours=11), "token") is not None
        assert accounts.find_session(session, head.token, now + timedelta(hours=13), "token") is None
        assert accounts.find_session(session, head.token, now, "browser") is None
