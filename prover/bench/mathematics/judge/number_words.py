"""Numbers in words: "four", "twenty-one", "one hundred and five"."""

from __future__ import annotations

import re
from fractions import Fraction

_SMALL = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_LARGE = {"thousand": 10**3, "million": 10**6, "billion": 10**9}


_PARTS = {
    "half": 2, "halve": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "hundredth": 100,
}  # fmt: skip
_SPELT = re.compile(r"[a-z]+(?:[\s-]+[a-z]+)*")


def number_in_words(text: str) -> Fraction | None:
    """Return the number that the text spells, None if it spells none."""
    text = text.strip().lower()
    if not _SPELT.fullmatch(text):
        return None
    words = re.findall("[a-z]+", text)
    if words[0] in {"minus", "negative"}:
        found = number_in_words(" ".join(words[1:]))
        return None if found is None else -found
    if (place := _last(words, "and")) and words[-1].removesuffix("s") in _PARTS:  # three and a half
        whole, part = _whole(words[:place]), number_in_words(" ".join(words[place + 1 :]))
        return None if whole is None or part is None else whole + part
    if (below := _PARTS.get(words[-1].removesuffix("s"))) is not None:
        above = 1 if words[:-1] in ([], ["a"]) else _whole(words[:-1])
        return None if above is None else Fraction(above, below)
    whole = _whole(words)
    return None if whole is None else Fraction(whole)


def _last(words: list[str], word: str) -> int:
    """Return the last place of a word, 0 if it is not there."""
    return len(words) - 1 - words[::-1].index(word) if word in words else 0


def _whole(words: list[str]) -> int | None:
    total = part = 0
    last = "and"
    for word in words:
        if word == "and":
            if last not in {"hundred", *_LARGE}:
                return None
        elif word in _SMALL and last not in _SMALL:
            part += _SMALL[word]
        elif word in _TENS and last not in _SMALL and last not in _TENS:
            part += _TENS[word]
        elif word == "hundred" and 0 < part < 10:
            part *= 100
        elif word in _LARGE and part:
            total, part = total + part * _LARGE[word], 0
        else:
            return None
        last = word
    return None if last == "and" else total + part
