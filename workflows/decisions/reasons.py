"""Why a nomination was decided as it was: the tables applied, the rows that fitted and what they cite."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import ProcessInstance, RuleEvaluation
from engine.tables import plain_outputs
from workflows.labels import label
from workflows.rulebook.words import value_words

SHOWN: Mapping[str, tuple[str, ...]] = {
    "eligibility": ("level", "code"),
    "vote_outcome": ("outcome",),
    "authority": ("issuer", "signer_title"),
    "prize": ("multiple", "base_salary_vnd", "amount_vnd"),
}
"""Tables an annex names, in its order, with the outputs it tells: how many voted how is nobody's to read there."""


def reasons_of(session: Session, business_key: str) -> list[dict[str, Any]]:
    """Return the last evaluation of each table for a case, in words: title, day, outcome and the rows' sources."""
    query = (
        sa.select(RuleEvaluation)
        .join(ProcessInstance, ProcessInstance.id == RuleEvaluation.instance_id)
        .where(ProcessInstance.business_key == business_key, RuleEvaluation.table_key.in_(SHOWN))
        .order_by(RuleEvaluation.at, RuleEvaluation.id)
    )
    last = {row.table_key: row for row in session.scalars(query)}
    return [_in_words(last[table]) for table in SHOWN if table in last]


def _in_words(row: RuleEvaluation) -> dict[str, Any]:
    return {
        "table": label(f"tables.{row.table_key}"),
        "since": row.valid_from.isoformat(),
        "on": row.looked_up_on.isoformat(),
        "outcome": _outcome(row.table_key, plain_outputs(row.outputs)),
        "sources": [
            {"rule": str(rule["annotations"].get("rule", "")), "source": str(rule["annotations"].get("source", ""))}
            for rule in row.matched
        ],
    }


def _outcome(table: str, found: Any) -> str:
    rows = found if isinstance(found, list) else [found]
    said = ["; ".join(_output(name, row[name]) for name in SHOWN[table] if name in row) for row in rows]
    return " · ".join(said) or label("reasons.nothing_found")


def _output(name: str, value: Any) -> str:
    return f"{label(f'outputs.{name}')}: {value_words(name, value)}"
