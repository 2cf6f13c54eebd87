"""Addresses nobody types and bodies no program makes: each is answered without a fault of ours."""

import base64
import json
from itertools import cycle, islice, product
from typing import Any

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.office import Office
from tests.web.api import Caller, Service
from tests.web.shell import PASSWORD, Shell

PEOPLE_ASKING = ("admin", "officer", "auditor")
QUESTIONS = (
    "q", "case", "person", "kind", "chain", "cursor", "round", "unit", "form", "year", "page", "role", "what", "table",
    "at", "row", "from", "until", "priority",
)  # fmt: skip
MEANING_SOMETHING_TO_FLASK = "_external=1&_scheme=javascript&_anchor=x&_method=POST"
ODD = ("%00", "x%00y", "%ff%fe", "%F0%9F%8F%86", "-1", "9" * 40, "%25", "%27%22%3Cb%3E", "%5B%5D")


@pytest.fixture
def shell(postgresql_office: Office) -> Shell:
    """The stricter of the two databases."""
    return Shell.over(postgresql_office)


def pages(shell: Shell) -> list[Rule]:
    skipped = {"static", "metrics.show"}
    return [rule for rule in shell.app.url_map.iter_rules() if "GET" in rule.methods and rule.endpoint not in skipped]


@pytest.mark.slow
@pytest.mark.postgresql
def test_no_question_in_an_address_is_a_fault(shell: Shell) -> None:
    faults = []
    plain = [rule for rule in pages(shell) if not rule.arguments]
    for who, rule, shift in product(PEOPLE_ASKING, plain, range(0, len(ODD), 3)):
        odd = islice(cycle(ODD), shift, None)
        path = f"{rule.rule}?{MEANING_SOMETHING_TO_FLASK}&" + "&".join(f"{name}={next(odd)}" for name in QUESTIONS)
        answer = shell.browser(who).get(path)
        if answer.status_code >= 500 or "javascript:" in answer.get_data(as_text=True):
            faults.append((who, path))
    assert faults == []


@pytest.mark.slow
@pytest.mark.postgresql
def test_no_name_in_an_address_is_a_fault(shell: Shell) -> None:
    """Where a page names a thing, an odd name is a thing that is not there."""
    faults = []
    adapter = shell.app.url_map.bind("localhost")
    for rule in pages(shell):
        texts = {name for name, part in rule._converters.items() if type(part).__name__ == "UnicodeConverter"}
        if not texts or texts != rule.arguments:
            continue
        for who, odd in product(PEOPLE_ASKING, ("x\0y", "🏆" + "9" * 400, "%'\"<b>")):
            path = adapter.build(rule.endpoint, dict.fromkeys(texts, odd))
            answer = shell.browser(who).get(path)
            if answer.status_code >= 500 or ("\0" in odd and answer.status_code not in {401, 403, 404}):
                faults.append((answer.status_code, path))
    assert faults == []


ENDLESS = "9999-12-31T23:59:59-14:00"
"""The last instant of all, where the day begins last: nowhere else has the calendar a name for it."""
UNREADABLE = (b"[" * 100_000, b'{"values":' * 20_000, b'{"values":{"copies":' + b"9" * 5_000 + b"}}", b"{", b"\xff\xfe")


def said(answer: TestResponse) -> dict[str, Any]:
    assert answer.is_json, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


@pytest.mark.parametrize("path", ["/api/v1/auth/token", "/api/v1/messages", "/api/v1/actions/council.create_session"])
def test_a_body_that_cannot_be_read_as_json_is_refused(service: Service, path: str) -> None:
    caller = service.caller("secretary")
    for body in UNREADABLE:
        answer = caller.post(path, data=body, content_type="application/json")
        assert (answer.status_code, said(answer)["code"]) == (400, "http_400"), body[:20]


def test_a_drawing_that_cannot_be_read_as_json_is_refused(read_only: Shell) -> None:
    browser = read_only.browser("admin")
    for body in UNREADABLE:
        answer = browser.client.post("/modeller/lint", data=body, headers={
            "X-CSRFToken": browser.token, "Content-Type": "application/json",
        })  # fmt: skip
        assert answer.status_code == 422, body[:20]


@pytest.mark.postgresql
def test_what_no_keyboard_types_is_no_drawing_and_no_key(shell: Shell) -> None:
    browser = shell.browser("admin")
    browser.get("/modeller/nomination")
    headers = {"X-CSRFToken": browser.token, "Content-Type": "application/json"}
    drawing = browser.get("/modeller/nomination.bpmn").get_data(as_text=True)
    odd = {"xml": drawing.replace('name="', 'name="\ud800', 1)}
    answers = {
        page: browser.client.post(f"/modeller/{page}", data=json.dumps({**odd, **body}), headers=headers).status_code
        for page, body in {"lint": {}, "compare": {}, "propose": {"content": "<x/>", "key": "\ud800\0"}}.items()
    }
    assert answers == {"lint": 200, "compare": 422, "propose": 422}


def test_a_wrong_method_is_told_the_right_ones(service: Service) -> None:
    caller = service.caller("head")
    for path, right in (("/api/v1/me", {"GET"}), ("/api/v1/messages", {"GET", "POST"}), ("/sign-in", {"GET", "POST"})):
        answer = caller.call("PATCH", path)
        assert (answer.status_code, set(answer.allow) - {"HEAD", "OPTIONS"}) == (405, right), path
    assert said(caller.call("DELETE", "/api/v1/me"))["code"] == "http_405"


def test_an_instant_beyond_the_calendar_is_none(service: Service) -> None:
    auditor, secretary = service.caller("auditor"), service.caller("secretary")
    refused = [auditor.get("/api/v1/audit/events", query_string={name: ENDLESS}) for name in ("since", "until")]
    sitting = {"session_key": "PH-9", "title": "Phiên họp", "mode": "OPEN", "place": "Phòng họp", "opens_at": ENDLESS}
    refused.append(secretary.post("/api/v1/actions/council.create_session", {"values": sitting}))
    assert [answer.status_code for answer in refused] == [422, 422, 422]
    assert [list(said(answer)["fields"]) for answer in refused] == [["since"], ["until"], ["opens_at"]]
    place = base64.urlsafe_b64encode(json.dumps([ENDLESS, "x", 1]).encode()).decode()
    assert auditor.get("/api/v1/audit/events", query_string={"cursor": place}).status_code == 422
    tasks = [ENDLESS, "00000000-0000-0000-0000-000000000001"]
    place = base64.urlsafe_b64encode(json.dumps(tasks).encode()).decode()
    assert secretary.get("/api/v1/tasks", query_string={"cursor": place}).status_code == 422


def test_the_ends_of_the_calendar_bound_no_search(read_only: Shell) -> None:
    auditor = read_only.browser("auditor")
    for days in ("since=01/01/0001", "until=31/12/9999", "since=01/01/0001&until=31/12/9999"):
        for page in ("/audit", "/audit/export.csv"):
            answer = auditor.get(f"{page}?{days}")
            assert (answer.status_code, "ĐN-2025-TK" in answer.text) == (200, True), (page, days)


def test_text_where_a_file_belongs_is_refused(service: Service) -> None:
    head = service.caller("head")
    made = said(head.post("/api/v1/nominations", {
        "round": "2025-TK", "unit": service.office.units["bacson"], "nominee_kind": "INDIVIDUAL",
        "nominee_id": service.office.people["nominee"],
    }))  # fmt: skip
    path = f"/api/v1/nominations/{made['id']}/documents"
    answer = head.post(path, data={"kind": "EVIDENCE", "file": "minh chứng"}, content_type="multipart/form-data")
    assert (answer.status_code, list(said(answer)["fields"])) == (422, ["file"])


@pytest.mark.postgresql
def test_what_no_keyboard_types_is_a_wrong_name_or_password(shell: Shell) -> None:
    caller = Caller(shell.app.test_client())
    odd = ("x\0y", "\ud800", "\0")
    for name, password in product(odd, ("mat-khau", *odd)):
        sent = json.dumps({"username": name, "password": password})
        answer = caller.post("/api/v1/auth/token", data=sent, content_type="application/json")
        assert said(answer)["code"] in {"sign_in_refused", "too_many_attempts", "invalid_input"}, (name, password)
    answer = shell.nobody().post("/sign-in", {"username": "a\0b", "password": "x\0y"})
    assert answer.status_code == 401


ODD_VALUES = ("\ud800", "x\0y", "x", ENDLESS, 10**40, [["x"] * 3] * 3, {"a": 1})


@pytest.mark.slow
@pytest.mark.postgresql
def test_no_value_of_an_action_is_a_fault(shell: Shell) -> None:
    faults = []
    for who in ("officer", "secretary", "director", "records", "head", "admin"):
        caller = Caller(shell.app.test_client())
        sent: Any = {"username": who, "password": PASSWORD}
        caller.token = said(caller.post("/api/v1/auth/token", sent))["access_token"]
        for action in said(caller.get("/api/v1/actions"))["items"]:
            form = action["form"]
            for name, odd in product(form["properties"], ODD_VALUES):
                sent = json.dumps({"values": {**form["example"], name: odd}})
                path = f"/api/v1/actions/{action['name']}"
                answer = caller.post(path, data=sent, content_type="application/json")
                if answer.status_code >= 500:
                    faults.append((path, name, odd))
    assert faults == []


def test_new_values_of_a_repair_nested_too_deep_are_refused(read_only: Shell) -> None:
    caller = Caller(read_only.app.test_client())
    caller.token = said(caller.post("/api/v1/auth/token", {"username": "admin", "password": PASSWORD}))["access_token"]
    path = f"/api/v1/instances/{read_only.case('check').id}/repair/preview"
    body = '{"variables":{"outcome":' + "[" * 600 + "]" * 600 + "}}"
    answer = caller.post(path, data=body, content_type="application/json")
    assert (answer.status_code, said(answer)["code"]) == (422, "repair_impossible")
