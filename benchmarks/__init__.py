"""Measurements of `prover` through its public classes; README.md says what each does and what it showed."""
