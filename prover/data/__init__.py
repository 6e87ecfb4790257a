"""Data to train on: corpora, mined proofs, and what of the evaluations is in them."""
