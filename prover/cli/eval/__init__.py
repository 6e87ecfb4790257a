"""`prover eval`, and `prover eval formalisation`."""
