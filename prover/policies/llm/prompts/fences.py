"""Where the code is in a model's answer: behind its thoughts, in fences, closed or not."""

from __future__ import annotations

import re

from prover.policies.llm.prompts.answers import FENCE, cut

LAST_BLOCKS = 8
"""Number of blocks that are read, from the last one on: an answer of a megabyte may hold 100,000."""

_OPENING = re.compile(r"```[ \t]*([\w-]*)[^\n`]*\n")
_LEAN = frozenset({"lean", "lean4", "tactic", "tactics"})
_THOUGHT = "</think>"
_ANSWER = re.compile(r"<answer>(.*?)(?:</answer>|\Z)", re.DOTALL)
_TILDES = re.compile(r"^([ \t]*)~~~+", re.MULTILINE)


def blocks(text: str) -> list[str]:
    """Return the blocks of code that an answer gives, in its order: the Lean ones if any is marked so, else all.

    What a model writes before `</think>` are its drafts. They count only if no block follows.
    """
    return _fenced(text.rpartition(_THOUGHT)[2]) or _fenced(text)


def without_thoughts(text: str) -> str:
    """Return an answer without what the model thought before it; only what it marked as its answer, if it did."""
    text = text.rpartition(_THOUGHT)[2]
    marked = _ANSWER.findall(text)
    return str(marked[-1]) if marked else text


def opens_lean(text: str) -> bool:
    """Does a text open a fence that names Lean?"""
    return any(opening[1].lower() in _LEAN for opening in _OPENING.finditer(text))


def _fenced(text: str) -> list[str]:
    """Return the blocks of a text; the last may be unclosed."""
    text = _TILDES.sub(rf"\1{FENCE}", text)
    found: list[tuple[str, str]] = []
    at = 0
    while opening := _OPENING.search(text, at):
        closing = text.find(FENCE, opening.end())
        end = len(text) if closing < 0 else closing
        found.append((opening[1].lower(), text[opening.end() : end]))
        # A fence that names its language opens a block even where another one was left open.
        at = end if _OPENING.match(text, end) and _names_lean(text, end) else min(len(text), end + len(FENCE))
    lean = [code for language, code in found if language in _LEAN]
    return [cut(code) for code in (lean or [code for _, code in found])[-LAST_BLOCKS:]]


def _names_lean(text: str, at: int) -> bool:
    opening = _OPENING.match(text, at)
    return opening is not None and opening[1].lower() in _LEAN
