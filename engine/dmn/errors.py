"""What can be wrong with a decision: the file, its inputs, or its rules. Never an empty answer."""

from engine.errors import InvalidInputError


class DmnError(InvalidInputError):
    """Base of what a decision may refuse.

    `details["problem"]` is a code for what is wrong, by which pages find their sentence (`findings.<code>`); its
    particulars stand beside it: `table`, `row`, `column`, `field` (the name behind the column), `value`, `found`,
    `wanted`, `allowed`, `name` and what else the sentence names.
    """

    code = "dmn"


class DmnFileError(DmnError):
    """The file is no DMN, or holds something this engine cannot decide with."""

    code = "dmn_file"


class DecisionInputError(DmnError):
    """An input is missing, of the wrong type, or outside the allowed values."""

    code = "decision_input"


class NoRuleMatchedError(DmnError):
    """No rule of the table fits the inputs; the table has a gap there."""

    code = "no_rule_matched"


class RulesConflictError(DmnError):
    """Several rules fit where the hit policy allows one, or fitting rules answer differently under Any."""

    code = "rules_conflict"


class NoTableInForceError(DmnError):
    """No version of the table is in force on the date it was looked up by."""

    code = "no_table_in_force"
