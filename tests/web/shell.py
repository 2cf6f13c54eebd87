"""The shell of the tests: the whole product over the tests' office, and one browser for each of its people."""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine import queries
from tests.office import PEOPLE, Case, Office
from tests.support.warm import TEMPLATES
from webapp.app import create_app
from webapp.auth.queries import count_accounts
from webapp.auth.service import create_account
from webapp.wiring import compose

PASSWORD = "mot-mat-khau-thu"
SUMMARY = "Chủ động cải tiến tiếp dân, rút ngắn thời gian giải quyết, được đồng nghiệp và người dân ghi nhận."
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Browser:
    """One person's browser. Every form it sends carries the origin token of a page it has seen."""

    client: FlaskClient
    who: str
    token: str = ""
    language: str = "vi"

    def get(self, path: str, **more: Any) -> TestResponse:
        """Open a page."""
        answer = self.client.get(path, **more)
        if found := _TOKEN.search(answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""):
            self.token = unescape(found.group(1))
        return answer

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, token: str | None = None, **more: Any
    ) -> TestResponse:
        """Send a form."""
        form = {"csrf_token": self.token if token is None else token, **(data or {})}
        answer = self.client.post(path, data=form, **more)
        answer.request.environ["wsgi.input"].close()  # a large upload lies in a file of its own
        return answer

    def speak(self, language: str) -> None:
        """Switch the language."""
        if language != self.language:
            assert self.post("/language", {"language": language, "next": "/"}).status_code == 302
            self.language = language


@dataclass
class Shell:
    """The product in one process, with an account for everybody."""

    office: Office
    app: Flask
    stages: dict[str, str] = field(default_factory=dict)
    browsers: dict[str, Browser] = field(default_factory=dict)

    @classmethod
    def over(cls, office: Office, stages: dict[str, str] | None = None) -> "Shell":
        """Put the shell over an office; everybody gets an account under the nickname, unless there is one."""
        app = create_app(office.settings, compose(office.settings, office.engine))
        app.jinja_env.bytecode_cache = TEMPLATES
        shell = cls(office, app, stages or {})
        if not count_accounts(office.engine.sessions):
            for nickname in PEOPLE:
                create_account(office.engine.sessions, username=nickname, person_id=office.people[nickname],
                               password=PASSWORD, now=office.clock.now())  # fmt: skip
        return shell

    def close(self) -> None:
        """Let go of the database."""
        self.office.database.dispose()

    def case(self, stage: str) -> Case:
        """The case at a stage of the world."""
        found = queries.find_instance(self.office.engine, self.stages[stage])
        assert found is not None
        return Case(self.office, found.id, found.business_key)

    def nobody(self) -> Browser:
        """A browser in which nobody is signed in."""
        browser = Browser(self.app.test_client(), "")
        browser.get("/sign-in")
        return browser

    def browser(self, who: str) -> Browser:
        """The browser of a person, signed in and in Vietnamese, whatever a test before left it in."""
        if who not in self.browsers:
            browser = self.nobody()
            browser.who = who
            answer = browser.post("/sign-in", {"username": who, "password": PASSWORD, "next": "/"})
            assert answer.status_code == 302, answer.get_data(as_text=True)
            assert browser.get("/tasks").status_code == 200
            self.browsers[who] = browser
        self.browsers[who].speak("vi")
        return self.browsers[who]


def opened(office: Office, nominee: str = "nominee", **more: Any) -> Case:
    """A nomination whose draft lies with the head of Bắc Sơn."""
    return office.start("head", round="2025-TK", unit=office.units["bacson"], nominee_kind="INDIVIDUAL",
                        nominee_id=office.people[nominee], **more)  # fmt: skip


def filed(office: Office, nominee: str = "nominee", form: str = "GIAY_KHEN", **more: Any) -> Case:
    """A nomination filed with every document it needs."""
    case = opened(office, nominee)
    for kind in ("SUBMISSION_LETTER", "ACHIEVEMENT_REPORT", "UNIT_MINUTES", "CONFIRMATION", "CERTIFICATE", "EVIDENCE"):
        office.attach("head", case.nomination_id, kind, name=f"{kind.lower()}.pdf")
    ground = {"ground": "A"} if form == "BANG_KHEN_BO_TRUONG" else {}
    case.do("draft_proposal", "head", proposed_form=form, achievement="Cải tiến tiếp dân, giải quyết hồ sơ đúng hạn",
            achieved_from="2023-01-01", achieved_to="2025-03-31", summary=SUMMARY, letter_number="12/TTr-CCTHADS",
            letter_on="2025-05-05", **ground, **more)  # fmt: skip
    return case


def checked(case: Case, who: str = "officer") -> None:
    """The dossier is found complete and goes on to its appraisal."""
    task = case.task("check_completeness", who)
    case.claim("check_completeness", who)
    rows = [{"item": row["item"], "status": "PRESENT"} for row in _rows(case, task.id, who)]
    case.do("check_completeness", who, items=rows, outcome="accepted")


def _rows(case: Case, task_id: Any, who: str) -> list[dict[str, Any]]:
    return list(queries.task_form(case.office.engine, task_id, case.office.actor(who)).values["items"])


def appraised(case: Case) -> None:
    """From the check to the feedback window."""
    checked(case)
    if "acknowledge_warnings" in case.open_elements():
        task = case.task("acknowledge_warnings", "officer")
        example = queries.task_form(case.office.engine, task.id, case.office.actor("officer")).schema["example"]
        case.do("acknowledge_warnings", "officer", **example)
    case.do("appraise", "officer", recommendation="support", report="Hồ sơ đủ điều kiện, thành tích rõ ràng, nổi bật.")


def heard(case: Case) -> None:
    """After the window has closed the summary is written and confirmed."""
    case.do("summarise_feedback", "office", text="Không có ý kiến nào trong thời gian công khai.")
    case.do("confirm_feedback_summary", "officer")


def sitting(office: Office, key: str = "PH-01", mode: str = "OPEN") -> str:
    """A sitting that opens its lines at once."""
    office.act("secretary", "council.create_session", session_key=key, title=f"Phiên họp {key}", mode=mode,
               place="Phòng họp tầng 2")  # fmt: skip
    return key


def seated(case: Case, key: str) -> None:
    """The nomination is put on a sitting; its ballots are out."""
    case.do("schedule_nomination", "secretary", session_key=key)


def voted(case: Case, choice: str = "AGREE") -> None:
    """Every voter votes the same; the line is counted."""
    for task in case.open_tasks():
        who = next(name for name, person in case.office.people.items() if person == task.assignee)
        case.do("cast_ballot", who, interest="NONE", choice=choice)


def minuted(case: Case) -> None:
    """Secretary and chair confirm the minutes."""
    office = case.office
    task = case.task("confirm_minutes_secretary", "secretary")
    values = dict(queries.task_form(office.engine, task.id, office.actor("secretary")).values)
    values["absent"] = [{**one, "reason": one["reason"] or "Không tham gia xét"} for one in values["absent"]]
    case.do("confirm_minutes_secretary", "secretary", **values)
    case.do("confirm_minutes_chair", "director", confirmed=True)


NOMINEES = (
    "Nông Thị Ánh",
    "Hoàng Thị Biên",
    "Vi Văn Chiến",
    "Lý Thị Dung",
    "Hà Văn Giáp",
    "Lâm Thị Hiền",
    "Mông Văn Hùng",
    "Đinh Thị Kiều",
    "Lục Văn Lợi",
    "Tô Thị Mai",
    "Nguyễn Thị Ngân",
    "Phan Văn Quý",
)


def world(office: Office) -> dict[str, str]:
    """Cases at every stage a page may meet, each walked there by its people; return their keys by stage."""
    for number, name in enumerate(NOMINEES):
        office.person_arrives(f"n{number}", name, "bacson", "Chấp hành viên")
    found: dict[str, Case] = {"draft": opened(office, "n0"), "check": filed(office, "n1")}
    found["returned"] = returned(filed(office, "n2"))
    ready = {stage: filed(office, f"n{number}") for number, stage in enumerate(READY, start=3)}
    ready["referral"] = filed(office, "n11", "BANG_KHEN_BO_TRUONG")
    for case in ready.values():
        appraised(case)
        say_something(case)
    office.wait(days=20)
    for case in ready.values():
        heard(case)
    found |= ready
    found["feedback"] = filed(office, "nominee")
    appraised(found["feedback"])
    say_something(found["feedback"])
    at_the_council(office, found)
    decided(office, found)
    found["withdrawn"] = filed(office, "nominee2")
    found["withdrawn"].say("head", "nominations.withdraw", reason="Đơn vị xem xét lại thành tích.")
    office.act("officer", "nominations.raise_flag", nominee_kind="INDIVIDUAL", nominee_id=office.people["n1"],
               kind="DENUNCIATION", raised_on="2025-04-01", text="Có đơn tố cáo đang được xem xét.")  # fmt: skip
    return {stage: case.key for stage, case in found.items()}


READY = ("schedule", "open_vote", "secret_vote", "director", "signing", "awarded")
"""Stages after intake of the nominees 3 to 8."""


def returned(case: Case) -> Case:
    """The checker sends the dossier back for one document."""
    task = case.task("check_completeness", "officer")
    case.claim("check_completeness", "officer")
    rows = [{"item": row["item"], "status": "PRESENT"} for row in _rows(case, task.id, "officer")]
    for row in rows:
        if row["item"] == "UNIT_MINUTES":
            row |= {"status": "FLAWED", "reason": "Biên bản thiếu chữ ký của thư ký."}
    case.do("check_completeness", "officer", items=rows, outcome="returned", reason="Cần bổ sung biên bản.")
    return case


def say_something(case: Case) -> None:
    """A colleague comments while the window is open."""
    case.say("staff", "feedback.post_comment", kind="SUPPORT", text="Đồng chí làm việc tận tụy, xứng đáng được khen.")


def at_the_council(office: Office, found: dict[str, Case]) -> None:
    """One sitting votes openly, one in secret; what goes further is voted, counted and minuted."""
    open_key, secret_key = sitting(office, "PH-01", "OPEN"), sitting(office, "PH-02", "SECRET")
    for stage in ("open_vote", "director", "signing", "awarded", "referral"):
        seated(found[stage], open_key)
    seated(found["secret_vote"], secret_key)
    for stage in ("director", "signing", "awarded", "referral"):
        voted(found[stage])
        minuted(found[stage])


def decided(office: Office, found: dict[str, Case]) -> None:
    """The director grants, refers, signs; the records office issues; the office honours."""
    found["referral"].do("director_decides", "director", decision="REFER_TO_MINISTER", reason="")
    for stage in ("awarded", "signing"):
        found[stage].do("director_decides", "director", decision="GRANT_GIAY_KHEN", reason="")
    awarded = found["awarded"]
    issued(awarded)
    awarded.do("honour", "office", honoured_on=office.today.isoformat(), place="Hội trường", conferred_by="Cục trưởng")


def issued(case: Case) -> None:
    """The director signs, the records office registers the scan; honouring is left to do."""
    office = case.office
    case.do("sign_decision", "director", together=[], capacity="HEAD", confirm=True)
    scan = office.act("records", "decisions.file_signed_scan", decision=case.variables["decision_id"],
                      sha256=office.file("bản ký"), name="Quyết định đã ký.pdf")["document_id"]  # fmt: skip
    case.claim("register_decision", "records")
    case.do("register_decision", "records", book="Sổ văn bản đi", entry_number="125", copies=5, signed_scan=scan,
            registered_on=office.today.isoformat())  # fmt: skip
    office.machines_work()
