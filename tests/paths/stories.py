"""What can become of a nomination, each as the people of the office live it. A story takes an office and plays it."""

import hashlib
import shutil
from datetime import timedelta

from engine import queries
from engine.commands.deployments import deploy
from engine.commands.instances import start_instance
from engine.context import SYSTEM
from tests.office import BPMN, COUNCIL, Case, Office

SUMMARY = "Nhiều năm liền gương mẫu thực hiện văn hóa công sở, được nhân dân và đồng nghiệp tin yêu, quý trọng."
PAPERS = ("SUBMISSION_LETTER", "ACHIEVEMENT_REPORT", "UNIT_MINUTES")


def opened(
    office: Office, *, nominee: str = "nominee", form: str = "GIAY_KHEN", who: str = "head", unit: str = "bacson"
) -> Case:
    """The head of a unit opens a nomination."""
    return office.start(who, round="2025-TK", unit=office.units[unit], nominee_kind="INDIVIDUAL",
                        nominee_id=office.people[nominee], proposed_form=form)  # fmt: skip


def filed(
    office: Office, *, nominee: str = "nominee", form: str = "GIAY_KHEN", who: str = "head", unit: str = "bacson",
    **more: object,
) -> Case:  # fmt: skip
    """... and files it with its papers."""
    case = drafted(office, nominee=nominee, form=form, who=who, unit=unit)
    case.do("draft_proposal", who, **proposal(form, **more))
    return case


def drafted(office: Office, *, who: str = "head", **more: str) -> Case:
    """... and adds the papers, before it is filed."""
    case = opened(office, who=who, **more)
    for kind in PAPERS:
        office.attach(who, case.nomination_id, kind)
    return case


def proposal(form: str = "GIAY_KHEN", **more: object) -> dict[str, object]:
    """What the head states when he files."""
    return {
        "proposed_form": form, "achievement": "Gương mẫu thực hiện văn hóa công sở", "achieved_from": "2020-01-01",
        "achieved_to": "2025-04-30", "summary": SUMMARY, "letter_number": "12/TTr-CCTHADS", "letter_on": "2025-05-02",
        **({"ground": "A"} if form != "GIAY_KHEN" else {}), **more,
    }  # fmt: skip


def items(case: Case, **flaws: str) -> list[dict[str, str]]:
    """The checker's list as it opens, with a reason for each item found flawed."""
    form = case.form("check_completeness", "officer")
    rows = []
    for row in form.values["items"]:
        flaw = flaws.get(row["item"])
        rows.append({**row, "status": "FLAWED", "reason": flaw} if flaw else row)
    return rows


def accepted(office: Office, case: Case) -> Case:
    """The personnel officer finds the dossier complete and appraises it."""
    case.do("check_completeness", "officer", items=items(case), outcome="accepted")
    if "acknowledge_warnings" in case.open_elements():
        codes = case.form("acknowledge_warnings", "officer").schema["properties"]["codes"]["items"]["enum"]
        case.do("acknowledge_warnings", "officer", codes=codes, text="Đã xem xét, không ảnh hưởng kết quả.")
    case.do(
        "appraise", "officer", recommendation="support", report="Hồ sơ đầy đủ, thành tích rõ, đề nghị Hội đồng xét."
    )
    return case


def heard(office: Office, case: Case) -> Case:
    """The window for comments passes and the summary is confirmed."""
    office.wait(days=20)
    case.do("summarise_feedback", "office", text="Không có ý kiến phản đối, hai ý kiến ủng hộ.")
    case.do("confirm_feedback_summary", "officer", note="")
    return case


def sitting(office: Office, key: str = "PH-2025-01", *, mode: str = "SECRET", deadline_days: float = 2) -> str:
    """The secretary calls a sitting."""
    opens = office.clock.now()
    made = office.act(
        "secretary", "council.create_session", session_key=key, place="Phòng họp tầng 2", mode=mode,
        opens_at=None, ballot_deadline_at=office.later(days=deadline_days, since=opens),
    )  # fmt: skip
    return str(made["session_key"])


def ready_for_council(office: Office, *, nominee: str = "nominee", form: str = "GIAY_KHEN") -> Case:
    """A nomination that waits for a sitting."""
    return heard(office, accepted(office, filed(office, nominee=nominee, form=form)))


def voters(case: Case) -> list[str]:
    """Nicknames of those who hold an open ballot."""
    wanted = {task.assignee for task in case.open_tasks() if task.element_id == "cast_ballot"}
    return [who for who in COUNCIL if case.office.people[who] in wanted]


def vote(case: Case, *, against: int = 0, only: int | None = None) -> None:
    """Members vote; the first `against` of them disagree; with `only` the others stay away."""
    for place, who in enumerate(voters(case)[:only]):
        choice = "DISAGREE" if place < against else "AGREE"
        case.do("cast_ballot", who, interest="NONE", choice=choice, manner="PRESENT")


def minuted(office: Office, case: Case) -> Case:
    """Secretary and chair confirm the minutes."""
    values = case.form("confirm_minutes_secretary", "secretary").values
    absent = [{**row, "reason": row["reason"] or "Đi công tác"} for row in values["absent"]]
    case.do("confirm_minutes_secretary", "secretary", **{**values, "absent": absent})
    case.do("confirm_minutes_chair", "director", confirmed=True)
    return case


def reviewed(
    office: Office, *, nominee: str = "nominee", form: str = "GIAY_KHEN", against: int = 0, mode: str = "SECRET",
    session: str = "PH-2025-01",
) -> Case:  # fmt: skip
    """The council has voted and the minutes are confirmed."""
    case = ready_for_council(office, nominee=nominee, form=form)
    case.do("schedule_nomination", "secretary", session_key=sitting(office, session, mode=mode))
    office.wait(hours=1)
    vote(case, against=against)
    return minuted(office, case)


def granted(office: Office, **more: str) -> Case:
    """The director grants the Giấy khen; it waits for the signature."""
    case = reviewed(office, **more)
    case.do("director_decides", "director", decision="GRANT_GIAY_KHEN")
    return case


def signed(case: Case, *others: Case) -> Case:
    """The director signs one decision for this and other waiting nominations."""
    case.do("sign_decision", "director", together=[one.key for one in others], capacity="HEAD", confirm=True)
    case.office.machines_work()
    return case


def registered(case: Case) -> Case:
    """The records officer files the signed scan and registers the decision."""
    office = case.office
    decision_id = str(case.variables["decision_id"])
    office.act(
        "records", "decisions.file_signed_scan", decision=decision_id, sha256=office.file(decision_id), name="QĐ.pdf"
    )
    scans = case.form("register_decision", "records").schema["properties"]["signed_scan"]["enum"]
    case.do("register_decision", "records", book="Sổ đăng ký văn bản đi", entry_number="125", copies=5,
            registered_on=office.today.isoformat(), signed_scan=scans[0])  # fmt: skip
    office.machines_work()
    return case


def honoured(case: Case) -> Case:
    """The office confers the award."""
    case.do(
        "honour", "office", honoured_on=case.office.today.isoformat(), place="Hội trường", conferred_by="Cục trưởng"
    )
    return case


def straight_path(office: Office) -> Case:
    """From a unit head's proposal to a Giấy khen in the nominee's hands."""
    return honoured(registered(signed(granted(office))))


def returned_and_supplemented(office: Office) -> Case:
    """The checker returns two items; the unit mends just those; the same checker goes on."""
    case = filed(office)
    flaws = items(case, ACHIEVEMENT="Nêu rõ số liệu.", UNIT_MINUTES="Biên bản thiếu chữ ký.")
    case.do("check_completeness", "officer", items=flaws, outcome="returned")
    office.attach("head", case.nomination_id, "UNIT_MINUTES", name="Biên bản có chữ ký.pdf")
    case.do("supplement_dossier", "head", summary=f"{SUMMARY} Giải quyết xong 98% việc thi hành án.")
    assert case.open_tasks()[0].assignee == office.people["officer"], "back to the checker who returned it"
    return accepted(office, case)


def out_of_scope(office: Office) -> Case:
    """The checker rejects a nomination that does not belong to the movement."""
    case = filed(office)
    case.do(
        "check_completeness",
        "officer",
        items=items(case),
        outcome="rejected",
        reason="Thành tích không thuộc phong trào.",
    )
    return case


def blocked(office: Office) -> Case:
    """A complaint under verification blocks the nomination."""
    flag = office.act(
        "officer", "nominations.raise_flag", nominee_kind="INDIVIDUAL", nominee_id=office.people["nominee"],
        kind="COMPLAINT", raised_on="2025-05-03", document="05/ĐKN", text="Đơn khiếu nại đang được xem xét.",
    )  # fmt: skip
    case = filed(office)
    case.do("check_completeness", "officer", items=items(case), outcome="accepted")
    assert case.variables["eligibility"] == "blocked"
    office.flag = str(flag["flag_id"])
    return case


def block_lifted(office: Office) -> Case:
    """The complaint is closed, eligibility is asked again and the nomination goes on."""
    case = blocked(office)
    office.act("officer", "nominations.close_flag", flag_id=office.flag, closed_on=office.today.isoformat(),
               document="11/KL", text="Khiếu nại không có cơ sở.")  # fmt: skip
    case.do("handle_block", "officer", resolution="recheck", reason="Đã có kết luận.")
    case.do("appraise", "officer", recommendation="support", report="Hồ sơ đầy đủ, không còn vướng mắc.")
    return case


def ineligible(office: Office) -> Case:
    """The block stands; the nomination ends and the proposer is told why."""
    case = blocked(office)
    case.do("handle_block", "officer", resolution="conclude", reason="Đang xác minh khiếu nại.")
    return case


def warned(office: Office) -> Case:
    """A discipline that ended within the period of the achievement is weighed by the officer."""
    office.act(
        "officer", "nominations.raise_flag", nominee_kind="INDIVIDUAL", nominee_id=office.people["nominee"],
        kind="DISCIPLINED", raised_on="2020-02-01", closed_on="2021-02-01", document="09/QĐ", text="Khiển trách.",
    )  # fmt: skip
    case = filed(office)
    case.do("check_completeness", "officer", items=items(case), outcome="accepted")
    assert case.open_elements() == ["acknowledge_warnings"]
    codes = case.form("acknowledge_warnings", "officer").schema["properties"]["codes"]["items"]["enum"]
    case.do("acknowledge_warnings", "officer", codes=codes, text="Thành tích tính từ sau khi hết kỷ luật.")
    case.do(
        "appraise", "officer", recommendation="reserved", report="Đề nghị Hội đồng cân nhắc thời điểm tính thành tích."
    )
    return case


def withdrawn_as_draft(office: Office) -> Case:
    """The proposer takes the draft back."""
    case = opened(office)
    case.say("head", "nominations.withdraw", reason="Chuyển sang đợt sau.")
    return case


def withdrawn_at_intake(office: Office) -> Case:
    """The proposer takes the nomination back while it is being checked."""
    case = filed(office)
    case.say("head", "nominations.withdraw", reason="Chuyển sang đợt sau.")
    return case


def withdrawn_in_feedback(office: Office) -> Case:
    """The proposer takes the nomination back while comments are gathered."""
    case = accepted(office, filed(office))
    case.say("head", "nominations.withdraw", reason="Chuyển sang đợt sau.")
    return case


def withdrawn_before_council(office: Office) -> Case:
    """The proposer takes the nomination back before a sitting was fixed."""
    case = ready_for_council(office)
    case.say("head", "nominations.withdraw", reason="Chuyển sang đợt sau.")
    return case


def comment_unfounded(office: Office) -> Case:
    """A serious comment suspends the case; nothing is in it; the window goes on. Another comes while summing up."""
    case = accepted(office, filed(office))
    case.say("staff", "feedback.post_comment", kind="SUPPORT", text="Rất xứng đáng được khen.")
    case.say("staff", "feedback.post_comment", kind="VIOLATION", text="Có dấu hiệu vi phạm kỷ luật lao động.")
    case.do(
        "verify_comment", "officer", finding="unfounded", text="Đã xác minh, không có vi phạm.", evidence="Biên bản 02"
    )
    office.wait(days=20)
    case.say("member", "feedback.post_comment", kind="FALSE_ACHIEVEMENT", text="Số liệu báo cáo cần xem lại.")
    case.do(
        "verify_comment", "officer", finding="unfounded", text="Đã đối chiếu, số liệu đúng.", evidence="Sổ theo dõi"
    )
    office.wait(hours=1)
    return heard(office, case)


def comment_confirmed(office: Office) -> Case:
    """A serious comment proves right; the nomination ends."""
    case = accepted(office, filed(office))
    case.say("staff", "feedback.post_comment", kind="VIOLATION", text="Có dấu hiệu vi phạm kỷ luật lao động.")
    case.do(
        "verify_comment", "officer", finding="confirmed", text="Xác minh đúng, đang xử lý kỷ luật.", evidence="KL 03"
    )
    return case


def no_quorum_then_again(office: Office) -> Case:
    """Two rounds without a quorum, then a new sitting that votes."""
    case = ready_for_council(office)
    case.do("schedule_nomination", "secretary", session_key=sitting(office))
    office.wait(hours=1)
    vote(case, only=2)
    office.wait(days=3)
    assert case.variables["ballot_round"] == 2
    vote(case, only=1)
    office.wait(days=10)
    case.do("decide_no_quorum", "secretary", resolution="reschedule", reason="Hai lượt không đủ số phiếu.")
    case.do("schedule_nomination", "secretary", session_key=sitting(office, "PH-2025-02", mode="OPEN"))
    office.wait(hours=1)
    vote(case)
    return minuted(office, case)


def nobody_may_vote(office: Office) -> Case:
    """All members are recused: there is no vote, the standing body decides how to go on."""
    case = ready_for_council(office)
    made = office.act("secretary", "council.create_session", session_key="PH-HEP", place="Phòng họp", mode="OPEN",
                      members=[office.people["head"]], chair_id=office.people["head"],
                      secretary_id=office.people["secretary"], decision_number="46/QĐ-CTHADS",
                      decided_on=office.today.isoformat(), accept_size=True)  # fmt: skip
    case.do("schedule_nomination", "secretary", session_key=made["session_key"])
    office.wait(hours=1)
    case.do("decide_no_quorum", "secretary", resolution="submit", reason="Các thành viên đều có liên quan.")
    return minuted(office, case)


def rejected(office: Office) -> Case:
    """The council votes against; the director follows."""
    case = reviewed(office, against=7)
    assert case.variables["vote_outcome"] == "failed"
    case.do("director_decides", "director", decision="REJECT", reason="Hội đồng không đồng ý.")
    return case


def returned_to_council(office: Office) -> Case:
    """The director sends the case back; a new sitting reviews it; then it is granted."""
    case = reviewed(office)
    case.do("director_decides", "director", decision="RETURN_TO_COUNCIL", reason="Làm rõ thành tích năm 2024.")
    case.do("schedule_nomination", "secretary", session_key=sitting(office, "PH-2025-02"))
    office.wait(hours=1)
    vote(case)
    minuted(office, case)
    case.do("director_decides", "director", decision="GRANT_GIAY_KHEN")
    return honoured(registered(signed(case)))


def signed_together(office: Office) -> list[Case]:
    """One decision, one number, two nominees: signing and registering one case moves the other."""
    first = granted(office)
    second = granted(office, nominee="nominee2", session="PH-2025-02")
    registered(signed(first, second))
    return [honoured(first), honoured(second)]


def referred(office: Office) -> Case:
    """The director refers the case; letter, signature, sending; now the Ministry has it."""
    case = reviewed(office, form="BANG_KHEN_BO_TRUONG")
    case.do("director_decides", "director", decision="REFER_TO_MINISTER")
    case.do("prepare_letter", "officer", **case.form("prepare_letter", "officer").schema["example"])
    case.do("sign_letter", "director", **case.form("sign_letter", "director").schema["example"])
    office.machines_work()
    case.do("send_referral", "records", **case.form("send_referral", "records").schema["example"])
    return case


def answered(case: Case, answer: str, **more: object) -> Case:
    """The Ministry answers."""
    case.say("records", "referrals.record_answer", answer=answer, official_number="1890/QĐ-BTP",
             answered_on=case.office.today.isoformat(), **more)  # fmt: skip
    return case


def minister_awards(office: Office) -> Case:
    """The Minister grants the Bằng khen; the office confers it."""
    case = referred(office)
    office.wait(days=20)
    answered(case, "awarded")
    case.do(
        "receive_award", "office", honoured_on=office.today.isoformat(), place="Hội trường", conferred_by="Cục trưởng"
    )
    return case


def minister_declines(office: Office) -> Case:
    """The Minister declines; by policy the case falls back to a Giấy khen."""
    case = answered(referred(office), "declined", reason="Hết chỉ tiêu.")
    assert case.open_elements() == ["sign_decision"]
    return honoured(registered(signed(case)))


def minister_declines_without_fallback(office: Office) -> Case:
    """The policy changes by a dated table, without code; from then on a declined case simply ends."""
    case = referred(office)
    office.policy_changes("fallback_to_giay_khen_if_declined", "false")
    office.wait(days=2)
    return answered(case, "declined", reason="Hết chỉ tiêu.")


def version_added(office: Office, process: str = "decision_issue") -> None:
    """A diagram is deployed anew: cases that run stay on the version they began with."""
    folder = office.settings.data_dir / "new"
    shutil.copytree(BPMN, folder)
    diagram = folder / f"{process}.bpmn"
    diagram.write_text(diagram.read_text(encoding="utf-8") + "<!-- a new version -->\n", encoding="utf-8")
    deploy(office.engine, folder, SYSTEM)


def change_proposed(
    office: Office, *, who: str = "officer", table: str = "prize", file: str = "2024-07-01",
    instead: tuple[str, str] = ("2340000", "2500000"), days: int = 30,
) -> Case:  # fmt: skip
    """The personnel officer proposes another version of a table: the base salary rises next month."""
    content = (BPMN / "tables" / table / f"{file}.dmn").read_text(encoding="utf-8")
    assert instead[0] in content, "the change changes something"
    begun = start_instance(
        office.engine, "change_approval", "", office.actor(who), {}, step="rulebook.propose_change",
        values={"table": table, "valid_from": (office.today + timedelta(days=days)).isoformat(),
                "content": content.replace(*instead), "reason": "Nghị định mới nâng mức lương cơ sở."},
    )  # fmt: skip
    return Case(office, begun.instance.id, begun.instance.business_key)


def change_approved(office: Office) -> Case:
    """Somebody else approves: the version is in force."""
    case = change_proposed(office)
    case.do("review_change", "admin", outcome="approved")
    return case


def change_rejected(office: Office) -> Case:
    """Somebody else rejects, with a reason: nothing changes."""
    case = change_proposed(office)
    case.do("review_change", "admin", outcome="rejected", reason="Nghị định chưa được ban hành.")
    return case


def change_withdrawn(office: Office) -> Case:
    """Who proposed takes the change back before anybody decides."""
    case = change_proposed(office)
    case.say("officer", "rulebook.withdraw_change", reason="Chờ văn bản hướng dẫn chính thức.")
    return case


def diagram_proposed(
    office: Office, *, who: str = "admin", process: str = "nomination",
    instead: tuple[str, str] = ("Quyết định hình thức khen thưởng", "Quyết định khen thưởng"),
) -> Case:  # fmt: skip
    """The administrator proposes another version of a diagram: a step gets another name."""
    xml = queries.diagram_xml(office.engine, None, process)
    content = xml.decode()
    assert instead[0] in content, "the change changes something"
    begun = start_instance(
        office.engine, "change_approval", "", office.actor(who), {}, step="rulebook.propose_diagram",
        values={"content": content.replace(*instead), "based_on": hashlib.sha256(xml).hexdigest(),
                "reason": "Gọi đúng tên theo quy chế mới của cơ quan."},
    )  # fmt: skip
    return Case(office, begun.instance.id, begun.instance.business_key)


def diagram_approved(office: Office) -> Case:
    """A second administrator approves: new cases run on the new version."""
    case = diagram_proposed(office)
    case.do("review_change", "admin2", outcome="approved")
    return case
