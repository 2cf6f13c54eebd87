"""How diagrams use variables tells what these may hold: nobody writes it down beside them."""

from engine import queries
from engine.feel.hints import Hint, hints_of
from tests.office import Office


def test_expressions_tell_texts_and_types() -> None:
    text = 'outcome = "passed" and not(late) and round < 2 and "a" != kind and place in ("x", "y")'
    assert set(hints_of(text, condition=True)) == {
        Hint("outcome", "text", "passed"), Hint("late", "yes_no"), Hint("round", "number"), Hint("kind", "text", "a"),
        Hint("place", "text", "x"), Hint("place", "text", "y"),
    }  # fmt: skip
    assert hints_of("if at = null then null else date and time(at)") == (Hint("at", "instant"),)
    assert hints_of("add working days(date(filed), 3)", ("add working days",)) == (Hint("filed", "day"),)
    assert hints_of('day <= date("2025-07-01")') == (Hint("day", "day"),)
    assert hints_of("fine", condition=True) == (Hint("fine", "yes_no"),)
    assert hints_of("fine") == ()
    assert hints_of("due = true") == (Hint("due", "yes_no"),)


def test_what_is_no_expression_tells_nothing() -> None:
    assert hints_of("((") == ()
    assert hints_of("(" * 400) == ()
    assert hints_of("") == ()


def test_diagrams_tell_who_is_a_person_and_what_scopes_a_role(sqlite_office: Office) -> None:
    case = sqlite_office.start("head", round="2025-TK", unit=sqlite_office.units["bacson"], nominee_kind="INDIVIDUAL",
                               nominee_id=sqlite_office.people["nominee"])  # fmt: skip
    uses = {one.name: one.use for one in queries.repairable_variables(sqlite_office.engine, case.id)}
    assert "person" in uses["checker_id"].kinds & uses["proposer_id"].kinds
    assert uses["voters"].kinds == {"people"}
    assert uses["unit_id"].kinds == {"scope"}
    assert uses["window_closes_at"].kinds == {"instant"}
    assert uses["fallback"].kinds == {"yes_no"}
    assert set(uses["director_decision"].values) >= {"GRANT_GIAY_KHEN", "RETURN_TO_COUNCIL"}
    assert [step.key for step in uses["completeness"].setters] == ["nominations.check_completeness", "nominations.open"]
    assert {"eligibility", "vote_outcome"} <= set(uses["outcome"].tables)
    assert not {"step", "assignee", "draft_proposal"} & set(uses), "names of properties are no variables"
