"""Looks for what is wrong with a decision table before it decides anything."""

from engine.dmn.table import DecisionTable
from engine.dmn.trace import Finding


def check_table(table: DecisionTable, known: frozenset[str]) -> list[Finding]:
    """Return unknown names."""
    return []
