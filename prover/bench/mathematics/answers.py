"""Reading the answer out of a model's text, and finding the majority of its answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

MISSING = ""
"""The answer of a text that gives none; it equals no answer."""

_FINAL = re.compile(r"final answer:? the final answer is\s*(.*?)(?:\.?\s*I hope it is correct|$)", re.I | re.S)
_HASHES = re.compile(r"####\s*(-?[$\d.,]+)")
_CHOICE = re.compile(r"\(?\b([A-J])\b\)?")
_BOX = r"\boxed{"


def hashed_number(text: str) -> str:
    """Return the number behind `####`: GSM8k's form."""
    found = _HASHES.findall(text)
    return found[-1].replace(",", "").replace("$", "").rstrip(".") if found else MISSING


def final_answer(text: str) -> str:
    """Return what stands in Minerva's closing sentence, or else in the last box."""
    found = _FINAL.search(text)
    return found[1].strip() if found else last_box(text)


def final_choice(text: str) -> str:
    """Return the letter of the closing sentence's choice."""
    found = _CHOICE.search(final_answer(text))
    return found[1] if found else MISSING


def last_line(text: str) -> str:
    """Return the last line that is not empty: what a program printed at its end."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), MISSING)


def last_box(text: str) -> str:
    r"""Return what the last `\boxed{}` holds, braces in it being matched."""
    start = text.rfind(_BOX)
    if start < 0:
        return MISSING
    depth, begin = 1, start + len(_BOX)
    for place in range(begin, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[begin:place]
    return MISSING


def plain_number(answer: str) -> str:
    """Return a whole number without its `.0`; anything else as it is."""
    whole, dot, fraction = answer.partition(".")
    return whole if dot and not fraction.strip("0") and whole.lstrip("-").isdigit() else answer


def majority(answers: Sequence[str], same: Callable[[str], str] = str) -> str:
    """Return the answer that most of them are, by their form `same`; of equal counts the earliest.

    Missing answers have no vote. Source: self-consistency (Wang et al. 2022); the paper's maj@k.
    """
    counts: dict[str, int] = {}
    first: dict[str, str] = {}
    for answer in answers:
        if answer != MISSING:
            form = same(answer)
            counts[form] = counts.get(form, 0) + 1
            first.setdefault(form, answer)
    return first[max(counts, key=lambda form: counts[form])] if counts else MISSING
