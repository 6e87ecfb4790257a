"""Runs over problem sets, and what is said about them."""
