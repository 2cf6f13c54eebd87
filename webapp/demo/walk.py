"""How the people of the demonstration lead nominations through the diagrams, step by step, each by its door."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from webapp.demo.office import Case, Office
from webapp.demo.papers import Paper, PrintRoom
from webapp.demo.people import ACCOUNTS, COUNCIL
from webapp.demo.stories import Story

LETTER_KINDS = (
    ("SUBMISSION_LETTER", "Tờ trình", "Tờ trình.pdf"), ("ACHIEVEMENT_REPORT", "Báo cáo thành tích", "Báo cáo.pdf"),
    ("UNIT_MINUTES", "Biên bản họp xét", "Biên bản.pdf"),
)  # fmt: skip
COMMENTERS = ("congchuc", "hd8", "kiemtoan", "vanthu")
FLAG_TEXTS = {
    "DISCIPLINE_PENDING": "Đang xem xét xử lý kỷ luật theo thông báo của cơ quan có thẩm quyền.",
    "COMPLAINT": "Có đơn khiếu nại liên quan đang được giải quyết, chưa có kết luận.",
    "DENUNCIATION": "Có đơn tố cáo đang được xác minh.",
    "DISCIPLINED": "Đã bị khiển trách, hết thời hạn kỷ luật.",
}  # fmt: skip
_NAMES = {account.username: account.name for account in ACCOUNTS}
_TITLES = {account.username: account.post for account in ACCOUNTS}


@dataclass
class Walk:
    """The cases of one round on their way; a case is found by its story's nominee."""

    office: Office
    room: PrintRoom
    cases: dict[str, Case] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    _letters: int = 0

    def pass_time(self, minutes: int = 9) -> None:
        """Let some minutes go by between two acts."""
        self.office.clock.advance(timedelta(minutes=minutes))

    # the unit

    def open(self, story: Story) -> None:
        """The head of the unit opens the nomination; a record about the nominee was made before."""
        office = self.office
        nominee_id = office.units[story.nominee] if story.collective else office.people[story.nominee]
        if story.relative_of:
            office.act("admin", "organisation.declare_relation", person_id=office.people[story.relative_of],
                       relative_id=nominee_id, kind="SIBLING")  # fmt: skip
        if story.flag:
            self.raise_flag(story, nominee_id)
        self.cases[story.nominee] = office.start(
            story.proposer, round=story.round, unit=office.units[story.unit],
            nominee_kind="COLLECTIVE" if story.collective else "INDIVIDUAL", nominee_id=nominee_id,
            proposed_form=story.form,
        )  # fmt: skip
        self.pass_time()

    def raise_flag(self, story: Story, nominee_id: str) -> None:
        """Phòng TCCB records what is under verification, or a discipline that has ended."""
        ended = story.flag == "DISCIPLINED"
        today = self.office.today
        more = {"closed_on": f"{today.year - 1}-03-01"} if ended else {}
        made = self.office.act(
            "tccb2", "nominations.raise_flag", nominee_kind="COLLECTIVE" if story.collective else "INDIVIDUAL",
            nominee_id=nominee_id, kind=story.flag, document="18/TB-CTHADS", text=FLAG_TEXTS[story.flag],
            raised_on=f"{today.year - 2}-03-01" if ended else (today - timedelta(3)).isoformat(), **more,
        )  # fmt: skip
        self.flags[story.nominee] = str(made["flag_id"])

    def file(self, story: Story) -> None:
        """The head attaches the three papers and files the proposal."""
        case, office = self.cases[story.nominee], self.office
        self._letters += 1
        number = f"{self._letters + 10:02d}/TTr-{'CCTHADS' if story.unit.startswith('chi-cuc') else 'PTHADS'}"
        for kind, title, name in LETTER_KINDS:
            self.attach(story, kind, title, name, number)
        first, last = ("2019-09-01", "2022-08-15") if story.round == "2022-SK" else ("2022-09-01", "2025-04-30")
        more: dict[str, Any] = {"ground": "A"} if story.form == "BANG_KHEN_BO_TRUONG" else {}
        if story.collective:
            more["internal_unity"] = True
        case.do("draft_proposal", story.proposer, proposed_form=story.form, achievement=story.achievement,
                achieved_from=first, achieved_to=last, summary=story.summary, letter_number=number,
                letter_on=office.today.isoformat(), **more)  # fmt: skip
        self.pass_time()

    def attach(self, story: Story, kind: str, title: str, name: str, number: str) -> None:
        """Print a paper of the dossier and file it."""
        case, office = self.cases[story.nominee], self.office
        about = _NAMES.get(story.nominee, story.nominee) if not story.collective else "tập thể đơn vị"
        sha256 = self.room.file(Paper(
            above="Cục Thi hành án dân sự tỉnh Lạng Sơn", issuer=office.unit_names[story.unit], number=number,
            on=office.today, kind=title, title=f"Đề nghị khen thưởng {about}",
            paragraphs=[f"Thành tích: {story.achievement}.", story.summary,
                        "Đơn vị đã họp xét, biểu quyết thống nhất đề nghị cấp có thẩm quyền khen thưởng."],
            signer_title=_TITLES[story.proposer], signer=_NAMES[story.proposer],
        ))  # fmt: skip
        office.act(story.proposer, "documents.file_document", subject_id=case.nomination_id, kind=kind, sha256=sha256,
                   name=name)  # fmt: skip

    def supplement(self, story: Story) -> None:
        """The unit mends what was flagged."""
        self.attach(story, "UNIT_MINUTES", "Biên bản họp xét", "Biên bản có đủ chữ ký.pdf", "15/BB")
        self.cases[story.nominee].do(
            "supplement_dossier", story.proposer, note="Đã bổ sung biên bản có đủ chữ ký, làm rõ số liệu.",
            summary=f"{story.summary} Kết quả giải quyết công việc đạt trên 95% kế hoạch.",
        )  # fmt: skip
        self.pass_time()

    def withdraw(self, story: Story) -> None:
        """The proposer takes the nomination back."""
        self.cases[story.nominee].say(story.proposer, "nominations.withdraw",
                                      reason="Đơn vị xin rút để bổ sung thành tích, đề nghị vào đợt sau.")  # fmt: skip
        self.pass_time()

    # Phòng TCCB

    def checker(self, story: Story) -> str:
        """Return who checks: the second officer, and for every third case the head of the room."""
        turn = list(self.cases).index(story.nominee) % 3 == 0
        return "tccb" if turn and story.proposer != "tccb" else "tccb2"

    def check(self, story: Story, outcome: str = "accepted") -> None:
        """The officer checks the dossier item by item."""
        case, who = self.cases[story.nominee], self.checker(story)
        rows = [dict(row) for row in case.form("check_completeness", who).values["items"]]
        if outcome == "returned":
            for row in rows:
                if row["item"] == "UNIT_MINUTES":
                    row |= {"status": "FLAWED", "reason": "Biên bản thiếu chữ ký của thư ký cuộc họp."}
                elif row["item"] == "ACHIEVEMENT":
                    row |= {"status": "FLAWED", "reason": "Nêu rõ số liệu kết quả giải quyết công việc."}
        more = {"reason": story.reason} if outcome == "rejected" else {}
        case.do("check_completeness", who, items=rows, outcome=outcome, **more)
        self.pass_time()

    def resolve_block(self, story: Story) -> None:
        """The officer concludes that the block stands."""
        self.cases[story.nominee].do("handle_block", self.checker(story), resolution="conclude",
                                     reason="Vụ việc chưa có kết luận khi hết hạn xét.")  # fmt: skip
        self.pass_time()

    def appraise(self, story: Story) -> None:
        """The officer weighs warnings, where there are any, and appraises."""
        case, who = self.cases[story.nominee], self.checker(story)
        if case.waits_at("acknowledge_warnings"):
            codes = case.form("acknowledge_warnings", who).schema["properties"]["codes"]["items"]["enum"]
            case.do("acknowledge_warnings", who, codes=codes, text="Đã xem xét, không ảnh hưởng đến kết quả đề nghị.")
        case.do("appraise", who, recommendation="support",
                report=f"Hồ sơ đầy đủ. {story.achievement}: có minh chứng, đề nghị Hội đồng xét.")  # fmt: skip
        self.pass_time()

    # feedback

    def comment(self, story: Story) -> None:
        """Colleagues say what they think."""
        for place, line in enumerate(story.comments):
            kind, _, text = line.partition(": ")
            self.cases[story.nominee].say(COMMENTERS[place], "feedback.post_comment", kind=kind, text=text)
            self.pass_time(40)

    def verify(self, story: Story, finding: str) -> None:
        """Phòng TCCB verifies a serious comment."""
        texts = {"confirmed": "Xác minh đúng như phản ánh; đang xem xét trách nhiệm.",
                 "unfounded": "Đã xác minh, nội dung phản ánh không có cơ sở."}  # fmt: skip
        self.cases[story.nominee].do("verify_comment", self.checker(story), finding=finding, text=texts[finding],
                                     evidence="Biên bản làm việc số 05/BB-TCCB")  # fmt: skip
        self.pass_time()

    def summarise(self, story: Story) -> None:
        """The office sums the comments up."""
        words = "Trong thời hạn lấy ý kiến không có ý kiến nào." if not story.comments else (
            f"Nhận {len(story.comments)} ý kiến; không có ý kiến phản đối việc khen thưởng.")  # fmt: skip
        self.cases[story.nominee].do("summarise_feedback", "vanphong", text=words)
        self.pass_time()

    def confirm_summary(self, story: Story) -> None:
        """Phòng TCCB confirms the summary."""
        self.cases[story.nominee].do("confirm_feedback_summary", self.checker(story), note="")
        self.pass_time()

    # the council

    def schedule(self, story: Story, session_key: str) -> None:
        """The secretary puts the nomination on a sitting."""
        self.cases[story.nominee].do("schedule_nomination", "tccb", session_key=session_key)
        self.pass_time(3)

    def vote(self, story: Story, *, most: int = 9) -> None:
        """Members cast their ballots, the first `most` of those who may; the first `against` of them disagree."""
        case = self.cases[story.nominee]
        wanted = {task.assignee for task in case.open_tasks() if task.element_id == "cast_ballot"}
        voters = [who for who in COUNCIL if self.office.people[who] in wanted][:most]
        for place, who in enumerate(voters):
            choice = "DISAGREE" if place < story.against else "AGREE"
            case.do("cast_ballot", who, interest="NONE", choice=choice, manner="PRESENT")
            self.pass_time(1)

    def write_minutes(self, story: Story) -> None:
        """The secretary writes the minutes."""
        case = self.cases[story.nominee]
        values = case.form("confirm_minutes_secretary", "tccb").values
        absent = [{**row, "reason": row.get("reason") or "Đi công tác"} for row in values.get("absent", [])]
        case.do("confirm_minutes_secretary", "tccb", **{**values, "absent": absent,
                "discussion": "Hội đồng nghe báo cáo thẩm định, thảo luận và bỏ phiếu."})  # fmt: skip
        self.pass_time(5)

    def confirm_minutes(self, story: Story) -> None:
        """The chair confirms them; the vice-chair where the chair is family of the nominee."""
        who = "phocuctruong" if story.relative_of == "cuctruong" else "cuctruong"
        self.cases[story.nominee].do("confirm_minutes_chair", who, confirmed=True)
        self.pass_time(3)

    # the director and after

    def decide(self, story: Story, decision: str, reason: str = "") -> None:
        """The director decides."""
        more = {"reason": reason} if reason else {}
        self.cases[story.nominee].do("director_decides", "cuctruong", decision=decision, **more)
        self.pass_time()

    def sign(self, stories: list[Story]) -> None:
        """The director signs one decision for all of them; what follows by itself happens."""
        first, *others = (self.cases[story.nominee] for story in stories)
        first.do("sign_decision", "cuctruong", together=[case.key for case in others], capacity="HEAD", confirm=True)
        self.office.settle()
        self.pass_time()

    def register(self, story: Story, entry: str) -> None:
        """The records officer files the signed scan and registers the decision, for all that are in it."""
        case, office = self.cases[story.nominee], self.office
        decision_id = str(case.variables["decision_id"])
        sha256 = self.room.file(Paper(
            above="Tổng cục Thi hành án dân sự", issuer="Cục Thi hành án dân sự tỉnh Lạng Sơn", number=entry,
            on=office.today, kind="Quyết định", title="Bản quét có chữ ký và con dấu",
            paragraphs=["Bản quét thử nghiệm của quyết định đã ký, đóng dấu."], signer_title="Cục trưởng",
            signer=_NAMES["cuctruong"],
        ))  # fmt: skip
        office.act("vanthu", "decisions.file_signed_scan", decision=decision_id, sha256=sha256,
                   name=f"Quyết định {entry}.pdf")  # fmt: skip
        scans = case.form("register_decision", "vanthu").schema["properties"]["signed_scan"]["enum"]
        case.do("register_decision", "vanthu", book="Sổ đăng ký văn bản đi", entry_number=entry, copies=12,
                registered_on=office.today.isoformat(), signed_scan=scans[0])  # fmt: skip
        office.settle()
        self.pass_time()

    def honour(self, story: Story) -> None:
        """The office confers the award."""
        self.cases[story.nominee].do("honour", "vanphong", honoured_on=self.office.today.isoformat(),
                                     place="Hội trường cơ quan", conferred_by="Cục trưởng")  # fmt: skip
        self.pass_time()

    # the Minister

    def prepare_letter(self, story: Story) -> None:
        """Phòng TCCB drafts the submission letter."""
        self.cases[story.nominee].do(
            "prepare_letter", "tccb2", addressee="Bộ trưởng Bộ Tư pháp",
            statement=f"{story.achievement}. Hội đồng đã xét, bỏ phiếu thống nhất đề nghị.",
            enclosures=["Báo cáo thành tích", "Biên bản họp Hội đồng"],
        )  # fmt: skip
        self.pass_time()

    def send_letter(self, story: Story) -> None:
        """The director signs the letter and the records officer sends it."""
        case = self.cases[story.nominee]
        case.do("sign_letter", "cuctruong", capacity="HEAD", confirm=True)
        self.office.settle()
        case.do("send_referral", "vanthu", sent_on=self.office.today.isoformat(), dispatch="POST", note="")
        self.pass_time()

    def answer(self, story: Story, answer: str, number: str, reason: str = "") -> None:
        """The ministry answers."""
        self.cases[story.nominee].say("vanthu", "referrals.record_answer", answer=answer, official_number=number,
                                      answered_on=self.office.today.isoformat(), reason=reason)  # fmt: skip
        self.office.settle()
        self.pass_time()

    def receive_award(self, story: Story) -> None:
        """The office confers the Minister's award."""
        self.cases[story.nominee].do("receive_award", "vanphong", honoured_on=self.office.today.isoformat(),
                                     place="Hội trường cơ quan", conferred_by="Cục trưởng")  # fmt: skip
        self.pass_time()
