"""The doors: the only way to change anything. Each is one transaction with one commit."""
