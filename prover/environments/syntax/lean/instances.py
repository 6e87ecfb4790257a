"""Instances with a name of their own that a text declares, found by its words alone."""

from __future__ import annotations

from collections.abc import Iterator

from prover.environments.syntax.lean.statement import begins, full_name
from prover.environments.syntax.lean.tokens import tokens


def named_instances(text: str) -> Iterator[tuple[str, str]]:
    r"""Yield full name and class of each.

    >>> list(named_instances("instance addVec : Add Vec := ⟨Vec.add⟩\ninstance : Mul Vec := ⟨Vec.mul⟩"))
    [('addVec', 'Add')]
    """
    found = tokens(text)
    for i, token in enumerate(found):
        if token.text != "instance" or token.depth or not begins(found, i) or i + 1 >= len(found):
            continue
        colon = next((k for k in range(i + 1, len(found) - 1) if found[k].text == ":" and not found[k].depth), None)
        if colon is not None and found[i + 1].kind == "word":
            yield full_name(found[i + 1].text, found[:i]), found[colon + 1].text
