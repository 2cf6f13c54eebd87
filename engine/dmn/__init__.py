"""Decision models (DMN 1.5): decision tables and expressions in FEEL, with a trace of every answer."""

from engine.dmn.checker import ANOTHER_TEXT
from engine.dmn.dated import InForce, TableVersions
from engine.dmn.elements import InputData
from engine.dmn.errors import (
    DecisionInputError,
    DmnError,
    DmnFileError,
    NoRuleMatchedError,
    NoTableInForceError,
    RulesConflictError,
)
from engine.dmn.loader import LOOKED_UP_BY, check, file_finding, load, root_attributes
from engine.dmn.model import Model
from engine.dmn.table import DecisionTable
from engine.dmn.trace import Decision, Finding, MatchedRule, TableTrace, Trace
from engine.dmn.types import ItemType

__all__ = [
    "ANOTHER_TEXT", "LOOKED_UP_BY", "Decision", "DecisionInputError", "DecisionTable", "DmnError", "DmnFileError",
    "Finding", "InForce", "InputData", "ItemType", "MatchedRule", "Model", "NoRuleMatchedError", "NoTableInForceError",
    "RulesConflictError", "TableTrace", "TableVersions", "Trace", "check", "file_finding", "load", "root_attributes",
]  # fmt: skip
