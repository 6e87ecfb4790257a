"""What was learned: the orders that ship, and beside them the small model that `make small-model` trains, if it has."""

from pathlib import Path

FOLDER = Path(__file__).parent
NAME = "prover-small"
"""What the names of such models begin with, wherever they run: they read and write in the format `pointers`."""
