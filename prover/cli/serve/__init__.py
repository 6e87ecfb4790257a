"""`prover serve`, and the worker processes that it keeps."""
