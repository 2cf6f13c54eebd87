"""Dated look-ups: decision tables in force on a day, working days, deadlines, policy parameters."""
