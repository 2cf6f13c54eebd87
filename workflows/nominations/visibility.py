"""Who sees which sensitive class of a nomination's fields: the rulebook's table, by the name the pages know."""

from workflows.rulebook.visibility import may_see

__all__ = ["may_see"]
