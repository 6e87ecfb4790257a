"""Isabelle text as text: its symbols, tokens, commands, statements. Knows no running Isabelle."""
