"""The two rounds of the demonstration, day by day: what happens when, to which stories."""

from collections.abc import Iterable
from datetime import datetime

from engine.clock import VIETNAM
from webapp.demo.campaign import FINAL, INTERIM, build_campaign, open_round, publish_letter
from webapp.demo.office import Report
from webapp.demo.organisation import reorganise
from webapp.demo.people import COUNCIL
from webapp.demo.stories import GRANTED, REFERRED, Story
from webapp.demo.walk import Walk


def at(year: int, month: int, day: int, hour: int = 8, minute: int = 0) -> datetime:
    """Return an instant of office time in Vietnam."""
    return datetime(year, month, day, hour, minute, tzinfo=VIETNAM)


def set_council(walk: Walk) -> None:
    """Compose the council of nine."""
    people = walk.office.people
    walk.office.act(
        "tccb", "council.set_members", title="Hội đồng Thi đua - Khen thưởng Cục Thi hành án dân sự tỉnh Lạng Sơn",
        decision_number="45/QĐ-CTHADS", decided_on="2022-01-17", valid_from="2022-01-17",
        chair_id=people["cuctruong"], vice_chair_id=people["phocuctruong"], secretary_id=people["tccb"],
        members=[people[who] for who in COUNCIL],
    )  # fmt: skip


def call_session(walk: Walk, key: str, opens: datetime, deadline: datetime, mode: str = "SECRET") -> None:
    """The secretary calls a sitting."""
    walk.office.act("tccb", "council.create_session", session_key=key, title=f"Phiên họp {key}",
                    place="Phòng họp tầng 2, trụ sở cơ quan", mode=mode, opens_at=opens.isoformat(),
                    ballot_deadline_at=deadline.isoformat())  # fmt: skip


def play_interim_round(walk: Walk, stories: list[Story], report: Report) -> str:
    """The round of 2022, to its end; return the campaign's id."""
    office = walk.office
    campaign_id = build_campaign(office)
    set_council(walk)
    office.stand_at(at(2022, 9, 5))
    letter = publish_letter(office, walk.room, campaign_id, INTERIM)
    office.stand_at(at(2022, 9, 6))
    open_round(office, campaign_id, letter, INTERIM)
    file_all(walk, stories, [at(2022, 9, 12), at(2022, 9, 13)], report)
    office.stand_at(at(2022, 9, 19))
    check_all(walk, stories)
    office.stand_at(at(2022, 9, 21))
    for story in stories:
        if story.returned:
            walk.supplement(story)
            walk.check(story)
        if story.path == "ineligible":
            walk.resolve_block(story)
    office.stand_at(at(2022, 9, 26))
    appraise_all(walk, stories)
    office.stand_at(at(2022, 9, 28))
    hear_all(walk, stories)
    office.stand_at(at(2022, 10, 5))
    sum_up_all(walk, stories)
    call_session(walk, "PH-2022-01", at(2022, 10, 12, 8, 30), at(2022, 10, 14, 17))
    reviewed = [story for story in stories if story.passes("council")]
    for story in reviewed:
        walk.schedule(story, "PH-2022-01")
    office.stand_at(at(2022, 10, 12, 8, 35))
    review_all(walk, reviewed, report)
    office.act("tccb", "council.close_session", session_key="PH-2022-01")
    _decide_interim(walk, stories)
    return campaign_id


def file_all(walk: Walk, stories: list[Story], days: list[datetime], report: Report) -> None:
    """Units open their nominations and file them, spread over some days."""
    share = -(-len(stories) // len(days))
    for place, story in enumerate(stories):
        if place % share == 0:
            walk.office.stand_at(days[place // share])
        walk.open(story)
        if story.comes_to("submitted"):
            walk.file(story)
        report("filed", place + 1, len(stories))


def check_all(walk: Walk, stories: Iterable[Story]) -> None:
    """Phòng TCCB checks the dossiers."""
    for story in stories:
        if story.path in {"draft", "submitted", "withdrawn_draft"}:
            continue
        flawed = story.returned or story.path in {"returned", "supplemented"}
        walk.check(story, "returned" if flawed else "rejected" if story.path == "out_of_scope" else "accepted")


def appraise_all(walk: Walk, stories: Iterable[Story]) -> None:
    """Phòng TCCB appraises what is complete and eligible; the windows for comments open."""
    for story in stories:
        if story.passes("appraisal"):
            walk.appraise(story)


def hear_all(walk: Walk, stories: Iterable[Story]) -> None:
    """Colleagues comment; what is serious is verified; some proposers withdraw."""
    for story in stories:
        if not story.comes_to("feedback"):
            continue
        walk.comment(story)
        if story.path == "feedback_blocked":
            walk.verify(story, "confirmed")
        elif story.path == "withdrawn":
            walk.withdraw(story)


def sum_up_all(walk: Walk, stories: Iterable[Story]) -> None:
    """The office sums up, Phòng TCCB confirms."""
    for story in stories:
        if story.passes("summary"):
            walk.summarise(story)
        if story.passes("confirm"):
            walk.confirm_summary(story)


def review_all(walk: Walk, stories: list[Story], report: Report) -> None:
    """The council votes, secretary and chair confirm the minutes."""
    for place, story in enumerate(stories, start=1):
        walk.vote(story)
        report("voted", place, len(stories))
    for story in stories:
        if story.passes("secretary_minutes"):
            walk.write_minutes(story)
    for story in stories:
        if story.passes("chair_minutes"):
            walk.confirm_minutes(story)


def decide_all(walk: Walk, stories: Iterable[Story]) -> None:
    """The director decides what has a decision."""
    for story in stories:
        if story.path in GRANTED:
            walk.decide(story, "GRANT_GIAY_KHEN")
        elif story.path in REFERRED:
            walk.decide(story, "REFER_TO_MINISTER")
        elif story.path == "rejected":
            walk.decide(story, "REJECT", reason="Hội đồng không đủ số phiếu đồng ý; thành tích chưa nổi bật.")


def _decide_interim(walk: Walk, stories: list[Story]) -> None:
    office = walk.office
    office.stand_at(at(2022, 10, 17))
    decide_all(walk, stories)
    granted = [story for story in stories if story.path in GRANTED]
    referred = [story for story in stories if story.path in REFERRED]
    office.stand_at(at(2022, 10, 20))
    walk.sign(granted)
    for story in referred:
        walk.prepare_letter(story)
    office.stand_at(at(2022, 10, 21))
    walk.register(granted[0], "521")
    for story in referred:
        walk.send_letter(story)
    office.stand_at(at(2022, 11, 9))
    for story in granted:
        walk.honour(story)
    office.stand_at(at(2022, 12, 8))
    awarded, declined = referred
    walk.answer(awarded, "awarded", "2496/QĐ-BTP")
    walk.answer(declined, "declined", "4711/BTP-TĐKT", reason="Số lượng đề nghị vượt chỉ tiêu của ngành.")
    office.stand_at(at(2022, 12, 12))
    walk.sign([declined])
    walk.register(declined, "634")
    office.stand_at(at(2022, 12, 20))
    walk.receive_award(awarded)
    walk.honour(declined)


def play_final_round(walk: Walk, stories: list[Story], campaign_id: str, report: Report) -> None:
    """The round of 2025, as far as it has come on the morning of 16/6/2025."""
    office = walk.office
    office.act("cuctruong", "campaigns.continue_campaign", campaign_id=campaign_id,
               decision="Thông báo kết luận sơ kết số 688/TB-CTHADS ngày 21/12/2022")  # fmt: skip
    office.act("tccb", "campaigns.close_round", round_key=INTERIM.key, closed_on="2022-12-30")
    office.jump_to(at(2025, 4, 28))
    letter = publish_letter(office, walk.room, campaign_id, FINAL)
    office.stand_at(at(2025, 5, 5))
    open_round(office, campaign_id, letter, FINAL)
    _appoint_deputies(walk)
    early = [story for story in stories if story.comes_to("council")]
    middle = [story for story in stories if story.station in {"summary", "confirm"}]
    late = [story for story in stories if story.station == "feedback"]
    last = [story for story in stories if story.station in {"draft", "submitted", "appraisal"}]
    _to_the_council(walk, early, report)
    office.stand_at(at(2025, 5, 29))
    file_all(walk, middle, [at(2025, 5, 29)], report)
    office.stand_at(at(2025, 6, 2))
    check_all(walk, middle)
    appraise_all(walk, middle)
    _first_sitting(walk, early, report)
    file_all(walk, late, [at(2025, 6, 5)], report)
    office.stand_at(at(2025, 6, 9))
    hear_all(walk, middle)
    check_all(walk, late)
    office.stand_at(at(2025, 6, 10))
    appraise_all(walk, late)
    office.stand_at(at(2025, 6, 11))
    sum_up_all(walk, middle)
    file_all(walk, last, [at(2025, 6, 11, 10), at(2025, 6, 12)], report)
    reorganise(office)
    _last_days(walk, early, late, last)


def _appoint_deputies(walk: Walk) -> None:
    """The director hands his role on for where he is excluded; the vice-chair may preside then."""
    office = walk.office
    office.act("cuctruong", "organisation.delegate_role", role="director", to_person_id=office.people["phocuctruong"],
               valid_from="2025-05-05", valid_to="2025-12-31", document="Giấy ủy quyền số 12/UQ-CTHADS",
               reason="Giải quyết hồ sơ mà Cục trưởng có liên quan.")  # fmt: skip
    office.act("admin", "organisation.grant_role", person_id=office.people["phocuctruong"], role="council_chair",
               valid_from="2025-05-05", document="Chủ trì khi Chủ tịch Hội đồng có liên quan")  # fmt: skip
    office.forget_actors()


def _to_the_council(walk: Walk, stories: list[Story], report: Report) -> None:
    office = walk.office
    file_all(walk, stories, [at(2025, 5, 7), at(2025, 5, 8), at(2025, 5, 9), at(2025, 5, 12)], report)
    office.stand_at(at(2025, 5, 14))
    check_all(walk, stories)
    office.stand_at(at(2025, 5, 16))
    appraise_all(walk, stories)
    office.stand_at(at(2025, 5, 19))
    hear_all(walk, stories)
    office.stand_at(at(2025, 5, 27))
    sum_up_all(walk, stories)


def _first_sitting(walk: Walk, stories: list[Story], report: Report) -> None:
    """The sitting of 3/6/2025 and what the director made of it."""
    office = walk.office
    voted = [story for story in stories if story.passes("voting")]
    call_session(walk, "PH-2025-01", at(2025, 6, 3, 8, 30), at(2025, 6, 5, 17))
    for story in voted:
        walk.schedule(story, "PH-2025-01")
    office.stand_at(at(2025, 6, 3, 8, 35))
    review_all(walk, voted, report)
    office.stand_at(at(2025, 6, 4))
    decide_all(walk, voted)
    honoured = [story for story in voted if story.path in {"honour", "honoured"}]
    registered = [story for story in voted if story.path == "register"]
    office.stand_at(at(2025, 6, 5))
    walk.sign(honoured)
    walk.register(honoured[0], "287")
    walk.sign(registered)
    for story in voted:
        if story.path in {"minister", "letter_signature"}:
            walk.prepare_letter(story)


def _last_days(walk: Walk, early: list[Story], late: list[Story], last: list[Story]) -> None:
    office = walk.office
    office.stand_at(at(2025, 6, 12, 14))
    for story in early:
        if story.path == "minister":
            walk.send_letter(story)
        elif story.path == "honoured":
            walk.honour(story)
        elif story.path == "withdrawn_before_council":
            walk.withdraw(story)
    hear_all(walk, late)
    check_all(walk, last)
    for story in last:
        if story.path == "supplemented":
            walk.supplement(story)
        elif story.path == "ineligible":
            walk.resolve_block(story)
    call_session(walk, "PH-2025-02", at(2025, 6, 13, 14), at(2025, 6, 18, 17))
    call_session(walk, "PH-2025-03", at(2025, 6, 16, 7, 30), at(2025, 6, 17, 17), mode="OPEN")
    call_session(walk, "PH-2025-04", at(2025, 6, 20, 8, 30), at(2025, 6, 24, 17))
    for story in early:
        if story.session:
            walk.schedule(story, story.session)
    office.stand_at(at(2025, 6, 13, 14, 5))
    for place, story in enumerate(story for story in early if story.session == "PH-2025-02"):
        walk.vote(story, most=(3, 5, 8)[place % 3])
    office.stand_at(at(2025, 6, 16, 7, 35))
    for place, story in enumerate(story for story in early if story.session == "PH-2025-03"):
        walk.vote(story, most=(4, 2)[place % 2])
