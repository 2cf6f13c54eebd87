"""Every page any role reaches, in both languages: no serious fault for who hears or feels it, none wider than a phone.

Every page is asked for, and what it refers to by ids is followed; it is drawn, and axe looks at it, when it has a kind
of element in a place where no page drawn before had one in that language. In English those pages are drawn again that
were drawn in Vietnamese, since other words may be too wide; axe looks again only where they are made of something else.
"""

import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from lxml import etree, html
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import DESKTOP, OUTPUT, PHONE, Album, Person, Staff
from tests.browser.worlds import World
from webapp.app import create_app
from webapp.wiring import compose

pytestmark = pytest.mark.xdist_group("pages")

AXE = Path(__file__).resolve().parents[2] / "webapp/assets/node_modules/axe-core/axe.min.js"
ROLES = ("head", "officer", "office", "secretary", "director", "member", "records", "auditor", "admin", "staff",
         "nominee")  # fmt: skip
STARTS = ("/", "/tasks", "/docs", "/password", "/search?q=nong", "/search?q=khong-co-ai", "/diagrams/nomination",
          "/tasks/00000000-0000-4000-8000-000000000000", "/tasks/bulk/decisions.record_honour", "/nowhere",
          "/modeller/new-process/probe?name=Probe&name_en=Probe&role=director&step=notes.give_opinion")  # fmt: skip
NO_PAGES = frozenset({
    "static", "health.healthz", "health.readyz", "metrics.show", "description.openapi", "audit.export",
    "files.document", "files.page", "decisions.paper", "decisions.certificate", "decisions.draft",
    "decisions.draft_certificate", "diagrams.file",
    "diagrams.picture", "diagrams.file_of_case", "diagrams.picture_of_case", "rules.file", "queue.badge",
    "ballots.start", "lookup.case", "rules.newest", "auth.sign_in_page", "queue.home", "tasks.receipt",
    "changes.table_file", "changes.diagram_file", "modeller.file", "modeller.lists", "drawings.file",
})  # fmt: skip
"""What answers with a file, a part of a page or the way to another; other tests look at sign-in and receipt."""
MOST_OF_A_KIND = 2
REFERENCES = ("for", "aria-describedby", "aria-labelledby", "aria-controls")
NAMES = ("aria-label", "aria-labelledby", "aria-describedby", "alt", "title", "id")
RUN = """async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
  .filter((one) => ['serious', 'critical'].includes(one.impact))
  .map((one) => `${one.id}: ${one.help} ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' / ')}`)"""

WIDER = """() => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? []
  : [...document.querySelectorAll('body *')]
    .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .slice(-3).map((one) => `wider than a phone: ${one.outerHTML.slice(0, 160)}`)"""


@dataclass
class Walk:
    """What was found on all pages of all roles, and where the walk has been."""

    faults: dict[str, list[str]] = field(default_factory=dict)
    visited: set[str] = field(default_factory=set)
    drawn: dict[str, list[str]] = field(default_factory=dict)
    seen: dict[str, set[tuple[object, ...]]] = field(default_factory=lambda: {"vi": set(), "en": set()})


@pytest.fixture(scope="session")
def walk(browser: Browser, served_world: World) -> Walk:
    """Every role walks through all it can reach, in both languages."""
    found = Walk()
    with Staff(browser, served_world.served.url, Album(OUTPUT / "walk")).at_work() as people:
        for who in ROLES:
            person = people[who]
            for language in ("vi", "en"):
                if language == "en":
                    person.go("/tasks")
                    person.page.get_by_role("button", name="English").click()
                    expect(person.page.get_by_role("button", name="Tiếng Việt")).to_be_visible()
                look_at_pages(person, language, found)
    return found


def look_at_pages(person: Person, language: str, walk: Walk) -> None:
    """Look at each page of one role in one language that has something not looked at before."""
    drawn = walk.drawn.setdefault(person.who, [])
    pages = pages_of(person, walk.visited) if language == "vi" else ((path, asked(person, path)[1]) for path in drawn)
    for path, root in pages:
        assert root.get("lang") == language, path
        found, kinds = loose_ends(root) + leaps(root), kinds_of(root)
        if not kinds <= walk.seen[language]:
            walk.seen[language] |= kinds
            if language == "vi":
                drawn.append(path)
            person.go(path)
            if language == "vi" or not kinds <= walk.seen["vi"]:
                found += looked_at(person.page)
            found += on_a_phone(person.page)
        if found:
            walk.faults[f"{person.who} {language} {path}"] = found


@pytest.mark.slow
def test_no_page_of_any_role_has_a_serious_fault(walk: Walk) -> None:
    assert walk.faults == {}


def asked(person: Person, path: str) -> tuple[str, html.HtmlElement]:
    """Ask for a page; return its address and what it is made of."""
    answer = person.page.context.request.get(f"{person.url}{path}")
    assert answer.status < 500, f"{path}: {answer.status}"
    return answer.url, html.fromstring(answer.body())


def pages_of(person: Person, visited: set[str]) -> Iterator[tuple[str, html.HtmlElement]]:
    """Ask for every page that can be reached by links, a few of each kind."""
    waiting, known, counts = deque(STARTS), set(STARTS), dict[str, int]()
    while waiting:
        path = waiting.popleft()
        kind = kind_of(path)
        if counts.get(kind, 0) >= MOST_OF_A_KIND:
            continue
        counts[kind] = counts.get(kind, 0) + 1
        url, root = asked(person, path)
        visited.add(urlsplit(url).path)
        yield path, root
        for link in links_of(root, url):
            if link not in known:
                known.add(link)
                waiting.append(link)


def kinds_of(root: html.HtmlElement) -> set[tuple[object, ...]]:
    """What a page is made of: every kind of element in every kind of place, with the ways it is named."""
    kinds: set[tuple[object, ...]] = set()
    for node in root.iter(etree.Element):
        parent = node.getparent()
        named = [name for name in NAMES if node.get(name)]
        inside = parent.tag if parent is not None else ""
        kinds.add((inside, node.tag, node.get("class"), node.get("role"), node.get("type"), *named))
    return kinds


def loose_ends(root: html.HtmlElement) -> list[str]:
    """Ids that stand twice, and references that lead to none."""
    ids = Counter(node.get("id") for node in root.iterfind(".//*[@id]"))
    twice = {one for one, count in ids.items() if count > 1}
    wanted = {one for name in REFERENCES for node in root.iterfind(f".//*[@{name}]") for one in node.get(name).split()}
    return [*(f"twice: {one}" for one in sorted(twice)), *(f"nowhere: {one}" for one in sorted(wanted - set(ids)))]


def leaps(root: html.HtmlElement) -> list[str]:
    """Headings that stand more than one level below the one before: one would be looked for between."""
    headings = [
        (int(node.tag[1]), node.text_content().strip()) for node in root.iter("h1", "h2", "h3", "h4", "h5", "h6")
    ]
    return [
        f"leaps: {text}"
        for (before, _), (level, text) in zip([(0, ""), *headings], headings, strict=False)
        if level > before + 1
    ]


def kind_of(path: str) -> str:
    """What a path shows, without whose: ids, keys, days and queries left out; each form of a step is a kind."""
    plain = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "*", unquote(urlsplit(path).path))
    plain = re.sub(r"(?<=/)(ĐN-[^/]+|PH-[^/]+|\d[^/]*)", "*", plain)
    plain = re.sub(r"^/rules/[^/]+", "/rules/*", plain)
    return plain + ("?" if urlsplit(path).query and plain in {"/tasks", "/nominations", "/audit"} else "")


def links_of(root: html.HtmlElement, base: str) -> list[str]:
    """Paths of this site that the page leads to, without files."""
    paths = []
    for link in root.iterfind(".//a[@href]"):
        parts = urlsplit(urljoin(base, link.get("href")))
        file = re.search(r"\.(pdf|csv|json|svg|bpmn|dmn|png)$|^/files/[^/]+$", parts.path)
        if parts.netloc == urlsplit(base).netloc and not file and "download" not in link.attrib:
            paths.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return paths


def looked_at(page: Page) -> list[str]:
    """Serious faults of a page."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    faults: list[str] = page.evaluate(RUN)
    return faults


def on_a_phone(page: Page) -> list[str]:
    """What makes a page wider than a phone, so that it must be pushed sideways to be read."""
    page.set_viewport_size(PHONE)
    wide: list[str] = page.evaluate(WIDER)
    page.set_viewport_size(DESKTOP)
    return wide


@pytest.mark.slow
def test_the_walk_leaves_no_page_out(served_world: World, walk: Walk) -> None:
    office = served_world.office
    app = create_app(office.settings, compose(office.settings, office.engine))
    routes = app.url_map.bind("")
    seen = {routes.match(unquote(path))[0] for path in walk.visited if routes.test(unquote(path))}
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert {page for page in pages - seen - NO_PAGES if not page.startswith("api")} == set()


def test_sign_in_has_no_serious_fault(world_staff: Staff) -> None:
    page = world_staff.context().new_page()
    for other in ("English", "Tiếng Việt"):
        page.goto(f"{world_staff.url}/sign-in")
        assert looked_at(page) == []
        page.get_by_role("button", name=other).click()
        expect(page.get_by_role("button", name=other)).to_have_count(0)


def test_a_step_is_done_without_scripts(served_world: World, world_staff: Staff) -> None:
    """Take a task, make a mistake, mend it, send: all of it with links and forms alone."""
    page = world_staff.context(java_script_enabled=False).new_page()
    officer = Person("officer", world_staff.url, page, world_staff.album)
    officer.sign_in()
    officer.take("Kiểm tra thành phần hồ sơ", served_world.stages["check"])
    officer.press("Gửi")
    expect(page.locator(".error-summary")).to_contain_text("Xử lý hồ sơ")
    officer.choose("Đủ hồ sơ")
    officer.shot("without-scripts")
    officer.press("Gửi")
    officer.done("Bước tiếp theo")
