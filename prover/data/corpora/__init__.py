"""Training data: documents, tokens, packed sequences, mixtures. numpy only, no torch."""
