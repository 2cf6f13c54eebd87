"""What operators do, by the API: a case rests and goes on, two people repair or move it, incidents start over."""

import json
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from engine import queries
from tests.office import Case
from tests.paths import stories
from tests.paths.test_migration import with_another_gateway
from tests.support.incidents import papers_that_failed, statuses
from tests.support.redrawn import know_legal_check, redraw
from tests.web.api import Caller, Service
from tests.web.test_api import problem

WHY = "Chờ kết luận thanh tra."
LONG = "x" * 2001


def ok(caller: Caller, method: str, path: str, body: Any = None, status: int = 200, **more: Any) -> dict[str, Any]:
    answer = caller.call(method, path, body, **more)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json
    return found


def once(key: str) -> dict[str, Any]:
    return {"headers": {"Idempotency-Key": key}}


@pytest.fixture
def case(service: Service) -> Case:
    """A dossier that waits for its check."""
    return stories.filed(service.office)


@pytest.fixture
def place(case: Case) -> str:
    return f"/api/v1/instances/{case.id}"


# rest


def test_a_case_rests_and_goes_on(service: Service, case: Case, place: str) -> None:
    admin, auditor, officer = service.caller("admin"), service.caller("auditor"), service.caller("officer")
    task = f"/api/v1/tasks/{case.open_tasks()[0].id}"
    first = ok(admin, "POST", f"{place}/suspend", {"reason": WHY}, **once("rest"))
    assert first["instance"]["status"] == "suspended"
    assert ok(admin, "POST", f"{place}/suspend", {"reason": WHY}, **once("rest")) == first
    problem(admin.post(f"{place}/suspend", {"reason": "Khác."}, **once("rest")), 409, "idempotency_mismatch")
    problem(admin.post(f"{place}/suspend", {"reason": WHY}), 409, "instance_suspended")
    (resting,) = ok(auditor, "GET", "/api/v1/instances")["items"]
    assert (resting["business_key"], resting["suspension"]["reason"]) == (case.key, WHY)
    assert resting["suspension"]["name"] == "Ngô Thị Uyên"
    problem(officer.post(f"{task}/claim"), 409, "instance_suspended")
    assert ok(admin, "POST", f"{place}/resume", {"reason": "Đã có kết luận."})["instance"]["status"] == "running"
    problem(admin.post(f"{place}/resume", {"reason": WHY}), 409, "not_suspended")
    assert ok(auditor, "GET", "/api/v1/instances")["items"] == []
    ok(officer, "POST", f"{task}/claim")


def test_its_handling_is_read_without_the_dossier(service: Service, case: Case, place: str) -> None:
    auditor = service.caller("auditor")
    read = auditor.get(f"{place}/handling")
    assert [task["step"] for task in read.json["tasks"]] == ["nominations.check_completeness"]
    assert "variables" not in read.json
    assert (read.json["suspension"], read.json["requests"], read.json["open_ballots"]) == (None, [], 0)
    same = {"If-None-Match": read.headers["ETag"]}
    assert auditor.get(f"{place}/handling", headers=same).status_code == 304
    ok(service.caller("admin"), "POST", f"{place}/suspend", {"reason": WHY})
    changed = auditor.get(f"{place}/handling", headers=same)
    assert (changed.status_code, changed.json["status"]) == (200, "suspended")
    found = ok(auditor, "GET", "/api/v1/instances", query_string={"business_key": case.key})["items"]
    assert [one["id"] for one in found] == [str(case.id)]
    assert ok(auditor, "GET", "/api/v1/instances?business_key=ĐN-0")["items"] == []


def test_a_case_is_ended_for_good(service: Service, case: Case, place: str) -> None:
    admin = service.caller("admin")
    assert ok(admin, "POST", f"{place}/cancel", {"reason": WHY})["instance"]["status"] == "cancelled"
    for act in ("cancel", "suspend", "resume"):
        problem(admin.post(f"{place}/{act}", {"reason": WHY}), 409, "instance_ended")
    problem(admin.get(f"{place}/repair"), 409, "instance_ended")
    assert ok(admin, "GET", f"/api/v1/instances?business_key={case.key}")["items"][0]["status"] == "cancelled"


def test_without_a_reason_nothing_is_done(service: Service, case: Case, place: str) -> None:
    admin, before = service.caller("admin"), len(case.history())
    paths = [f"{place}/suspend", f"{place}/cancel", f"{place}/repair", f"/api/v1/requests/{uuid4()}/reject",
             f"/api/v1/incidents/{uuid4()}/retry", "/api/v1/incidents/causes/x/retry"]  # fmt: skip
    for path, body in product(paths, ({}, {"reason": ""}, {"reason": " \n "}, {"reason": LONG}, {"reason": 7},
                                      {"reason": "\u0000\u0007"})):  # fmt: skip
        said = []
        for admin.language in ("vi", "en"):
            said.append(problem(admin.post(path, body), 422, "invalid_input")["fields"]["reason"])
        assert said[0] != said[1], (path, body)
    assert len(case.history()) == before


def test_operators_act_readers_read_others_are_refused(service: Service, case: Case, place: str) -> None:
    for who in ("director", "auditor", "officer"):
        caller = service.caller(who)
        for act in ("suspend", "resume", "cancel", "repair", "repair/preview"):
            problem(caller.post(f"{place}/{act}", {"reason": WHY}), 403, "forbidden")
        problem(caller.get(f"{place}/repair"), 403, "forbidden")
        problem(caller.get("/api/v1/incidents"), 403, "forbidden")
    officer = service.caller("officer")
    for path in ("/api/v1/instances", f"{place}/handling", "/api/v1/requests", "/api/v1/processes/nomination/versions"):
        problem(officer.get(path), 403, "forbidden")
    for path in ("suspend", "resume", "cancel"):
        problem(service.caller("admin").post(f"/api/v1/instances/{uuid4()}/{path}", {"reason": WHY}), 404, "not_found")
    assert case.view.status == "running"


# repair


def options(admin: Caller, place: str) -> dict[str, Any]:
    """The one token of the case, with what it says."""
    places = ok(admin, "GET", f"{place}/repair")["places"]
    return next(one for one in places if one["element_id"] == "check_completeness")


def proposed(admin: Caller, place: str, **more: Any) -> dict[str, Any]:
    plan = {"token": options(admin, place)["token"], "target": "appraise", "reason": "Đã kiểm tra trên giấy."}
    return ok(admin, "POST", f"{place}/repair", plan, 201, **more)


def test_a_repair_is_seen_proposed_and_done_after_somebody_else_approves(
    service: Service, case: Case, place: str
) -> None:
    admin, director = service.caller("admin"), service.caller("director")
    token = options(admin, place)
    assert token["name"] == "Kiểm tra thành phần hồ sơ"
    assert "appraise" in {one["element_id"] for one in token["targets"]}
    plan = {"token": token["token"], "target": "appraise"}
    seen = ok(admin, "POST", f"{place}/repair/preview", plan)
    assert [one["step"] for one in seen["closed"]] == ["nominations.check_completeness"]
    assert [one["name"] for one in seen["opened"]] == ["Thẩm định hồ sơ, lập báo cáo"]
    asked = proposed(admin, place, **once("repair"))
    assert (asked["state"], asked["plan"]["source"], asked["cases"]) == ("proposed", "check_completeness", 1)
    assert proposed(admin, place, **once("repair")) == asked
    assert case.open_elements() == ["check_completeness"]
    address = f"/api/v1/requests/{asked['id']}"
    own = problem(admin.post(f"{address}/approve", {}), 403, "own_proposal")
    assert "một người khác" in own["detail"]
    assert ok(director, "GET", f"{address}/preview")["opened"] == seen["opened"]
    problem(director.get(f"{address}/verdicts"), 404, "not_found")
    done = ok(director, "POST", f"{address}/approve", {"reason": "Đồng ý."}, **once("yes"))
    assert (done["state"], done["decider_name"], done["decision_reason"]) == ("approved", "Hoàng Văn Bách", "Đồng ý.")
    assert ok(director, "POST", f"{address}/approve", {"reason": "Đồng ý."}, **once("yes")) == done
    assert case.open_elements() == ["appraise"]
    problem(service.caller("admin2").post(f"{address}/reject", {"reason": WHY}), 409, "repair_decided")
    assert ok(service.caller("auditor"), "GET", address) == done
    refusals = ok(service.caller("auditor"), "GET", "/api/v1/audit/events?kind=refusal.recorded")["items"]
    assert [(one["data"]["door"], one["data"]["code"], one["actor_name"]) for one in refusals[:2]] == [
        ("reject_request", "repair_decided", "Đặng Văn Vinh"), ("approve_request", "own_proposal", "Ngô Thị Uyên"),
    ]  # fmt: skip


def test_a_variable_is_changed_and_keeps_its_type(service: Service, case: Case, place: str) -> None:
    admin = service.caller("admin")
    found = {one["name"]: one for one in ok(admin, "GET", f"{place}/repair")["variables"]}
    assert (found["round_key"]["type"], found["round_key"]["value"]) == ("text", "2025-TK")
    asked = ok(admin, "POST", f"{place}/repair", {"variables": {"round_key": "  2022-SK\u0000 "}, "reason": WHY}, 201)
    assert asked["plan"]["variables"] == {"round_key": "2022-SK"}, "cleaned as what is typed into a form"
    ok(service.caller("admin2"), "POST", f"/api/v1/requests/{asked['id']}/approve")
    assert case.variables["round_key"] == "2022-SK"
    assert case.open_elements() == ["check_completeness"]


HUGE = 10**30
IMPOSSIBLE: tuple[tuple[dict[str, Any], str], ...] = (
    ({}, "token"),
    ({"token": "999999", "target": "appraise"}, "token"),
    ({"token": "\ud800", "target": "appraise"}, "token"),
    ({"token": "*", "target": ""}, "target"),
    ({"token": "*", "target": "gw_check_in"}, "target"),
    ({"token": "*", "target": "no\u0000where"}, "target"),
    ({"variables": {"nothing_of_the_kind": 1}}, "variables.nothing_of_the_kind"),
    ({"variables": {"x\u0000": 1}}, "variables.x\ufffd"),
    ({"variables": {"round_key": 7}}, "variables.round_key"),
    ({"variables": {"round_key": "x" * 5000}}, "variables.round_key"),
    ({"variables": {"round_key": {"a": [1]}}}, "variables.round_key"),
    ({"variables": {"ballot_round": 1.5}}, "variables.ballot_round"),
    ({"variables": {"ballot_round": HUGE}}, "variables.ballot_round"),
    ({"variables": {"ballot_round": [HUGE]}}, "variables.ballot_round"),
)
"""Plans, `*` for the token the case has, and the field at which the refusal stands."""


def raw(caller: Caller, path: str, body: Any) -> TestResponse:
    """A post whose odd characters are written as JSON writes them."""
    return caller.call("POST", path, data=json.dumps(body), content_type="application/json")


def test_what_a_repair_cannot_do_is_said_beside_the_field(service: Service, case: Case, place: str) -> None:
    admin, before = service.caller("admin"), len(case.history())
    mine = options(admin, place)["token"]
    for plan, field in IMPOSSIBLE:
        sent = {**plan, "token": mine} if plan.get("token") == "*" else plan
        for path, body in ((f"{place}/repair", {**sent, "reason": WHY}), (f"{place}/repair/preview", sent)):
            said = []
            for admin.language in ("vi", "en"):
                refused = problem(raw(admin, path, body), 422, "repair_impossible")
                assert list(refused["fields"]) == [field], plan
                said.append(refused["fields"][field][0])
            assert said[0] != said[1], plan
    assert (len(case.history()), ok(admin, "GET", "/api/v1/requests")["items"]) == (before, [])


def test_odd_bodies_are_refused_and_leave_nothing(service: Service, case: Case, place: str) -> None:
    admin = service.caller("admin")
    odd: list[Any] = [
        {"variables": {"\ud800": 1}}, {"variables": []}, {"token": 7}, {"token": None}, {"\ud800": 1},
        {"variables": {"y" * 300: 1}}, {"token": "t" * 500}, {"revision": 3}, [], "text",
    ]  # fmt: skip
    for body in odd:
        answer = raw(admin, f"{place}/repair", {**body, "reason": WHY} if isinstance(body, dict) else body)
        assert answer.status_code == 422, (body, answer.text)
        assert answer.json["code"] in {"invalid_input", "repair_impossible"}
    assert ok(admin, "GET", "/api/v1/requests")["items"] == []


def test_a_proposal_is_void_once_the_case_moved(service: Service, case: Case, place: str) -> None:
    admin, director = service.caller("admin"), service.caller("director")
    address = f"/api/v1/requests/{proposed(admin, place)['id']}"
    etag = director.get(address).headers["ETag"]
    case.claim("check_completeness", "officer")
    problem(director.get(f"{address}/preview"), 409, "repair_void")
    problem(director.post(f"{address}/approve"), 409, "repair_void")
    read = director.get(address, headers={"If-None-Match": etag})
    assert (read.status_code, read.json["state"]) == (200, "void")
    assert case.open_elements() == ["check_completeness"]


def test_proposals_are_listed_by_state_and_page_by_page(service: Service, case: Case, place: str) -> None:
    admin, auditor = service.caller("admin"), service.caller("auditor")
    first, second, third = (proposed(admin, place) for _ in range(3))
    refused = ok(service.caller("admin2"), "POST", f"/api/v1/requests/{second['id']}/reject", {"reason": WHY})
    assert (refused["state"], refused["decision_reason"]) == ("rejected", WHY)
    listed = [one["id"] for one in ok(auditor, "GET", "/api/v1/requests")["items"]]
    assert set(listed) == {first["id"], second["id"], third["id"]}
    found, cursor = [], ""
    while cursor is not None:
        page = ok(auditor, "GET", "/api/v1/requests", query_string={"limit": 1, "cursor": cursor})
        found, cursor = found + [one["id"] for one in page["items"]], page["next_cursor"]
    assert found == listed
    open_now = ok(auditor, "GET", f"/api/v1/requests?state=proposed&instance_id={case.id}")["items"]
    assert {one["id"] for one in open_now} == {first["id"], third["id"]}
    assert [one["id"] for one in ok(auditor, "GET", "/api/v1/requests?state=rejected")["items"]] == [second["id"]]
    assert ok(auditor, "GET", f"/api/v1/requests?instance_id={uuid4()}")["items"] == []
    for query in ("state=odd", "instance_id=odd", "cursor=broken", "limit=0", "cursor=WyJ4Il0"):
        assert list(problem(auditor.get(f"/api/v1/requests?{query}"), 422, "invalid_input")["fields"]) == [
            query.split("=")[0]
        ]
    problem(auditor.get(f"/api/v1/requests/{uuid4()}"), 404, "not_found")


# migration

VERSIONS = "/api/v1/processes/nomination/versions"


def test_cases_move_to_another_version_after_a_dry_run(service: Service) -> None:
    office = service.office
    know_legal_check(office)
    new, old = stories.filed(office), stories.accepted(office, stories.filed(office, nominee="nominee2"))
    version = redraw(office, "feedback", with_another_gateway)
    admin, auditor = service.caller("admin"), service.caller("auditor")
    listed = ok(auditor, "GET", VERSIONS)["items"]
    assert [(one["version"], one["running"]) for one in listed] == [(version, 0), (1, 2)]
    verdicts, cursor = {}, ""
    while cursor is not None:
        query = {"after": version, "limit": 1, "cursor": cursor}
        page = ok(auditor, "GET", f"{VERSIONS}/1/verdicts", query_string=query)
        verdicts |= {one["business_key"]: one for one in page["items"]}
        cursor = page["next_cursor"]
    assert (verdicts[new.key]["moves"], verdicts[new.key]["detail"]) == (True, "Chuyển được")
    stays = verdicts[old.key]
    assert (stays["moves"], stays["reason"], stays["element_id"]) == (False, "element_gone", "gw_wait")
    assert stays["detail"].startswith("Phiên bản mới không còn bước")
    both = {"after": version, "instances": [str(new.id), str(old.id)], "reason": WHY}
    refused = problem(admin.post(f"{VERSIONS}/1/migrations", both), 409, "migration_refused")
    assert (refused["cases"], refused["count"]) == ([old.key], 1)
    nowhere = {"after": version, "instances": [str(new.id), str(uuid4())], "reason": WHY}
    assert problem(admin.post(f"{VERSIONS}/1/migrations", nowhere), 409, "migration_refused")["count"] == 1
    body = {"after": version, "reason": WHY}
    asked = ok(admin, "POST", f"{VERSIONS}/1/migrations", body, 201, **once("move"))
    assert (asked["before"], asked["after"], asked["instances"]) == (1, version, [str(new.id)])
    assert ok(admin, "POST", f"{VERSIONS}/1/migrations", body, 201, **once("move")) == asked
    address = f"/api/v1/requests/{asked['id']}"
    assert [one["moves"] for one in ok(auditor, "GET", f"{address}/verdicts")["items"]] == [True]
    problem(service.caller("director").get(f"{address}/preview"), 404, "not_found")
    assert ok(service.caller("admin2"), "POST", f"{address}/approve")["state"] == "approved"
    assert (new.view.version, old.view.version) == (version, 1)
    assert ok(auditor, "GET", f"{address}/verdicts")["items"] == [], "none of them is left on the old version"


def test_a_migration_that_leads_nowhere_is_refused(service: Service, case: Case) -> None:
    admin, moves = service.caller("admin"), f"{VERSIONS}/1/migrations"
    same = problem(admin.post(moves, {"after": 1, "reason": WHY}), 422, "invalid_input")
    assert same["fields"] == {"after": ["Hồ sơ đang ở chính phiên bản này; hãy chọn một phiên bản khác."]}
    problem(admin.post(moves, {"after": 9, "reason": WHY}), 404, "not_found")
    huge = 10**30
    for after in (0, -1, huge, "hai", None):
        odd = problem(admin.post(moves, {"after": after, "reason": WHY}), 422, "invalid_input")
        assert list(odd["fields"]) == ["after"]
    problem(admin.get(f"{VERSIONS}/1/verdicts"), 422, "invalid_input")
    problem(admin.get(f"{VERSIONS}/{huge}/verdicts?after=1"), 404, "not_found")
    problem(admin.post(f"{VERSIONS}/{huge}/migrations", {"after": 1, "reason": WHY}), 404, "not_found")
    problem(admin.get("/api/v1/processes/nothing/versions"), 404, "not_found")
    problem(admin.get("/api/v1/processes/nothing/versions/1/verdicts?after=2"), 404, "not_found")
    odd = problem(admin.post(moves, {"after": 2, "instances": ["x"], "reason": WHY}), 422, "invalid_input")
    assert list(odd["fields"]) == ["instances.0"]
    assert ok(admin, "GET", "/api/v1/requests")["items"] == []
    assert case.view.version == 1


# incidents

MENDED = "Đã thay ổ đĩa, còn đủ chỗ."


def test_incidents_start_over_one_and_then_all_of_the_cause(service: Service) -> None:
    admin = service.caller("admin")
    assert ok(admin, "GET", "/api/v1/incidents/causes") == {"items": []}
    papers_that_failed(service.office, 3)
    (cause,) = ok(admin, "GET", "/api/v1/incidents/causes")["items"]
    assert (cause["count"], cause["error_class"], bool(cause["advice"])) == (3, "OSError", True)
    found, cursor = [], ""
    while cursor is not None:
        query = {"cause": cause["cause"], "limit": 2, "cursor": cursor}
        page = ok(admin, "GET", "/api/v1/incidents", query_string=query)
        found, cursor = found + page["items"], page["next_cursor"]
    assert {UUID(one["id"]) for one in found} == {one.job_id for one in queries.list_incidents(service.office.engine)}
    one = f"/api/v1/incidents/{found[0]['id']}/retry"
    for _click in range(2):
        assert ok(admin, "POST", one, {"reason": MENDED}, **once("one")) == {"retried": 1}
    problem(admin.post(one, {"reason": MENDED}), 409, "no_incident")
    assert sorted(statuses(service.office)) == ["failed", "failed", "pending"]
    rest = f"/api/v1/incidents/causes/{cause['cause']}/retry"
    for _click in range(2):
        assert ok(admin, "POST", rest, {"reason": MENDED}, **once("all")) == {"retried": 2}
    problem(admin.post(rest, {"reason": MENDED}), 409, "no_incident")
    problem(admin.post(f"/api/v1/incidents/{uuid4()}/retry", {"reason": MENDED}), 404, "not_found")
    assert statuses(service.office) == ["pending"] * 3
    assert ok(admin, "GET", "/api/v1/incidents") == {"items": [], "next_cursor": None}


def test_cases_that_run_are_listed_page_by_page(service: Service) -> None:
    cases = {str(stories.filed(service.office, nominee=who).id) for who in ("nominee", "nominee2")}
    director = service.caller("director")
    found, cursor = [], ""
    while cursor is not None:
        query = {"status": "running", "process_key": "nomination", "limit": 1, "cursor": cursor}
        page = ok(director, "GET", "/api/v1/instances", query_string=query)
        found, cursor = found + [one["id"] for one in page["items"]], page["next_cursor"]
    assert (set(found), len(found)) == (cases, 2)
    assert ok(director, "GET", "/api/v1/instances?status=running&process_key=nothing")["items"] == []
    assert ok(director, "GET", "/api/v1/instances?status=incident")["items"] == []
    for query in ("status=completed", "cursor=odd", "limit=501"):
        assert list(problem(director.get(f"/api/v1/instances?{query}"), 422, "invalid_input")["fields"]) == [
            query.split("=")[0]
        ]
