"""Nominations sent to the Minister: the submission letter, its way, the answer and the award."""
