"""Nobody learns who chose what in a secret ballot: not from rows, their order or versions, events, logs or answers."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands.tasks import complete_task, save_draft
from engine.db import Base, canonical, reading
from engine.errors import ForbiddenError, InvalidInputError
from engine.history import verify
from tests.support.sitting import MEMBERS, Matter, Sitting
from workflows.council import queries
from workflows.council.models import BallotChoice, BallotReceipt, SecretBallot

CHOICES = [choice.value for choice in BallotChoice]
VOTES = dict(zip(MEMBERS, ["AGREE", "DISAGREE", "AGREE", "ABSTAIN", "AGREE", "AGREE", "DISAGREE", "AGREE", "AGREE"],
                 strict=True))  # fmt: skip
ROUNDS = 24


@pytest.fixture
def statements(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything is logged, the statements of the database too."""
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.INFO, logger="sqlalchemy.engine"):
        yield caplog


@pytest.fixture
def sitting(new_sitting: Callable[..., Sitting], database_kind: str) -> Sitting:
    opened = new_sitting(database_kind, seed=23)
    opened.compose()
    opened.call(mode="SECRET")
    return opened


def swapped(one: str, other: str) -> dict[str, str]:
    return VOTES | {one: VOTES[other], other: VOTES[one]}


def dump(sitting: Sitting) -> dict[str, list[str]]:
    """Every row of every table in the order the database gives them; with row ids where it has some."""
    found = {}
    with reading(sitting.engine.sessions) as session:
        connection = session.connection()
        for table in Base.metadata.sorted_tables:
            if not sa.inspect(connection).has_table(table.name):
                continue
            columns: list[Any] = list(table.columns)
            numbered = connection.dialect.name == "sqlite" and table.dialect_options["sqlite"]["with_rowid"]
            if numbered:
                columns.append(sa.literal_column("rowid"))
            rows = connection.execute(sa.select(*columns))
            found[table.name] = [repr([canonical(value) for value in row]) for row in rows]
    return found


def run(sitting: Sitting, votes: dict[str, str], *, until: int = len(MEMBERS)) -> dict[str, list[str]]:
    """One sitting with everything seeded: members vote in order, with request keys, one of them after mistakes."""
    sitting.compose()
    sitting.call(mode="SECRET")
    matter = sitting.bring().schedule()
    for member in MEMBERS[:until]:
        if member == "hd5":
            stumble(matter, member, votes[member])
        manner = "WRITTEN_OPINION" if member == "hd9" else "PRESENT"
        matter.vote(member, votes[member], key=f"{member}-1", manner=manner)
    return dump(sitting)


def stumble(matter: Matter, member: str, choice: str) -> None:
    """What a member may do wrong with a secret ballot: save a draft, add a note, choose nothing that exists."""
    task = matter.task("cast_ballot", member)
    actor = matter.sitting.actor(member)
    values = {"interest": "NONE", "choice": choice}
    with pytest.raises(ForbiddenError):
        save_draft(matter.sitting.engine, task.id, actor, values, 0)
    with pytest.raises(InvalidInputError) as noted:
        complete_task(matter.sitting.engine, task.id, actor, {**values, "note": f"tôi chọn {choice}"})
    with pytest.raises(InvalidInputError) as unknown:
        complete_task(matter.sitting.engine, task.id, actor, {"interest": "NONE", "choice": f"{choice}S"})
    for refusal in (noted, unknown):
        assert choice not in str(refusal.value)
        assert choice not in repr(refusal.value.details)


@pytest.mark.parametrize(("until", "pair"), [(9, ("hd1", "hd2")), (9, ("hd7", "hd9")), (7, ("hd4", "hd7"))])
def test_two_runs_in_which_two_members_swap_choices_leave_equal_databases(
    new_sitting: Callable[..., Sitting], database_kind: str, until: int, pair: tuple[str, str]
) -> None:
    votes = swapped(*pair)
    assert votes != VOTES
    first = run(new_sitting(database_kind), VOTES, until=until)
    second = run(new_sitting(database_kind), votes, until=until)
    assert first.keys() == second.keys()
    for table in first:
        assert sorted(first[table]) == sorted(second[table]), f"{table} tells the runs apart"
        if database_kind == "sqlite":
            assert first[table] == second[table], f"{table} tells the runs apart by the order of its rows"
    assert len(first["secret_ballot"]) == until


def test_a_run_with_another_count_does_differ(new_sitting: Callable[..., Sitting]) -> None:
    """The comparison above can fail: one changed choice changes the box and the count."""
    first = run(new_sitting(), VOTES)
    second = run(new_sitting(), VOTES | {"hd1": "DISAGREE"})
    different = {table for table in first if sorted(first[table]) != sorted(second[table])}
    assert {"secret_ballot", "line_result"} <= different
    assert "ballot_receipt" not in different


def test_no_word_of_a_choice_stands_outside_the_box(statements: pytest.LogCaptureFixture, sitting: Sitting) -> None:
    matter = sitting.bring().schedule()
    answers = []
    for member in MEMBERS:
        if member == "hd5":
            stumble(matter, member, VOTES[member])
        answers.append(repr(matter.vote(member, VOTES[member], key=member)))
    with reading(sitting.engine.sessions, at_one_instant=True) as session:
        shown = repr(queries.lines_of(session, "PH-01")) + repr(queries.list_sessions(session))
        shown += "".join(repr(queries.votes_of(session, "PH-01", sitting.people[one])) for one in MEMBERS)
        assert queries.ballots_of_line(session, matter.line_id) == []
        assert list(verify(session)) == []
    rows = dump(sitting)
    assert len(rows.pop("secret_ballot")) == len(MEMBERS)
    for choice in CHOICES:
        assert not any(f"'{choice}'" in row or f'"{choice}"' in row for part in rows.values() for row in part)
        assert not any(choice in answer for answer in answers)
        assert f"'{choice}'" not in shown
        assert f"'{choice}'" not in statements.text
    for told in ("INSERT INTO secret_ballot", "SQL parameters hidden"):
        assert told in statements.text, "statements were logged, without their values"


def test_a_repeated_request_tells_nothing_and_adds_nothing(sitting: Sitting) -> None:
    matter = sitting.bring().schedule()
    task = matter.task("cast_ballot", "hd1")
    actor = sitting.actor("hd1")

    def send(choice: str) -> tuple[UUID, ...]:
        values = {"interest": "NONE", "choice": choice}
        return complete_task(sitting.engine, task.id, actor, values, idempotency_key="k").closed

    assert send("AGREE") == send("DISAGREE") == (task.id,)
    with reading(sitting.engine.sessions) as session:
        assert session.scalars(sa.select(SecretBallot.choice)).all() == [BallotChoice.AGREE]


def guesses(sitting: Sitting, line_id: str) -> dict[str, dict[str, str]]:
    """What somebody with the whole database may guess: receipts joined with the box by whatever order rows have."""
    with reading(sitting.engine.sessions) as session:
        connection = session.connection()
        names = {person: nickname for nickname, person in sitting.people.items()}
        receipts = sa.select(BallotReceipt.member_id).where(BallotReceipt.line_id == line_id)
        ballots = sa.select(SecretBallot.choice).where(SecretBallot.line_id == line_id)
        if connection.dialect.name == "sqlite":
            orders: dict[str, tuple[Any, Any]] = {"rowid": (sa.text("rowid"), None)}
        else:
            orders = {"ctid": (sa.text("ctid"), sa.text("ctid")), "xmin": (sa.text("xmin::text::bigint"),) * 2}
        orders["id"] = (BallotReceipt.id, SecretBallot.id)
        found = {}
        for name, (by_receipt, by_ballot) in orders.items():
            people = connection.execute(receipts.order_by(by_receipt)).scalars().all()
            boxed = connection.execute(ballots if by_ballot is None else ballots.order_by(by_ballot)).scalars().all()
            found[name] = {names[one]: choice.value for one, choice in zip(people, boxed, strict=True)}
        if connection.dialect.name == "postgresql":
            versions = sa.text("SELECT count(DISTINCT xmin::text) FROM secret_ballot WHERE line_id = :line_id")
            assert connection.execute(versions, {"line_id": line_id}).scalar_one() == 1, "one cast wrote the whole box"
        return found


def chance(counts: list[Counter[str]], luck: Random, trials: int = 4_000) -> tuple[int, int]:
    """The middle and the highest thousandth of hits when every box is dealt out at random."""
    totals = []
    for _ in range(trials):
        hits = 0
        for count in counts:
            votes = list(count.elements())
            dealt = votes[:]
            luck.shuffle(dealt)
            hits += sum(one == other for one, other in zip(votes, dealt, strict=True))
        totals.append(hits)
    totals.sort()
    return totals[trials // 2], totals[trials - trials // 1_000 - 1]


@pytest.mark.slow
def test_joining_receipts_and_ballots_does_no_better_than_chance(sitting: Sitting) -> None:
    luck = Random(5)
    hits: Counter[str] = Counter()
    counts = []
    for _ in range(ROUNDS):
        matter = sitting.bring().schedule()
        order = list(MEMBERS)
        luck.shuffle(order)
        votes = {member: luck.choice(CHOICES) for member in order}
        for member in order:
            matter.vote(member, votes[member])
        counts.append(Counter(votes.values()))
        for name, guess in guesses(sitting, matter.line_id).items():
            hits[name] += sum(guess[member] == votes[member] for member in MEMBERS)
    middle, highest = chance(counts, luck)
    assert middle < highest < ROUNDS * len(MEMBERS), "a join that gives every vote back would be seen"
    for name, found in hits.items():
        assert found <= highest, f"a join by {name} gave back {found} of {ROUNDS * len(MEMBERS)}, chance gives {middle}"


def test_rows_of_the_box_are_new_at_each_cast(sitting: Sitting) -> None:
    matter = sitting.bring().schedule()
    seen: set[UUID] = set()
    for number, member in enumerate(MEMBERS[:5], 1):
        matter.vote(member, VOTES[member])
        with reading(sitting.engine.sessions) as session:
            ids = set(session.scalars(sa.select(SecretBallot.id)))
        assert len(ids) == number
        assert not ids & seen
        seen |= ids


def test_an_altered_box_is_found(sitting: Sitting) -> None:
    matter = sitting.bring().schedule()
    for member in MEMBERS:
        matter.vote(member, VOTES[member])
    with reading(sitting.engine.sessions) as session:
        assert list(queries.verify_boxes(session)) == []
    with sitting.engine.sessions.kw["bind"].begin() as connection:
        assert connection.exec_driver_sql("UPDATE secret_ballot SET choice = 'AGREE'").rowcount == len(MEMBERS)
    with reading(sitting.engine.sessions) as session:
        found = [(finding.code, finding.what) for finding in queries.verify_boxes(session)]
        assert found == [("box_altered", f"secret_ballot:{matter.line_id}")]
        assert list(queries.verify_boxes(session, "ĐN-2025-TK-999")) == []
        result = queries.line_view(session, matter.line_id).result
        assert result is not None
        assert not result.intact
