"""Prompt formats for tactics and proofs, one file per format."""
