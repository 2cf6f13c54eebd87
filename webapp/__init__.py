"""The Flask shell: lets each role do its tasks. Imports go down from here to workflows and engine."""

__version__ = "0.1.0"
