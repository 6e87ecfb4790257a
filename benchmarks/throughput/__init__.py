"""Proof search with a language model: the paper's loop against ours, side by side."""
