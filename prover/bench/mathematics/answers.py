"""Reading the answer out of a model's text."""

from __future__ import annotations

import re
import unicodedata

from prover.bench.mathematics.judge.normalise import closing
from prover.bench.mathematics.judge.number_words import number_in_words

MISSING = ""
"""The answer of a text that gives none; it equals no answer."""

_FINAL = re.compile(
    r"final answer:?[\s*]*the final answer is:?\s*(.*?)(?:\.?\s*I hope it is correct|\.?\s*\n\s*\n|\.?\s*$)",
    re.I | re.S,
)
_HASHED_LINE = re.compile(r"####\s*([^\n]*)")
_NUMBER = re.compile(
    r"((?:\d{1,3}(?: \d{3})+(?![\d/])|\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d*)?|(?<![A-Za-z.])\.\d+)(\s*/\s*\d+)?"
)
_BEFORE_NUMBER = " \t*_$\\{(€£"
_MINUS = re.compile(r"(?:[-−–﹣]|\bminus|\bnegative)\Z", re.I)
_MORE_BEFORE = re.compile(r"(?:[dt]?frac|sqrt|√)\Z")
_MORE_BEHIND = re.compile(
    r"\s*(?:\\?[\^!√']|[*×·+²³½⅓⅔¼¾]\s*\d|[²³½⅓⅔¼¾]|\\(?:times|cdot|sqrt|pm|[dt]?frac)|[-–−]\s*\$?\d|[eE][-+]?\d|[xX]\s*\d|"
    r"\.\.?\d|[,;/:]\s*\\?\$?\d|\d|(?:and|or|to)\s+\\?\$?\d|(?:hundred|thousand|million|billion|trillion)\b)"
)
"""What goes on behind a number, which is then not all of the answer."""
_BOX = re.compile(r"\\(?:boxed|fbox|framebox)(?![A-Za-z])\s*")
_WHOLE_CHOICE = re.compile(r"[^\w(]*\(?\s*([A-J])\s*\)?[^\w]*")
_LETTER_FIRST = re.compile(r"\W*\(?([A-J](?=\s*[).:])|[A-HJ](?=,))")
_SMALL_LETTER = re.compile(r"(?<!\w)\(\s*[a-j]\s*\)|\A\W*[a-j](?=[).:]|\W*\Z)")
_IN_BRACKETS = re.compile(r"\(\s*([A-J])\s*\)")
_BARE_LETTER = re.compile(r"(?<![\w(\\'])([A-J])(?![\w'])")
_ARTICLE = re.compile(r"(?<![\w(])A(?=\s+(?!is\b|because\b|since\b)[a-z])|(?<![\w(])I(?=\s+(?!is\b)[a-z]|'|\s*$)")
_MARKUP = re.compile(r"\\(?:text|textbf|mathrm|mathbf|boxed|fbox)\s*\{([^{}]*)\}")
_LETTER = r"\(?(?<!\w)[A-J](?!\w)\)?"
_SEVERAL = re.compile(rf"{_LETTER}(?:\s*(?:,|/|&|\band\b|\bor\b)\s*(?:and\s+|or\s+)?{_LETTER})+")
_REJECTED = re.compile(
    rf"(?:\bnot|n't|\bneither|\bnor|\brather than|\binstead of)\s+(?:be\s+)?{_LETTER}"
    rf"|{_LETTER}\s+(?:is|are)\s+(?:not\s+(?:right|correct)|wrong|incorrect|false)\b"
)
_THOUGHT = "</think>"


def hashed_number(text: str) -> str:
    """Return the number behind the last `####`, GSM8k's form, without currency, bold print and thousands' commas.

    A calculation or a list there is returned as it stands, since its first number is not the answer.
    """
    lines = _HASHED_LINE.findall(text)
    return number_in(lines[-1]) if lines else MISSING


def number_in(line: str) -> str:
    """Return the number that a line gives, behind its last equals sign; in digits if it is spelled out."""
    line = line.rstrip(" =").rpartition("=")[2].replace("{,}", ",").replace("\\!", "")
    if found := _NUMBER.search(line):
        before = line[: found.start()].rstrip(_BEFORE_NUMBER)
        if _MORE_BEFORE.search(before[-5:]) or _MORE_BEHIND.match(line, found.end()):
            return line.replace("**", "").strip(" #`")
        digits = (found[1].rstrip(".") + (found[2] or "")).replace(",", "").replace(" ", "")
        return f"-{digits}" if _MINUS.search(before[-9:]) else digits
    if any(letter.isnumeric() for letter in line):  # ½
        return line.strip()
    spelled = number_in_words(line.strip(" .*$"))
    return MISSING if spelled is None else str(spelled)


def final_answer(text: str) -> str:
    """Return what stands in Minerva's closing sentence, or else in the last box. Thoughts before it do not count."""
    text = text.rpartition(_THOUGHT)[2]
    found = _FINAL.search(text)
    return found[1].strip() if found else last_box(text)


def final_choice(text: str) -> str:
    """Return the letter of the closing sentence's choice."""
    return choice_in(final_answer(text))


def choice_in(text: str) -> str:
    """Return the letter that a text chooses: all of it, at its start, in brackets (the last), or else by itself.

    "I" and "A" before a word are words. Several letters side by side are no choice, nor is one that is rejected.
    """
    while (plain := _MARKUP.sub(r" \1 ", text)) != text:
        text = plain
    text = " ".join(unicodedata.normalize("NFKC", text).replace("$", " ").replace("**", " ").split())
    text = _SMALL_LETTER.sub(lambda found: found[0].upper(), text)
    if found := _WHOLE_CHOICE.fullmatch(text):
        return found[1]
    text = " ".join(_REJECTED.sub(" ", text).split())
    if (several := _SEVERAL.search(text)) and len(set(re.findall("[A-J]", several[0]))) > 1:
        first = _LETTER_FIRST.match(text)
        return first[1] if first and first.end() <= several.start() else MISSING
    if found := _LETTER_FIRST.match(text):
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
    end = closing(text, begin + 1)
    return MISSING if end is None else text[begin + 1 : end].strip()
