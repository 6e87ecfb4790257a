"""What models are trained on: documents, tokens, packed sequences, mixtures. numpy only, no torch."""
