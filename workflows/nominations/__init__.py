"""Nominations from the unit's proposal to the end of intake: content, completeness, eligibility, appraisal."""
