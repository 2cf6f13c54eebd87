"""The secret ballot box: the only module that writes ballots of secret lines.

What anybody can read of a line afterwards is which members voted, and how many ballots say what. To keep it so, the
box of the line is written anew at each cast: all ballots deleted, the choices brought into a fixed order, shuffled,
and inserted under fresh ids. Ids, positions, row versions and the number of random draws are therefore the same
whoever chose what.

What this does not hide: who can copy the database itself between two casts sees what the later one added, as
somebody would who may look into the box while people vote. Access to a running database is the operator's to guard.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.context import StepContext
from engine.db import table_of
from engine.statements import Statement
from workflows.council.models import BallotChoice, SecretBallot
from workflows.council.rules import Tally, box_digest, count_ballots

_BALLOT = table_of(SecretBallot)
_EMPTY = Statement(sa.delete(_BALLOT).where(_BALLOT.c.line_id == sa.bindparam("line")).returning(_BALLOT.c.choice))
_FILL = Statement(sa.insert(_BALLOT))


def put_in(ctx: StepContext, line_id: str, choice: BallotChoice) -> None:
    """Put a ballot into the box of a line and mix the whole box.

    The caller holds the case, so that no two members write one box at a time.
    """
    choices = sorted([*(cells[0] for cells in _EMPTY.all(ctx.session, {"line": line_id})), choice])
    ctx.random.shuffle(choices)
    _FILL.run_each(ctx.session, [{"id": ctx.ids.new(), "line_id": line_id, "choice": one} for one in choices])


def count(session: Session, line_id: str) -> tuple[Tally, str]:
    """Return the count of a box and the digest that proves it."""
    query = sa.select(SecretBallot.id, SecretBallot.choice).where(SecretBallot.line_id == line_id)
    ballots = [(row.id, row.choice) for row in session.execute(query)]
    return count_ballots(choice for _, choice in ballots), box_digest(line_id, ballots)
