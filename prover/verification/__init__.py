"""Verification: the only way to a proof."""
