"""Reading tactics out of models' answers. Answers are untrusted text; nothing here raises."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from prover.policies.llm.prompts.prompt import Query

FENCE = "```"  # no tactic of any language holds one
END_OF_TEXT = ("</s>", "<|endoftext|>", "<|im_end|>", "<|eot_id|>", "<｜end▁of▁sentence｜>")
_GIVING_UP = frozenset({"by", "exact", "sorry", "admit", "oops", "·", ".", ";", "<;>"})
_COMMENT_OR_STRING = re.compile(r"--[^\n]*|/-|'\"'|\"(?:\\.|[^\"\\\n])*\"?")
_COMMENT_SIGN = re.compile(r"/-|-/")


def tactic(text: str, query: Query, *, stop: Iterable[str] = (), first_line: bool = False) -> str | None:
    """Return the tactic in an answer: the text up to `stop`, or one line after the prefix that the user typed."""
    text = cut(text.replace("\r\n", "\n"), stop)
    if query.prefix.strip():
        answer = (query.prefix + text.partition("\n")[0]).strip()
    else:
        answer = dedented(text.strip().partition("\n")[0] if first_line else text)
    return answer if is_attempt(answer) else None


def cut(text: str, marks: Iterable[str] = ()) -> str:
    """Return the text before the first of `marks`, a fence, or an end-of-text token."""
    for mark in (*marks, FENCE, *END_OF_TEXT):
        text = text.partition(mark)[0]
    return text


def dedented(text: str) -> str:
    """Return a block of tactics without surrounding blank lines, common indentation and trailing spaces."""
    lines = textwrap.dedent(text.expandtabs(4).strip("\n")).split("\n")
    return "\n".join([lines[0].strip(), *(line.rstrip() for line in lines[1:])]).strip("\n")


def is_attempt(text: str) -> bool:
    """Is this worth trying: not empty, not just giving up, without control characters?"""
    if not text.replace("\n", "").isprintable():
        return False
    return not set(without_comments(text).split()) <= _GIVING_UP


def without_comments(text: str) -> str:
    """Return Lean text with comments replaced by spaces, of the same length; strings are left alone."""
    pieces: list[str] = []
    at = 0
    while found := _COMMENT_OR_STRING.search(text, at):
        start, end = found.span()
        if found[0] == "/-":
            end = _end_of_comment(text, end)
        if found[0].startswith(("--", "/-")):
            pieces += [text[at:start], re.sub(r"[^\n]", " ", text[start:end])]
        else:
            pieces.append(text[at:end])
        at = end
    return "".join([*pieces, text[at:]])


def _end_of_comment(text: str, at: int) -> int:
    depth = 1
    while found := _COMMENT_SIGN.search(text, at):
        depth += 1 if found[0] == "/-" else -1
        at = found.end()
        if not depth:
            return at
    return len(text)
