"""`prover bench`, and what compares and exports its results."""
