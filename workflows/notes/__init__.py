"""Notes on a case: what those who work on it tell each other, each for a circle of readers."""
