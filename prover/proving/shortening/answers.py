"""What tactics that search the library have found, put in their place: a proof should not depend on a search."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from prover.errors import Message

_LOOKS_UP = ("exact", "apply", "rw", "have", "refine")
_SAYS_HOW = ("simp", "simp_all", "simpa", "dsimp", "grind", "aesop", "norm_num")
"""Without the question mark these do the same."""
_SEARCH = re.compile(rf"(?<![\w.])(?P<tactic>{'|'.join((*_LOOKS_UP, *_SAYS_HOW))})\?(?![\w.])")
_SUGGESTED = re.compile(r"Try (?:this|these):")
_ITEM = re.compile(r"^\s*(?:\[apply\]|•)\s+", re.MULTILINE)
_COMMENT = re.compile(r"\s*--.*$", re.MULTILINE)


def searches(tactic: str) -> bool:
    """Does this tactic look something up?"""
    return _SEARCH.search(tactic) is not None


def answers(messages: Iterable[Message]) -> list[str]:
    """Return the tactics that Lean suggests, in the order of the text."""
    found: list[str] = []
    for message in sorted(messages, key=lambda message: (message.line, message.column)):
        if suggested := _SUGGESTED.search(message.text):
            rest = _COMMENT.sub("", message.text[suggested.end() :])
            found += [" ".join(item.split()) for item in _ITEM.split(rest) if item.strip()]
    return found


def answered(tactic: str, found: Sequence[str]) -> list[tuple[str, ...]]:
    """Return what may stand in place of a tactic that looks something up: its answers, several if it has several."""
    search = _SEARCH.search(tactic)
    if search is None:
        return []
    before, after = tactic[: search.start()], tactic[search.end() :]
    own = [search["tactic"]] if search["tactic"] in _SAYS_HOW else []
    instead: list[tuple[str, ...]] = [(before + answer + after,) for answer in dict.fromkeys([*own, *found])]
    head = before.rstrip()
    if head.endswith("<;>") and not after.strip():  # the goals before it have an answer each
        instead.append((head.removesuffix("<;>").rstrip(), *found))
    return instead
