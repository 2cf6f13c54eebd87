"""Nine members press the button in the same moment: nine operating-system processes, nine ballots, every time."""

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest
import sqlalchemy as sa

from engine.db import reading
from engine.history import verify
from engine.models import HistoryEvent, UserTask
from tests.support.nine_votes import CHOICES, vote_together
from tests.support.sitting import MEMBERS, Sitting
from workflows.council import queries
from workflows.council.models import BallotReceipt, OpenBallot, SecretBallot

ROUNDS = 20


@pytest.fixture
def sitting(new_sitting: Callable[..., Sitting], database_kind: str) -> Sitting:
    opened = new_sitting(database_kind)
    opened.compose()
    return opened


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "rounds"), [("SECRET", ROUNDS), ("OPEN", 5)])
def test_nine_of_nine_stand_in_every_round(sitting: Sitting, mode: str, rounds: int) -> None:
    sitting.call(mode=mode)
    matters = [sitting.bring().schedule() for _ in range(rounds)]
    votes = vote_together(sitting, sitting.database_url, matters, Random(9))
    assert votes.told == [{"voted": len(MEMBERS)}] * rounds, "nobody is turned away or shown a lock"
    table = SecretBallot if mode == "SECRET" else OpenBallot
    with reading(sitting.engine.sessions, at_one_instant=True) as session:
        for matter, count in zip(matters, votes.counts, strict=True):
            line = queries.line_view(session, matter.line_id)
            result = line.result
            assert result is not None, "the ninth ballot closed the line"
            assert (result.cast, result.recused, result.members) == (9, 0, 9)
            assert (result.agree, result.disagree, result.abstain) == tuple(count[choice] for choice in CHOICES)
            assert result.intact
            boxed = session.scalars(sa.select(table.choice).where(table.line_id == line.line_id)).all()
            assert Counter(choice.value for choice in boxed) == count
            receipts = session.scalars(sa.select(BallotReceipt).where(BallotReceipt.line_id == line.line_id)).all()
            assert len({receipt.member_id for receipt in receipts}) == len(receipts) == 9
            tasks = session.scalars(sa.select(UserTask).where(
                UserTask.instance_id == matter.id, UserTask.element_id == "cast_ballot")).all()  # fmt: skip
            assert [str(task.status) for task in tasks] == ["completed"] * 9
            assert all(task.completed_by == task.assignee for task in tasks)
            assert matter.open_elements() == ["confirm_minutes_secretary"]
            closed = sa.select(sa.func.count()).where(
                HistoryEvent.chain == str(matter.id), HistoryEvent.element_id == "close_line",
                HistoryEvent.kind == "service.done",
            )  # fmt: skip
            assert session.scalar(closed) == 1, "the line was counted once"
        assert list(verify(session)) == []
