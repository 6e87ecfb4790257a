"""What is held out for evaluation: never mined, never trained on. Only this module decides it.

- A tenth of all theorems, by name: those whose name has a SHA-256 that is 0 modulo 10 (the hexadecimal digest read as
  a number). For the library's theorems this is the held-out set; the rule holds for every other named theorem too, so
  that a project of your own has a held-out tenth as well.
- All of miniF2F, by name and by statement. The package carries digests of both, not the text; benchmarks/hold_out.py
  writes them.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import re
import unicodedata
from pathlib import Path

SHARE = 10
"""One theorem in this many is held out."""
MINIF2F = Path(__file__).parent / "held_out_minif2f.json"

_COMMENT = re.compile(r"/-.*?-/|--[^\n]*", re.DOTALL)
_HEAD = re.compile(r"^.*?\b(?:theorem|lemma)\s+[^\s:({\[⦃]+|^.*?\bexample\b", re.DOTALL)
_THEOREM = re.compile(r"\b(?:theorem|lemma)\s+([^\s:({\[⦃]+)")
_NAMES = str.maketrans({"ℕ": "Nat", "ℤ": "Int", "ℚ": "Rat", "ℝ": "Real", "ℂ": "Complex", "λ": "fun"})
_OPENING, _CLOSING = "([{⟨⦃", ")]}⟩⦄"


def is_held_out(name: str, statement: str = "") -> bool:
    """Is this theorem kept for evaluation? `name` is its full name, `statement` its text, if known."""
    if int(hashlib.sha256(name.encode()).hexdigest(), 16) % SHARE == 0:
        return True
    return is_minif2f(name, statement)


def is_minif2f(name: str, statement: str = "") -> bool:
    """Is this a problem of miniF2F?"""
    names, statements = _minif2f()
    return name_digest(name) in names or (bool(statement) and statement_digest(statement) in statements)


def states_minif2f(text: str) -> bool:
    """Does a text, such as a Lean file, state a problem of miniF2F?"""
    starts = [match.start() for match in _THEOREM.finditer(text)]
    for start, end in itertools.pairwise([*starts, len(text)]):
        statement = text[start:end]
        match = _THEOREM.match(statement)
        if match and is_minif2f(match[1], statement):
            return True
    return False


def name_digest(name: str) -> str:
    """Return what stands for a name: of its last part, and without regard to case."""
    return _digest(name.rpartition(".")[2].lower().replace("-", "_"))


def statement_digest(statement: str) -> str:
    """Return what stands for a statement: see `normalised`."""
    return _digest(normalised(statement))


def normalised(statement: str) -> str:
    """Return a statement without header, name, proof, comments and white space, and with ASCII names of number types.

    >>> normalised("theorem t (h₀ : 0 < n)  : n ≠ 0 := by sorry") == normalised("lemma u (h0 : 0 < n) : n ≠ 0")
    True
    """
    text = _HEAD.sub("", _COMMENT.sub(" ", statement), count=1)
    depth = 0
    for at, character in enumerate(text):
        depth += (character in _OPENING) - (character in _CLOSING)
        if depth == 0 and text.startswith(":=", at):
            text = text[:at]
            break
    return "".join(unicodedata.normalize("NFKC", text.translate(_NAMES)).split())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@functools.cache
def _minif2f() -> tuple[frozenset[str], frozenset[str]]:
    data = json.loads(MINIF2F.read_text())
    return frozenset(data["names"]), frozenset(data["statements"])
