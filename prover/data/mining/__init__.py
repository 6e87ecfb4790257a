"""Mining: statements of the library, proofs that the search finds, steps of proofs that people wrote."""
