"""Theorems of a repository that LeanDojo has traced."""
