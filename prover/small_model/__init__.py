"""Where the small model goes that `make small-model` trains: weights, tokenizer, the table of what it ranks."""

from pathlib import Path

FOLDER = Path(__file__).parent
NAME = "prover-small"
"""What the names of such models begin with, wherever they run: they read and write in the format `pointers`."""
