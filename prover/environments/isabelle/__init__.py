"""Isabelle/HOL through PISA, and by its own batch build."""
