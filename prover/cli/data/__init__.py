"""`prover data`: a file for each group of its commands."""
