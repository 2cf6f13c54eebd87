"""What a council secretary expects of a count, whatever the ballots: with the real table of outcomes."""

from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from engine import dmn
from engine.tables import plain
from workflows.council.models import BallotChoice
from workflows.council.rules import Tally, box_digest, count_ballots, percentage, receipt_code, recused_members
from workflows.nominations.models import AwardForm

TABLE = Path(__file__).resolve().parents[2] / "bpmn" / "tables" / "vote_outcome"

MOST_SEATS = 11
"""The legal maximum (RULES F02)."""

forms = st.sampled_from([form.value for form in AwardForm])
ballots = st.lists(st.sampled_from(BallotChoice), max_size=MOST_SEATS)


@st.composite
def votes(draw: st.DrawFn) -> tuple[str, int, int, list[BallotChoice]]:
    """A form, the members, how many of them are recused, and no more ballots than voters."""
    members = draw(st.integers(1, MOST_SEATS))
    recused = draw(st.integers(0, members))
    cast = draw(st.lists(st.sampled_from(BallotChoice), max_size=members - recused))
    return draw(forms), members, recused, cast


@cache
def model() -> dmn.Model:
    newest = max(TABLE.glob("*.dmn"), key=lambda path: date.fromisoformat(path.stem))
    return dmn.load(newest.read_bytes())


def outcome(form: str, members: int, recused: int, tally: Tally) -> dict[str, Any]:
    inputs = {"form": form, "members": members, "recused": recused, "cast": tally.cast, "agree": tally.agree}
    found: dict[str, Any] = plain(model().evaluate("vote_outcome", inputs).value)
    return found


@given(votes(), st.randoms(use_true_random=False))
def test_the_order_of_ballots_does_not_matter(vote: tuple[str, int, int, list[BallotChoice]], chance: Random) -> None:
    form, members, recused, cast = vote
    mixed = list(cast)
    chance.shuffle(mixed)
    assert outcome(form, members, recused, count_ballots(cast)) == outcome(form, members, recused, count_ballots(mixed))


@given(votes(), st.data())
def test_turning_a_ballot_into_agreement_never_turns_a_pass_into_a_failure(
    vote: tuple[str, int, int, list[BallotChoice]], data: st.DataObject
) -> None:
    form, members, recused, cast = vote
    if not cast:
        return
    turned = list(cast)
    turned[data.draw(st.integers(0, len(cast) - 1))] = BallotChoice.AGREE
    before = outcome(form, members, recused, count_ballots(cast))["outcome"]
    after = outcome(form, members, recused, count_ballots(turned))["outcome"]
    assert (before, after) in {
        ("no_quorum", "no_quorum"), ("failed", "failed"), ("failed", "passed"), ("passed", "passed"),
    }  # fmt: skip


@given(votes())
def test_with_a_quorum_an_absent_member_counts_as_one_not_in_favour(
    vote: tuple[str, int, int, list[BallotChoice]],
) -> None:
    form, members, recused, cast = vote
    if len(cast) >= members - recused:
        return
    absent = outcome(form, members, recused, count_ballots(cast))
    against = outcome(form, members, recused, count_ballots([*cast, BallotChoice.DISAGREE]))
    if absent["outcome"] != "no_quorum":
        assert absent["outcome"] == against["outcome"]
    assert absent["needed"] == against["needed"]


@given(votes())
def test_the_outcome_agrees_with_its_own_numbers(vote: tuple[str, int, int, list[BallotChoice]]) -> None:
    form, members, recused, cast = vote
    tally = count_ballots(cast)
    found = outcome(form, members, recused, tally)
    expected = "no_quorum" if tally.cast < found["quorum"] else "passed" if tally.agree >= found["needed"] else "failed"
    assert found["outcome"] == expected
    assert members * 2 <= found["quorum"] * 3, "a sitting is valid with at least two thirds of the members (F03)"


@given(votes())
def test_all_in_favour_pass_and_none_in_favour_fail(vote: tuple[str, int, int, list[BallotChoice]]) -> None:
    form, members, recused, cast = vote
    nobody = count_ballots(choice for choice in cast if choice is not BallotChoice.AGREE)
    assert outcome(form, members, recused, nobody)["outcome"] != "passed"
    everybody = outcome(form, members, 0, count_ballots([BallotChoice.AGREE] * members))
    assert everybody["outcome"] == "passed"


@given(ballots)
def test_a_count_adds_up(cast: list[BallotChoice]) -> None:
    tally = count_ballots(cast)
    assert tally.cast == len(cast)
    assert tally.agree == cast.count(BallotChoice.AGREE)
    assert tally.abstain == cast.count(BallotChoice.ABSTAIN)


@given(st.integers(0, 50), st.integers(1, 50))
def test_a_percentage_is_within_half_a_hundredth(part: int, base: int) -> None:
    assert abs(float(percentage(part, base)) - 100 * part / base) <= 0.005 + 1e-9


@given(st.lists(st.tuples(st.uuids(), st.sampled_from(BallotChoice)), max_size=9), st.randoms(use_true_random=False))
def test_a_digest_tells_another_box_and_not_another_order(box: list[tuple[UUID, BallotChoice]], chance: Random) -> None:
    mixed = list(box)
    chance.shuffle(mixed)
    assert box_digest("line", box) == box_digest("line", mixed)
    assert box_digest("other", box) != box_digest("line", box)
    if box:
        ballot_id, choice = box[0]
        turned = BallotChoice.DISAGREE if choice is BallotChoice.AGREE else BallotChoice.AGREE
        assert box_digest("line", [(ballot_id, turned), *box[1:]]) != box_digest("line", box)
        assert box_digest("line", box[1:]) != box_digest("line", box)


@given(st.integers(0, 2**40 - 1), st.integers(0, 2**40 - 1))
def test_receipt_codes_differ_as_their_bits_do(first: int, second: int) -> None:
    assert (receipt_code(first) == receipt_code(second)) is (first == second)
    assert not set(receipt_code(first)) & set("IO01")


reasons = st.sampled_from(["self", "family", "direct_proposer", "collective_head", "declared"])


@given(
    st.lists(st.sampled_from("abcdefghij"), unique=True), st.dictionaries(st.sampled_from("abcdefghijxyz"), reasons),
    st.lists(st.sampled_from(["SELF", "FAMILY", "DIRECT_PROPOSER", "COLLECTIVE_HEAD"]), unique=True),
)  # fmt: skip
def test_recusal_follows_the_policy_but_the_nominee_never_votes(
    members: list[str], known: dict[str, str], policy: list[str]
) -> None:
    found = recused_members(members, known, ",".join(policy))
    assert set(found) <= set(members)
    for member in members:
        reason = known.get(member)
        always = reason in {"self", "declared"}
        assert (member in found) is (reason is not None and (always or reason.upper() in policy))
