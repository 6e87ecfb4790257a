"""Instances that a text declares, found by its words alone: use this for what Lean checks anyway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from prover.environments.syntax.lean.commands import after_priority, name_place
from prover.environments.syntax.lean.statement import begins, full_name
from prover.environments.syntax.lean.tokens import tokens

_ENDS = frozenset({":=", "where", "|"})


@dataclass(frozen=True, slots=True)
class Instance:
    """`instance NAME BINDERS : CLASS TYPE`, each as it is written; the name in full, and empty where it has none."""

    name: str
    binders: str
    class_name: str
    type: str


def instances(text: str) -> Iterator[Instance]:
    r"""Yield the instances of a text.

    >>> list(instances("instance addVec : Add Vec := ⟨Vec.add⟩\ninstance {α : Type} : Zero (Pair α) := ⟨.none⟩"))
    ... # doctest: +NORMALIZE_WHITESPACE
    [Instance(name='addVec', binders='', class_name='Add', type='Vec'),
     Instance(name='', binders='{α : Type}', class_name='Zero', type='(Pair α)')]
    """
    found = tokens(text)
    for i, token in enumerate(found):
        if token.text != "instance" or token.depth or not begins(found, i):
            continue
        after = [k for k in range(i + 1, len(found)) if not found[k].depth]
        colon = next((k for k in after if found[k].text == ":"), len(found))
        end = next((k for k in after if k > colon and found[k].text in _ENDS), len(found))
        if end < colon + 3:
            continue
        place = name_place(found, i)
        yield Instance(
            full_name(found[place].text, found[:i]) if place is not None else "",
            text[after_priority(found, i) if place is None else found[place].end : found[colon].start].strip(),
            found[colon + 1].text,
            text[found[colon + 2].start : found[end - 1].end] if end < len(found) else "",
        )
