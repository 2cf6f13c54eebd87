"""Ours and the stock library, driven side by side: equal, or a hazard of the library that has a name."""
