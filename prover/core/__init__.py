"""The vocabulary: frozen data that every other part speaks in, one file a concept."""
