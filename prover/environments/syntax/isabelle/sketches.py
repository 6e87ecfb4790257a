"""Proofs with gaps: where they are, and what stands between them."""

from __future__ import annotations

from prover.environments.syntax.isabelle import commands
from prover.environments.syntax.isabelle.tokens import Kind, OuterSyntaxError, Token, tokens, without_comments

_GAPS = commands.GAPS | {"sorry", r"\<proof>"}


def proof_commands(text: str) -> list[str]:
    """Return the proof commands of a text in order; none for what is no text of Isabelle's."""
    try:
        return [token.text for token in tokens(text) if _is_word(token) and token.text in commands.PROOF | _GAPS]
    except OuterSyntaxError:
        return []


def pieces(sketch: str) -> list[str]:
    """Return the texts before, between and behind the gaps of a sketch. Raises OuterSyntaxError."""
    text = without_comments(sketch)
    found: list[str] = []
    start = 0
    for token in tokens(text):
        if _is_word(token) and token.text in _GAPS:
            found.append(text[start : token.start].strip())
            start = token.start + len(token.text)
    return [*found, text[start:].strip()]


def with_sorry(sketch: str) -> str:
    """Return a sketch with `sorry` in every gap: it can be tried, and proves nothing. Raises OuterSyntaxError."""
    return "".join("sorry" if _is_word(token) and token.text in _GAPS else token.text for token in tokens(sketch))


def declarations(text: str) -> tuple[str, ...]:
    """Return the commands of a text that name facts, variables or abbreviations, without the proofs between them.

    Isabelle prints none of them with a later state, though later steps may use them. Empty for what is no text of
    Isabelle's.
    """
    found: list[list[str]] = []
    declaring = False
    try:
        for token in tokens(without_comments(text)):
            if _is_word(token) and token.text in commands.PROOF | _GAPS:
                declaring = token.text in commands.DECLARING
                if declaring:
                    found.append([])
            if declaring and token.proper:
                found[-1].append(token.text)
    except OuterSyntaxError:
        return ()
    return tuple(" ".join(words) for words in found)


def _is_word(token: Token) -> bool:
    return token.kind in (Kind.WORD, Kind.SYMBOL)
