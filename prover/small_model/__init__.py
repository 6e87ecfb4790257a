"""The small model that ships: weights, tokenizer, the table of what it ranks. README.md is its model card."""

from pathlib import Path

FOLDER = Path(__file__).parent
