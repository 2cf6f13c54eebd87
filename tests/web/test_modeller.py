"""Answers of the modeller page: lists, faults, trial, comparison, proposal; only for administrators, bad input told."""

import json
from typing import Any

import pytest
from lxml import etree
from werkzeug.test import TestResponse

from tests.office import BPMN
from tests.web.shell import Browser, Shell

DIAGRAMS = sorted(path.stem for path in BPMN.glob("*.bpmn"))
NAMESPACES = {"bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
              "spiff": "http://spiffworkflow.org/bpmn/schema/1.0/core"}  # fmt: skip


def xml_of(process: str = "nomination") -> str:
    return (BPMN / f"{process}.bpmn").read_text(encoding="utf-8")


def send(browser: Browser, path: str, values: Any) -> TestResponse:
    """Send what the page's script sends."""
    browser.get("/modeller")
    return browser.client.post(f"/modeller/{path}", json=values, headers={"X-CSRFToken": browser.token})


@pytest.fixture
def admin(read_only: Shell) -> Browser:
    return read_only.browser("admin")


def test_pages_show_versions_and_processes(admin: Browser) -> None:
    assert "Xét khen thưởng" in admin.get("/modeller").text
    page = admin.get("/modeller/nomination").text
    assert "Các phiên bản" in page
    assert 'data-lint="/modeller/lint"' in page
    assert admin.get("/modeller/nomination.bpmn").data == xml_of().encode()
    assert admin.get("/modeller/nothing").status_code == 404
    assert admin.get("/modeller/nothing.bpmn").status_code == 404


def test_who_is_no_administrator_stays_out(read_only: Shell) -> None:
    for who in ("officer", "auditor", "director"):
        browser = read_only.browser(who)
        assert browser.get("/modeller").status_code == 403
        browser.get("/")
        assert send(browser, "lint", {"xml": xml_of()}).status_code == 403


@pytest.mark.parametrize("process", DIAGRAMS)
def test_all_that_a_shipped_diagram_names_is_in_the_lists(admin: Browser, process: str) -> None:
    lists = admin.get(f"/modeller/{process}/lists").json
    assert lists is not None
    root = etree.fromstring(xml_of(process).encode())

    def named(path: str) -> set[str]:
        return {str(found).strip() for found in root.xpath(path, namespaces=NAMESPACES)}

    def offered(part: list[dict[str, str]]) -> set[str]:
        return {one["key"] for one in part}

    def said(name: str) -> set[str]:
        return named(f"//spiff:property[@name='{name}']/@value")

    assert said("step") <= offered(lists["steps"]["user"])
    assert named("//spiff:serviceTaskOperator/@id") <= offered(lists["steps"]["service"])
    assert named("//spiff:calledDecisionId/text()") <= offered(lists["tables"])
    assert named("//bpmn:callActivity/@calledElement") <= offered(lists["processes"])
    assert named("//bpmn:message/@name") <= offered(lists["messages"])
    assert {role.removeprefix("lane_") for role in named("//bpmn:lane/@id")} <= offered(lists["roles"])
    assert said("reminder") | said("escalate") <= offered(lists["reminders"])
    assert said("assignee") | named("//bpmn:property/@name") <= offered(lists["variables"])
    assert said("due") <= set(lists["expressions"]["due"])
    assert named("//bpmn:timeDate/text()") <= set(lists["expressions"]["timer"])
    assert named("//bpmn:conditionExpression/text()") <= set(lists["expressions"]["condition"])
    own = {"step", "assignee", "due", "reminder", "name_en"}
    assert named("//spiff:property/@name") <= own | offered(lists["properties"])
    assert all(one["label"] for part in ("tables", "messages", "roles", "reminders") for one in lists[part])


def test_faults_name_their_element_in_the_persons_language(admin: Browser) -> None:
    assert send(admin, "lint", {"xml": xml_of()}).json == {"findings": []}
    faulty = xml_of().replace('value="decisions.decide"', 'value="decisions.nothing"')
    found = [one for one in send(admin, "lint", {"xml": faulty}).json["findings"] if one["rule"] == "unknown_step"]
    assert [(one["element"], one["sentence"]) for one in found] == [("director_decides", "Không có bước này.")]
    admin.speak("en")
    sentences = {one["sentence"] for one in send(admin, "lint", {"xml": faulty}).json["findings"]}
    assert "There is no such step." in sentences
    admin.speak("vi")


@pytest.mark.parametrize("sent", ["<a", "<a/>", "sơ đồ", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"])
def test_what_is_no_diagram_is_a_fault(admin: Browser, sent: str) -> None:
    (found,) = send(admin, "lint", {"xml": sent}).json["findings"]
    assert found["sentence"] in {"Tệp không đọc được.", "Mỗi tệp phải có đúng một quy trình."}
    assert send(admin, "compare", {"xml": sent}).status_code == 422
    assert send(admin, "try", {"xml": sent, "acts": []}).status_code == 422


@pytest.mark.parametrize("path", ["lint", "try", "compare", "propose"])
@pytest.mark.parametrize("sent", [[], {}, {"xml": 1}, {"xml": ""}, {"xml": None, "content": 5}, "text"])
def test_bad_requests_are_told_and_nothing_happens(admin: Browser, path: str, sent: Any) -> None:
    answer = send(admin, path, sent)
    assert answer.status_code == 422, answer.text
    assert answer.mimetype == "application/problem+json"
    assert json.loads(answer.text)["detail"]


def test_a_drawing_that_is_too_large_is_refused(admin: Browser) -> None:
    assert send(admin, "lint", {"xml": "x" * 1_000_001}).status_code == 422


def test_a_trial_tells_what_waits_and_where_it_went(admin: Browser) -> None:
    act = {"kind": "task", "process": "nomination", "element": "draft_proposal", "values": {"proposed_form": "A"}}
    said = send(admin, "try", {"xml": xml_of(), "variables": {"unit_id": "bacson"}, "acts": [act]}).json
    assert "fl_draft_proposal__intake" in said["flows"]
    assert {"element": "draft_proposal", "state": "done"} in said["states"]
    waits = {one["element"]: one for one in said["waiting"]}
    assert waits["check_completeness"]["role"] == "Phòng Tổ chức cán bộ"
    assert waits["check_completeness"]["process_name"] == "Tiếp nhận và thẩm định hồ sơ"
    faulty = xml_of().replace('value="decisions.decide"', 'value="decisions.nothing"')
    assert send(admin, "try", {"xml": faulty, "acts": []}).status_code == 422
    for acts in ("no list", ["no act"], [{**act, "values": {"a": ["b"] * 5_000}}] * 400):
        assert send(admin, "try", {"xml": xml_of(), "acts": acts}).status_code == 422
    odd = send(admin, "try", {"xml": xml_of(), "acts": [{"kind": "none"}]})
    assert odd.json["fault"] == "Lượt đi thử không chờ việc này. Hãy thử lại từ đầu."
    assert odd.json["detail"]


@pytest.mark.parametrize("typed", ["--5", "9" * 1_500, "-", "²", "٣", ",,"])
def test_what_only_looks_like_a_number_is_text_on_trial(admin: Browser, typed: str) -> None:
    answer = send(admin, "try", {"xml": xml_of(), "variables": {"proposed_form": typed}, "acts": []})
    assert answer.status_code == 200, answer.text
    assert {one["element"] for one in answer.json["waiting"]} >= {"draft_proposal"}


def test_a_comparison_tells_and_marks_the_difference(admin: Browser) -> None:
    same = send(admin, "compare", {"xml": xml_of()}).json
    assert same["marks"] == {}
    other = xml_of().replace("Quyết định hình thức khen thưởng", "Quyết định <b>khen").replace("<b>", "&lt;b&gt;")
    found = send(admin, "compare", {"xml": other}).json
    assert found["marks"] == {"director_decides": "altered"}
    assert "Quyết định &lt;b&gt;khen" in found["html"]
    assert "<b>khen" not in found["html"]


def test_a_proposal_waits_for_a_second_administrator(shell: Shell) -> None:
    admin = shell.browser("admin")
    page = admin.get("/modeller/nomination").text
    based_on = page.split('data-based-on="')[1].split('"')[0]
    values = {"content": xml_of().replace("Quyết định hình thức khen thưởng", "Quyết định khen thưởng"),
              "based_on": based_on, "reason": "Gọi đúng tên theo quy chế mới.", "key": "once"}  # fmt: skip
    refused = send(admin, "propose", {**values, "reason": ""})
    assert refused.status_code == 422
    assert "reason" in json.loads(refused.text)["fields"]
    assert send(admin, "propose", {**values, "content": xml_of()}).status_code == 422, "nothing changes"
    assert send(admin, "propose", {**values, "based_on": "0" * 64}).status_code == 409
    made, again = send(admin, "propose", values), send(admin, "propose", values)
    assert made.status_code == 201
    assert made.json == again.json, "a repeated request gives the first answer"
    where = made.json["location"]
    shown = admin.get(where).text
    assert "/say/rulebook.withdraw_change" in shown
    assert "Quyết định hình thức khen thưởng → Quyết định khen thưởng" in shown
    assert admin.get(f"{where}.bpmn").data == values["content"].encode()
    assert admin.get(f"{where}.dmn").status_code == 404
    assert "/tasks/" in shell.browser("admin2").get(where).text
    assert "Chờ phê duyệt" in admin.get("/modeller/nomination").text
    assert "/say/rulebook.withdraw_change" not in shell.browser("admin2").get(where).text
