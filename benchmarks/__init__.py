"""Measurements of `prover`; README.md says what each does and what it found."""
