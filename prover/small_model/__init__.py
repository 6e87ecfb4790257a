"""Where the small model goes that `make small-model` trains: weights, tokenizer, the table of what it ranks."""

from pathlib import Path

FOLDER = Path(__file__).parent
