"""Runs over problem sets: results, summaries, comparisons."""
