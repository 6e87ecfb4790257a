"""Proof search with a language model: the paper's loop and ours, side by side."""
