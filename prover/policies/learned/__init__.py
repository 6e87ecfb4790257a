"""Orders that are learned from mined outcomes."""
