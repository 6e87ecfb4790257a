"""The parts of a printed conjunction."""

from __future__ import annotations

from prover.environments.syntax.lean.tokens import tokens

_LOOSER = frozenset("∨→↔$|")
_OPEN_ENDED = frozenset({"∀", "∃", "fun", "λ", "let", "have", "if", "match", "show"})
"""What reaches to the end of the text."""


def conjuncts(proposition: str) -> list[str]:
    """Return the parts of a conjunction, or the proposition itself if it is none.

    >>> conjuncts("n < 2 ∧ (p ∨ q) ∧ ∀ d, d ∣ 2 → d = 1 ∧ p")
    ['n < 2', '(p ∨ q)', '∀ d, d ∣ 2 → d = 1 ∧ p']
    >>> conjuncts("p ∧ q → r")
    ['p ∧ q → r']
    """
    parts, start = [], 0
    for token in tokens(proposition):
        if token.depth:
            continue
        if token.text in _OPEN_ENDED:
            break
        if token.text in _LOOSER:
            return [proposition]
        if token.text == "∧":
            parts.append(proposition[start : token.start].strip())
            start = token.end
    return [*parts, proposition[start:].strip()]
