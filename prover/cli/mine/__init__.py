"""`prover mine`: a file for each of its commands."""
