"""How language models want to be asked for tactics and proofs: one file a format."""
