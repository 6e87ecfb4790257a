"""Running programs that a language model wrote."""
