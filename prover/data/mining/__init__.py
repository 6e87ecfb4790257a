"""Mining of training data: library statements, proofs found by search, steps of human proofs."""
