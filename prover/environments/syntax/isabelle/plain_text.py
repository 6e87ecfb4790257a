"""Text as it is judged and as Isabelle gets it: symbols written out, comments cut out. Nothing is read in two ways."""

from __future__ import annotations

from prover.environments.syntax.isabelle.symbols import written_out
from prover.environments.syntax.isabelle.tokens import without_comments


def plain_text(text: str) -> str:
    """Return the text in ASCII with a space for each comment, and its lines where they were.

    Raises:
        OuterSyntaxError: it is no sequence of tokens, or has characters outside of comments that are no symbols.
    """
    plain = without_comments(written_out(text))
    assert plain.isascii(), "tokens other than comments are ASCII"
    return plain
