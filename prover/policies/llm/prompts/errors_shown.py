"""The errors of a proof as a model is told of them: each with the lines around it and its place marked.

Layout: Goedel-Prover-V2 (Lin et al. 2025), `src/utils.py` of its repository.
"""

from __future__ import annotations

from prover.policies.llm.prompts.prompt import Failure
from prover.policies.llm.prompts.wording import filled

MOST_ERRORS = 8
LINES_BEFORE, LINES_AFTER = 4, 1
LONGEST_MESSAGE = 4_000
"""Characters of a message that are shown: a printed goal may be as long as you like."""


def shown_errors(words: str, failure: Failure) -> str:
    """Return the first errors of a failure, each in these words, with blank lines between them."""
    lines = failure.code.split("\n")
    return "\n\n".join(
        filled(
            words,
            {
                "number": str(number),
                "code": _marked(lines, error.line - 1, error.column),
                "message": error.text.strip()[:LONGEST_MESSAGE],
            },
        )
        for number, error in enumerate(failure.errors[:MOST_ERRORS], start=1)
    )


def _marked(lines: list[str], line: int, column: int) -> str:
    """Return the lines around an error, its line marked from its column on; nothing for an error without a place."""
    if not 0 <= line < len(lines):
        return ""
    before, after = lines[max(0, line - LINES_BEFORE) : line], lines[line + 1 : line + 1 + LINES_AFTER]
    marked = f"{lines[line][:column]}<error>{lines[line][column:]}</error>"
    return "\n".join([*before, marked, *after])
