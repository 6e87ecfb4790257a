"""Proof assistants: what search needs of one, and each of those we drive."""
