"""Comments of the staff on a nomination: the window, what was said, what was verified, the summary."""
