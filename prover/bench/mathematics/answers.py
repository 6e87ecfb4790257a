"""Reading the answer out of a model's text."""

from __future__ import annotations

import re

from prover.bench.mathematics.judge.number_words import number_in_words

MISSING = ""
"""The answer of a text that gives none; it equals no answer."""

_FINAL = re.compile(r"final answer:? the final answer is:?\s*(.*?)(?:\.?\s*I hope it is correct|$)", re.I | re.S)
_HASHED_LINE = re.compile(r"####\s*([^\n]*)")
_NUMBER = re.compile(r"([-+−–﹣]?)[\s*_$\\{(€£]*((?:\d{1,3}(?: \d{3})+(?![\d/])|\d[\d,]*\.?\d*|\.\d+)(?:\s*/\s*\d+)?)")
_BOX = re.compile(r"\\(?:boxed|fbox|framebox)(?![A-Za-z])\s*")
_WHOLE_CHOICE = re.compile(r"[^\w(]*\(?\s*([A-J])\s*\)?[^\w]*")
_LETTER_FIRST = re.compile(r"\W*\(?([A-J])\s*[).:]")
_SMALL_LETTER = re.compile(r"(?<!\w)\(\s*[a-j]\s*\)")
_IN_BRACKETS = re.compile(r"\(\s*([A-J])\s*\)")
_BARE_LETTER = re.compile(r"(?<![\w(\\'])([A-J])(?![\w'])")
_ARTICLE = re.compile(r"(?<![\w(])A(?=\s+[a-z])|(?<![\w(])I(?=\s+[a-z]|'|\s*$)")
_MARKUP = re.compile(r"\\(?:text|textbf|mathrm|mathbf|boxed|fbox)\s*\{([^{}]*)\}")


def hashed_number(text: str) -> str:
    """Return the number behind the last `####`, GSM8k's form, without currency, bold print and thousands' commas."""
    lines = _HASHED_LINE.findall(text)
    return number_in(lines[-1]) if lines else MISSING


def number_in(line: str) -> str:
    """Return the number that a line gives, behind its last equals sign; in digits if it is spelled out."""
    line = line.rpartition("=")[2].replace("{,}", ",").replace("\\!", "")
    if found := _NUMBER.search(line):
        digits = found[2].replace(",", "").replace(" ", "").rstrip(".")
        return ("" if found[1] in {"", "+"} else "-") + digits
    spelled = number_in_words(line.strip(" .*$"))
    return MISSING if spelled is None else str(spelled)


def final_answer(text: str) -> str:
    """Return what stands in Minerva's closing sentence, or else in the last box."""
    found = _FINAL.search(text)
    return found[1].strip() if found else last_box(text)


def final_choice(text: str) -> str:
    """Return the letter of the closing sentence's choice."""
    return choice_in(final_answer(text))


def choice_in(text: str) -> str:
    """Return the letter that a text chooses: all of it, at its start, in brackets (the last), or else by itself.

    "I" and "A" before a word are words.
    """
    while (plain := _MARKUP.sub(r" \1 ", text)) != text:
        text = plain
    text = text.replace("$", " ").replace("**", " ").strip()
    text = _SMALL_LETTER.sub(lambda found: found[0].upper(), text)
    if found := _WHOLE_CHOICE.fullmatch(text) or _LETTER_FIRST.match(text):
        return found[1]
    if enclosed := _IN_BRACKETS.findall(text):
        return str(enclosed[-1])
    bare = _BARE_LETTER.findall(_ARTICLE.sub(" ", text))
    return str(bare[-1]) if bare else MISSING


def last_line(text: str) -> str:
    """Return the last line that is not empty: what a program printed at its end."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), MISSING)


def last_box(text: str) -> str:
    r"""Return what the last box holds: `\boxed{}` and `\fbox{}`, braces in them being matched, or `\boxed 5`."""
    boxes = list(_BOX.finditer(text))
    if not boxes:
        return MISSING
    begin = boxes[-1].end()
    if not text.startswith("{", begin):
        inside, dollar, _ = text[begin:].partition("$")
        return inside.strip() if dollar else (inside.split() or [MISSING])[0].rstrip(".,;")
    depth, begin = 1, begin + 1
    for place in range(begin, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[begin:place].strip()
    return MISSING
