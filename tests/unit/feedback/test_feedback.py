"""Comments on a nomination: when they are taken, what a serious one does, and who learns whose it was."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.clock import VIETNAM
from engine.errors import InvalidInputError
from tests import builders as build
from tests.builders import NOON
from tests.unit.nominations.unit import Bacson
from workflows.errors import FeedbackClosedError, FeedbackNotOpenError, NomineeMayNotActError
from workflows.feedback import queries, rules
from workflows.feedback.models import FeedbackComment
from workflows.feedback.rules import Reception, end_of_window, receive, serious_kinds
from workflows.feedback.steps import STEPS
from workflows.nominations.models import Nomination, NomineeKind

OPEN, COMMENT, VERIFY, SUMMARISE, CONFIRM = STEPS
END = datetime(2025, 6, 23, 17, 0, tzinfo=VIETNAM)


@pytest.mark.parametrize(("serious", "hours", "opened", "summarised", "unverified", "reception"), [
    (False, -1, False, False, False, Reception.NOT_OPEN),
    (True, -1, False, False, False, Reception.NOT_OPEN),
    (False, -1, True, False, False, Reception.KEPT),
    (True, -1, True, False, False, Reception.MOVES),
    (True, -1, True, False, True, Reception.KEPT),
    (False, 0, True, False, False, Reception.CLOSED),
    (True, 0, True, False, False, Reception.MOVES),
    (True, 0, True, True, False, Reception.CLOSED),
    (False, -1, True, True, False, Reception.CLOSED),
])  # fmt: skip
def test_what_becomes_of_a_comment(
    serious: bool, hours: int, opened: bool, summarised: bool, unverified: bool, reception: rules.Reception
) -> None:
    assert receive(
        serious=serious, now=END + timedelta(hours=hours), closes_at=END if opened else None, summarised=summarised,
        unverified=unverified,
    ) is reception  # fmt: skip


def test_a_window_ends_with_the_working_day() -> None:
    assert end_of_window(datetime(2025, 6, 23, 1, 30, tzinfo=UTC), VIETNAM) == END


def test_serious_kinds_are_a_list_in_the_policy() -> None:
    assert serious_kinds("VIOLATION, FALSE_ACHIEVEMENT") == {"VIOLATION", "FALSE_ACHIEVEMENT"}


def place(row: Nomination) -> dict[str, Any]:
    return {"business_key": row.business_key, "variables": {"nomination_id": row.nomination_id}}


@pytest.fixture
def row(bacson: Bacson) -> Nomination:
    """A nomination whose window is open."""
    filed = bacson.filed()
    with bacson.facts.acting(**place(filed)) as ctx:
        assert OPEN.run(ctx, {}) == {"window_closes_at": END.isoformat()}
    return filed


def comment(bacson: Bacson, row: Nomination, who: str, kind: str = "REMARK", **more: Any) -> Any:
    with bacson.acting(who, **place(row)) as ctx:
        return COMMENT.apply(ctx, COMMENT.form.load(ctx, {"kind": kind, "text": "Góp ý của tôi", **more}))


def test_ordinary_comments_are_kept_and_serious_ones_move_the_case(bacson: Bacson, row: Nomination) -> None:
    assert comment(bacson, row, bacson.stranger) is None
    assert comment(bacson, row, bacson.colleague, "VIOLATION") == {}
    assert comment(bacson, row, bacson.stranger, "FALSE_ACHIEVEMENT") is None, "the verification under way covers it"


def test_before_the_window_nothing_is_taken(bacson: Bacson) -> None:
    with pytest.raises(FeedbackNotOpenError):
        comment(bacson, bacson.filed(), bacson.stranger)


def test_after_the_window_only_a_serious_comment_is_taken(bacson: Bacson, row: Nomination) -> None:
    bacson.facts.now = END
    with pytest.raises(FeedbackClosedError):
        comment(bacson, row, bacson.stranger)
    assert comment(bacson, row, bacson.stranger, "VIOLATION") == {}


def test_after_the_summary_nothing_is_taken(bacson: Bacson, row: Nomination) -> None:
    with bacson.acting(bacson.officer, **place(row)) as ctx:
        SUMMARISE.apply(ctx, {"text": "Không có ý kiến khác"})
    with pytest.raises(FeedbackClosedError):
        comment(bacson, row, bacson.stranger, "VIOLATION")


def test_nobody_comments_on_the_own_nomination(bacson: Bacson, row: Nomination) -> None:
    with pytest.raises(NomineeMayNotActError):
        comment(bacson, row, bacson.nominee)
    unit = bacson.opened("bacson", kind=NomineeKind.COLLECTIVE)
    with pytest.raises(NomineeMayNotActError):
        comment(bacson, unit, bacson.head)


def test_a_name_is_hidden_from_everybody_only_where_the_policy_allows(bacson: Bacson, row: Nomination) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        comment(bacson, row, bacson.stranger, anonymous=True)
    assert list(refusal.value.details["fields"]) == ["anonymous"]


def test_a_verification_concludes_all_serious_comments(bacson: Bacson, row: Nomination) -> None:
    for who in (bacson.colleague, bacson.stranger):
        comment(bacson, row, who, "VIOLATION")
    values = {"finding": "unfounded", "text": "Không có vi phạm", "evidence": "Biên bản số 3"}
    with bacson.acting(bacson.officer, **place(row)) as ctx:
        assert VERIFY.apply(ctx, values) == {"verification": "unfounded"}
        assert queries.unverified(ctx.session, row.nomination_id) == []
    assert comment(bacson, row, bacson.colleague, "VIOLATION") == {}
    with bacson.acting(bacson.officer, **place(row)) as ctx:
        assert VERIFY.apply(ctx, values | {"finding": "confirmed"}) == {
            "verification": "confirmed", "feedback_outcome": "blocked", "outcome": "feedback_blocked",
        }  # fmt: skip


def test_the_summary_counts_and_is_confirmed(bacson: Bacson, row: Nomination) -> None:
    comment(bacson, row, bacson.stranger, "SUPPORT")
    comment(bacson, row, bacson.colleague, "VIOLATION")
    with bacson.acting(bacson.officer, **place(row)) as ctx:
        VERIFY.apply(ctx, {"finding": "unfounded", "text": "Không có vi phạm", "evidence": "Biên bản số 3"})
        assert SUMMARISE.prefill is not None
        said = SUMMARISE.prefill(ctx)["text"]
        assert said.startswith("Trong thời gian lấy ý kiến từ 16/06/2025 đến 23/06/2025, có 2 ý kiến")
        SUMMARISE.apply(ctx, {"text": "Có hai ý kiến"})
        assert CONFIRM.apply(ctx, {"note": ""}) == {"feedback_outcome": "clear"}
        summary = queries.summary_of(ctx.session, row.nomination_id)
        confirmed = queries.confirmation_of(ctx.session, row.nomination_id)
    assert summary is not None
    assert (summary.comments, summary.serious, summary.unfounded) == (2, 1, 1)
    assert confirmed is not None
    assert confirmed.summary_version == 1


def test_whose_comment_it_is_shows_as_the_table_says(bacson: Bacson, row: Nomination) -> None:
    comment(bacson, row, bacson.stranger)
    with bacson.facts.acting() as ctx:
        chair = build.a_person(ctx, "Hoàng Văn Bách", unit_id="agency", roles=("council_chair",))
        auditor = build.a_person(ctx, "Tô Văn Thịnh", unit_id="agency", roles=("auditor",))
    assert seen(bacson, row, bacson.officer) == ("Dương Thị Lan", "Góp ý của tôi", "yes")
    assert seen(bacson, row, chair) == ("Dương Thị Lan", "Góp ý của tôi", "yes")
    assert seen(bacson, row, bacson.stranger) == ("Dương Thị Lan", "Góp ý của tôi", "yes"), "the own comment"
    assert seen(bacson, row, bacson.colleague) == ("", None, "no")
    assert seen(bacson, row, auditor)[0] == ""
    for who, name in ((auditor, "Dương Thị Lan"), (bacson.colleague, "")):
        with bacson.acting(who) as ctx:
            (view,) = queries.comments_seen_by(
                ctx.session, row.nomination_id, ctx.actor, ctx.today, opened={"comment_author", "comment_text"}
            )
        assert view.author == name, "a request opens only what the table lets be asked for"


def seen(bacson: Bacson, row: Nomination, who: str) -> tuple[str, str | None, str]:
    with bacson.acting(who) as ctx:
        (view,) = queries.comments_seen_by(ctx.session, row.nomination_id, ctx.actor, ctx.today)
    assert view.author_hidden is (view.author == "")
    return view.author, view.text, view.text_access


def test_an_anonymous_comment_names_nobody(bacson: Bacson, row: Nomination) -> None:
    with bacson.acting(bacson.stranger) as ctx:
        build.write_new(
            ctx, FeedbackComment, "comment_id", nomination_id=row.nomination_id, author_id=bacson.stranger,
            kind="REMARK", serious=False, anonymous=True, text="Góp ý của tôi",
        )  # fmt: skip
    assert seen(bacson, row, bacson.officer) == ("", "Góp ý của tôi", "yes")


def test_the_examples_are_accepted(bacson: Bacson, row: Nomination) -> None:
    with bacson.acting(bacson.officer, **place(row)) as ctx:
        for step in (COMMENT, VERIFY, SUMMARISE, CONFIRM):
            assert step.form.load(ctx, step.form.schema(ctx)["example"])
    assert NOON < END
