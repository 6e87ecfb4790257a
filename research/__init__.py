"""Experiments that ship nothing; README.md says what was tried and what was found."""
