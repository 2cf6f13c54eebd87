"""The people of the office, each in a browser of their own, doing what a person does: read, type, press."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, FilePayload, Locator, Page, ViewportSize, expect

from tests.browser.serving import PASSWORD

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
OUTPUT = Path(__file__).resolve().parents[1] / "output" / "screens"
ANSWERED = re.compile(
    r"Failed to load resource: the server responded with a status of (401|403|404|409|422)"
    r"|Response Status Error Code 401 |htmx:(afterRequest|sendAbort), "
)
"""What is written for a refusal that the page shows to the person, or a draft that was no longer needed: no fault."""

PAGE_MILLISECONDS = 30_000
"""How long a page of a busy machine may take to show what is waited for, in milliseconds."""

WORKER_MILLISECONDS = 60_000
"""How long a worker of a busy machine may take for what a page waits for, in milliseconds."""

expect.set_options(timeout=PAGE_MILLISECONDS)

TELL_VIOLATIONS = """document.addEventListener('securitypolicyviolation', (event) => console.error('Forbidden:',
  event.violatedDirective, event.sourceFile, event.columnNumber, event.target?.outerHTML?.slice(0, 200)))"""


@dataclass
class Person:
    """One person of the office at a browser; `who` is the nickname and the sign-in name."""

    who: str
    url: str
    page: Page
    album: "Album"

    def sign_in(self) -> "Person":
        """Sign in with name and password."""
        self.page.goto(f"{self.url}/sign-in")
        self.page.get_by_label("Tên đăng nhập").fill(self.who)
        self.page.get_by_label("Mật khẩu").fill(PASSWORD)
        self.page.get_by_role("button", name="Đăng nhập").click()
        expect(self.page.locator(".topbar .menu")).to_be_visible()
        return self

    def go(self, path: str) -> None:
        """Open an address."""
        self.page.goto(f"{self.url}{path}")

    def nav(self, words: str) -> None:
        """Follow a link of the side navigation."""
        self.page.locator(".sidenav").get_by_role("link", name=words).click()

    def press(self, words: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=words, exact=True).click()

    def follow(self, words: str) -> None:
        """Follow a link of the page's main part."""
        self.page.locator("main").get_by_role("link", name=words).first.click()

    def field(self, words: str) -> Locator:
        """The field with a label; `(không bắt buộc)` and the like may follow it."""
        return (
            self.page.locator("main form")
            .get_by_label(words, exact=True)
            .or_(self.page.locator("main form").get_by_label(f"{words} (không bắt buộc)", exact=True))
        )

    def type(self, **fields: str) -> None:
        """Fill fields of the task's form by their names."""
        for name, text in fields.items():
            self.page.locator(f'main form [name="{name}"]').fill(text)

    def choose(self, words: str, within: str = "main form") -> None:
        """Mark a choice by its words."""
        self.page.locator(within).get_by_label(words, exact=True).check()

    def listens(self) -> None:
        """Wait until the page's script hears keys: the form stands there earlier, and a key pressed then is lost."""
        self.page.wait_for_load_state("load")

    def send(self) -> None:
        """Send the form of the page by the keyboard."""
        self.listens()
        self.page.locator("form[data-main] button.btn-primary").last.focus()
        self.page.keyboard.press("Control+Enter")

    def sees(self, *sentences: str | re.Pattern[str]) -> None:
        """The page says so."""
        for sentence in sentences:
            expect(self.page.locator("main")).to_contain_text(sentence)

    def refused(self, name: str, sentence: str | re.Pattern[str]) -> None:
        """A sentence stands beside a field, and the focus is on what must be mended."""
        beside = self.page.locator(f'.has-error:has([name="{name}"])').last
        expect(beside.locator(".error").first).to_contain_text(sentence)
        expect(self.page.locator("#error-summary")).to_be_focused()
        self.listens()

    def done(self, *next_steps: str) -> None:
        """The receipt says what was done and what comes next."""
        expect(self.page.get_by_role("heading", name="Đã ghi nhận")).to_be_visible()
        self.sees(*next_steps)

    def take(self, words: str, key: str) -> None:
        """Take a shared task of a case out of the queue of one's roles."""
        self.nav("Việc chung")
        row = self.page.locator("tr", has_text=key).filter(has_text=words)
        row.get_by_role("button", name="Nhận việc").click()
        expect(self.page.locator("#task-form")).to_be_visible()

    def open_mine(self, words: str, key: str) -> None:
        """Open a task that one holds."""
        self.nav("Việc của tôi")
        self.page.locator("tr", has_text=key).get_by_role("link", name=words).click()
        expect(self.page.locator("#task-form")).to_be_visible()

    def attach(self, kind: str, name: str, content: bytes) -> None:
        """Attach a file to the dossier beside the form."""
        self.page.get_by_label("Loại tài liệu").select_option(label=kind)
        file: FilePayload = {"name": name, "mimeType": "application/pdf", "buffer": content}
        self.page.get_by_label("Tệp", exact=True).set_input_files(file)
        self.press("Thêm tệp")

    def awaits(self, text: str) -> None:
        """Wait until this page would say so, asking for it again and again; then show it."""
        # A promise is as good as true to what waits here, whatever it brings: so the question is asked in one go.
        asks = """(text) => {
          const request = new XMLHttpRequest();
          request.open("GET", location.href, false);
          request.send();
          return request.responseText.includes(text);
        }"""
        self.page.wait_for_function(asks, arg=text, polling=250, timeout=WORKER_MILLISECONDS)
        self.page.reload()

    def shot(self, name: str, *, phone: bool = False) -> None:
        """Keep a picture of the page."""
        self.album.keep(self.page, name)
        if phone:
            self.page.set_viewport_size(PHONE)
            self.album.keep(self.page, f"{name}-phone")
            self.page.set_viewport_size(DESKTOP)


@dataclass
class Album:
    """Numbered pictures of one story."""

    folder: Path
    count: int = 0

    def keep(self, page: Page, name: str) -> None:
        """Save a picture of the whole page."""
        self.count += 1
        self.folder.mkdir(parents=True, exist_ok=True)
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=self.folder / f"{self.count:02d}-{name}.png", full_page=True, animations="disabled")


@dataclass
class Staff:
    """All people of a served office; each browser listens to what Chromium complains of."""

    browser: Browser
    url: str
    album: Album
    people: dict[str, Person] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def __getitem__(self, who: str) -> Person:
        """The person, signed in when first asked for."""
        if who not in self.people:
            self.people[who] = Person(who, self.url, self.context().new_page(), self.album)
            self.people[who].sign_in()
        return self.people[who]

    def context(self, **more: object) -> BrowserContext:
        """A browser of its own, as on a computer of the office."""
        given = {"viewport": DESKTOP, "locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh", **more}
        context = self.browser.new_context(**given)  # type: ignore[arg-type]
        context.set_default_timeout(PAGE_MILLISECONDS)
        context.add_init_script(TELL_VIOLATIONS)
        context.on("console", lambda message: self.hear(message.type, f"{message.text} [{message.location}]"))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        return context

    def hear(self, kind: str, text: str) -> None:
        """Note an error of a page: a script that failed, something the security policy forbade."""
        if kind == "error" and not ANSWERED.match(text):
            self.complaints.append(text)

    def keep_last_pages(self) -> None:
        """Keep what everybody saw last, for a test that failed."""
        for person in self.people.values():
            self.album.keep(person.page, f"failed-{person.who}")

    @contextmanager
    def at_work(self) -> Iterator["Staff"]:
        """Close every browser in the end; no page may have complained."""
        yield self
        for person in self.people.values():
            person.page.context.close()
        assert not self.complaints, "\n".join(self.complaints)
