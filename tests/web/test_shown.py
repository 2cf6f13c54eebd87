"""What pages show beside their data: ways on from empty lists, pages of long ones, dates as people write them."""

import re
from pathlib import Path

import pytest

from tests.web.shell import Shell
from webapp.ui import admin

TEMPLATES = Path(__file__).resolve().parents[2] / "webapp" / "templates"
OF_THE_SHELL = {"account", "actor", "counts", "demo", "my_post", "my_roles", "navigation", "now", "unread"}
IMPORTED = re.compile(r"{% from \S+ import (.+?)(?: with context)? ?%}")


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_page_hides_a_word_of_the_frame_behind_one_of_its_own(path: Path) -> None:
    parts = [part for found in IMPORTED.findall(path.read_text(encoding="utf-8")) for part in found.split(",")]
    assert not {part.split(" as ")[-1].strip() for part in parts} & OF_THE_SHELL


def test_who_has_no_task_is_told_what_there_is_to_comment_on(read_only: Shell) -> None:
    page = read_only.browser("staff").get("/tasks").text
    assert "đề nghị đang được công khai" in page
    assert 'class="filters"' not in page, "nothing to filter"


def test_a_round_is_called_by_its_name(read_only: Shell) -> None:
    page = read_only.browser("officer").get(f"/nominations/{read_only.case('feedback').nomination_id}").text
    assert re.search(r"<dt>Đợt</dt><dd>\w+ [^<]+<span", page)


def test_a_day_is_asked_for_as_people_write_it(read_only: Shell) -> None:
    page = read_only.browser("officer").get("/changes/new").text
    assert re.search(r'name="valid_from" value="\d\d/\d\d/\d{4}"', page)
    assert 'type="date"' not in page


def test_a_wrong_example_is_told_beside_its_field(read_only: Shell) -> None:
    page = read_only.browser("staff").get("/rules/vote_outcome/2019-01-01?try=1&in_cast=nhi%E1%BB%81u").text
    assert "Nhập một số" in page
    assert "is no number" not in page


def test_a_long_list_of_people_has_pages(read_only: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin, "PAGE", 3)
    browser = read_only.browser("admin")
    first, second = browser.get("/admin/people").text, browser.get("/admin/people?page=2").text
    assert "Trang 1/" in first
    assert 'rel="prev"' in second
    names = [set(re.findall(r'href="/admin/people/([0-9a-z-]+)"', page)) for page in (first, second)]
    assert [len(found) for found in names] == [3, 3]
    assert not names[0] & names[1]
    assert "Không có ai khớp" in browser.get("/admin/people?q=zzzz").text
