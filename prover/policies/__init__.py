"""Policies: what to try at a proof state."""
