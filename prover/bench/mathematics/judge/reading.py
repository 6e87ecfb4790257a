"""From the text of an answer to its value: lists, pairs, intervals, sets, matrices, names, units; then expressions."""

from __future__ import annotations

import re
from collections.abc import Sequence

import sympy

from prover.bench.mathematics.judge.expression import read_expression
from prover.bench.mathematics.judge.normalise import normalised
from prover.bench.mathematics.judge.number_words import number_in_words
from prover.bench.mathematics.judge.regions import region
from prover.bench.mathematics.judge.units import DEGREE, DOLLAR, factors, without_unit
from prover.bench.mathematics.judge.values import (
    LIST,
    SET,
    Based,
    Collection,
    Matrix,
    Named,
    Region,
    Relation,
    Scalar,
    UnreadableError,
    Value,
    Words,
)

_AND = re.compile(
    r"\s*\\text\{\s*,?\s*(?:and|or)\s*\}\s*|(?<![A-Za-z\\]),?\s*\b(?:and|or)\b\s*(?![A-Za-z]*\})|\s+(?:and|or)\s+"
)
_BASED = re.compile(
    r"(?P<sign>-?)(?P<digits>[0-9A-Za-z]+?(?:\.[0-9A-Za-z]+?)?)(?:_(?:base)?|(?:in)?base)(?P<base>\d+|[a-z]+)"
)
_AROUND_DIGITS = re.compile(r"^(-?)\s*(?:\(|\{)([\w.\s]+)(?:\)|\})(?=\s*_)")
_IN_BASE = re.compile(r"\(\s*((?:in )?base[\s{}\w]*)\)")
_PREFIXED = re.compile(r"(-?)\s*0([box])([0-9A-Fa-f]+)")
_PREFIXES = {"b": 2, "o": 8, "x": 16}
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_MATRIX = re.compile(r"\\begin\{([pbvBV]?matrix|array|smallmatrix)\}(?:\{[lcr|]*\})?(.*)\\end\{\1\}", re.S)
_SIGN = re.compile(r"\\le(?![a-z])|\\ge(?![a-z])|\\ne(?![a-z])|\\neq(?![a-z])|<|>|=|\\in(?![a-z])|\\equiv(?![a-z])")
_ABOUT = re.compile(r"\\approx(?![a-z])")
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)\s*(?:\\text\s*\{)?\s*(?:([ap])\.?\s*m\b\.?)?\s*\}?", re.I)
_RATIO = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?::|(?:\\text\s*\{)?\s*\b(?:to|in|out of)\b\s*\}?)\s*(\d+(?:\.\d+)?)\s*")
_QUANTITY = r"(\d+(?:\.\d+)?)\s*(?:\\text\s*\{\s*([A-Za-z]+)\.?%s\s*\}|([A-Za-z]+))"
_TWO_UNITS = re.compile(_QUANTITY % r"(?:,?\s+and)?" + r"\s*,?\s*(?:and\s+)?" + _QUANTITY % "")
_DOLLAR = re.compile(r"\\dollar\s*")
_NAME = re.compile(
    r"(?:\\?[A-Za-z]+'*(?:\^\{?-?1\}?)?(?:_(?:\w|\{[^{}]*\}))?'*\s*(?:\(\s*[\w\\, ]+\))?|\\text\{[^{}]*\}|[A-Z]{1,3}|"
    r"\(\s*\w(?:\s*,\s*\w)+\s*\)|\\angle\s*[A-Z]+|\|[A-Z]+\|)"
)
_REALS = re.compile(r"\\mathbb\s*\{?\s*R\s*\}?|all real numbers|all reals|\\text\{\s*all real(?: number)?s\s*\}", re.I)
_ZEROS = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_SUCH_THAT = re.compile(r"\s*\w+\s*(?:\\in\s*\\mathbb\s*\{?R\}?\s*)?(?:\\mid(?![a-z])|[|:])")
_LARGE = re.compile(r"(?<=[\d)}])\s*(\\text\{\s*)?\b(hundred|thousand|million|billion|trillion)\b")
_SHORT_WORDS = {"yes", "no", "odd", "all", "any", "dne"}
_EMPTY = re.compile(r"\\emptyset|\\\{\s*\\\}|\{\s*\}|(?:\\text\{)?\s*(?:no (?:real )?solutions?|none)\s*\}?", re.I)


def read(text: str, *, thousands: bool = True) -> Value:
    """Return what an answer says. `thousands`: `1,000` is a number, and no list.

    Raises:
        UnreadableError: it says nothing that is known here.
    """
    text = normalised(text)
    if not text:
        raise UnreadableError("there is no text")
    if thousands:
        text = _THOUSANDS.sub(_number_with_commas, text)
    return _value(text)


def words(text: str) -> Words:
    """Return a text as words, whatever it says."""
    plain = re.sub(r"\\(?:text|mathrm|dollar)\s*", "", normalised(text))
    return Words(" ".join(re.sub(r"[{}()$\\]", " ", plain).split()).casefold())


def has_thousands(text: str) -> bool:
    """Could a comma of the text stand between thousands, and between the parts of a list as well?"""
    found = _THOUSANDS.search(normalised(text))
    return found is not None and not any(part.startswith("0") for part in found[0].split(","))


def _number_with_commas(found: re.Match[str]) -> str:
    text, start = found.string, found.start()
    enclosed = any(text[:start].count(left) > text[:start].count(right) for left, right in ("()", "[]"))
    ambiguous = not any(part.startswith("0") for part in found[0].split(","))
    return found[0] if enclosed and ambiguous else found[0].replace(",", "")


def _value(text: str) -> Value:
    text = text.strip()
    while text.startswith("{") and _closes(text, 0) == len(text) - 1:
        text = text[1:-1].strip()
    if not text:
        raise UnreadableError("there is no text")
    if _EMPTY.fullmatch(text):
        return Collection(SET, ())
    if _REALS.fullmatch(text):
        return Region(sympy.S.Reals)
    if (quantity := _in_two_units(text)) is not None:
        return quantity
    parts = _parts(text)
    if len(parts) > 1:
        values = _flat([_value(part) for part in parts])
        return _joined(text, values) or Collection(LIST, values)
    if len(equal := _split(text, _ABOUT)) > 1:
        return _value(equal[-1] if not equal[0].strip() or _NAME.fullmatch(equal[0].strip()) else equal[0])
    if found := _MATRIX.fullmatch(text):
        rows = [row for row in re.split(r"\\\\(?:\s*\[[^\]]*(?:pt|em|ex|cm|mm)\])?", found[2]) if row.strip()]
        return Matrix(tuple(tuple(map(_value, row.split("&"))) for row in rows), found[1] in {"vmatrix", "Vmatrix"})
    if len(pieces := _split(text, re.compile(r"\\cup(?![a-z])|\\setminus(?![a-z])|\\backslash(?![a-z])"))) > 1:
        return _united(text, pieces)
    if len(pieces := _split(text, _SIGN)) > 1:
        return _related(text, pieces)
    if (based := _based(text)) is not None:
        return based
    enclosed = _enclosed(text)
    return enclosed if enclosed is not None else _scalar(text)


def _parts(text: str) -> list[str]:
    r"""Return the parts between commas, semicolons and "and" that are in no bracket."""
    text = _AND.sub(" , ", text) if number_in_words(text) is None else text
    parts = _split(text, re.compile("[,;]"))
    return [part for part in parts if part.strip()] if len(parts) > 1 else parts


def _split(text: str, between: re.Pattern[str]) -> list[str]:
    """Return the pieces of a text at what stands outside of all brackets."""
    pieces, depth, start, at = [], 0, 0, 0
    while at < len(text):
        if depth == 0 and (found := between.match(text, at)) and found.end() > at:
            pieces.append(text[start:at])
            start = at = found.end()
            continue
        if text.startswith("\\begin", at):
            depth += 1
        elif text.startswith("\\end", at):
            depth -= 1
        depth += (text[at] in "([{") - (text[at] in ")]}")
        at += 1
    return [*pieces, text[start:]]


def _closes(text: str, at: int) -> int | None:
    """Return the place of the bracket, of any kind, that closes the one at `at`."""
    depth = 0
    for place in range(at, len(text)):
        depth += (text[place] in "([{") - (text[place] in ")]}")
        if depth == 0:
            return place
    return None


def _flat(values: list[Value]) -> tuple[Value, ...]:
    r"""Return the values with `\pm 2` among them as two."""
    return tuple(
        item
        for value in values
        for item in (value.items if isinstance(value, Collection) and value.brackets == LIST else (value,))
    )


def _joined(text: str, values: Sequence[Value]) -> Region | None:
    """Return the solutions of several inequalities in one unknown; None if they are none.

    Without a word between them all of them hold, unless that cannot be.
    """
    regions = [value for value in values if isinstance(value, Region)]
    unknowns = {region.unknown for region in regions}
    if len(regions) < len(values) or len(unknowns) > 1 or "" in unknowns:
        return None
    words = {found[1] for found in re.finditer(r"\b(and|or)\b", text)}
    points = sympy.Intersection(*(region.points for region in regions))
    if words == {"or"} or (not words and points.is_empty):
        points = sympy.Union(*(region.points for region in regions))
    return Region(points, unknowns.pop())


def _united(text: str, pieces: list[str]) -> Value:
    points = [region(_value(piece)) for piece in pieces]
    if any(each is None for each in points):
        raise UnreadableError("a union of something that is no set")
    if "\\cup" in text and "\\setminus" not in text and "\\backslash" not in text:
        return Region(sympy.Union(*points))
    if "\\cup" not in text and len(points) == 2:
        return Region(sympy.Complement(points[0], points[1]))
    raise UnreadableError("sets in an order that is not known")


def _related(text: str, pieces: list[str]) -> Value:
    signs = [found[0].strip() for found in _SIGN.finditer(text)]
    if len(signs) != len(pieces) - 1:
        raise UnreadableError("a relation inside brackets")
    if set(signs) <= {"=", "\\in"}:
        if len(pieces) == 2 and _NAME.fullmatch(pieces[1].strip()) and not _NAME.fullmatch(pieces[0].strip()):
            pieces = pieces[::-1]  # 4 = x
        name, last = pieces[0].strip(), _value(pieces[-1])
        if _NAME.fullmatch(name):
            return Named(re.sub(r"\s+", "", name), last)
        if len(pieces) > 2 or signs == ["\\in"] or not name:
            return last
        left, right = read_expression(pieces[0]).value, read_expression(pieces[1]).value
        return last if left.is_number and right.is_number else Relation("=", left - right)
    sides = [read_expression(piece).value for piece in pieces]
    unknown = set().union(*(side.free_symbols for side in sides))
    kinds = {"\\le": sympy.Le, "\\ge": sympy.Ge, "<": sympy.Lt, ">": sympy.Gt}
    if len(unknown) == 1 and set(signs) <= {*kinds, "\\ne", "\\neq"}:
        real = sympy.Symbol("x", real=True)
        name = next(iter(unknown))
        sides = [side.subs(name, real) for side in sides]
        regions = [
            kinds[sign](left, right).as_set()
            if sign in kinds
            else sympy.Complement(sympy.S.Reals, sympy.FiniteSet(right))
            for left, sign, right in zip(sides, signs, sides[1:], strict=False)
        ]
        return Region(sympy.Intersection(*regions), str(name))
    if len(signs) != 1:
        raise UnreadableError("a chain of relations")
    sign, difference = signs[0], sides[0] - sides[1]
    return (
        Relation("<", -difference)
        if sign == ">"
        else Relation("\\le", -difference)
        if sign == "\\ge"
        else Relation(sign, difference)
    )


def _based(text: str) -> Based | Scalar | None:
    """Return digits in the base that is written behind them; None if they are none of it, as `x_2`."""
    if found := _PREFIXED.fullmatch(text):
        sign, digits, base = found[1], found[3], _PREFIXES[found[2]]
    else:
        text = _IN_BASE.sub(r"\1", _AROUND_DIGITS.sub(r"\1\2", text.replace("\\text", "")))
        found = _BASED.fullmatch("".join(re.sub("[{}]", "", text).split()))
        if found is None:
            return None
        spelled = number_in_words(found["base"])
        sign, digits, base = found["sign"], found["digits"], int(found["base"]) if spelled is None else int(spelled)
    if not 2 <= base <= 36 or not all(int(digit, 36) < base for digit in digits.replace(".", "")):
        return None
    if not digits[0].isdigit() and (len(digits) == 1 or (base != 16 and not digits.isupper())):
        return None
    whole, point, part = digits.upper().partition(".")
    if base == 10:
        return Scalar(sympy.Rational(sign + digits))
    return Based(f"{sign}{whole.lstrip('0') or '0'}{point}{part}", base)


def _enclosed(text: str) -> Value | None:
    r"""Return what stands in one pair of brackets with commas in it, or in `\{ \}`; None if there is none."""
    if text.startswith("\\{") and text.endswith("\\}"):
        inside = text[2:-2]
        if found := _SUCH_THAT.match(inside):
            return _value(inside[found.end() :])
        return Collection(SET, _flat([_value(part) for part in _parts(inside)]))
    if text[:1] in "([" and text[-1:] in ")]" and _closes(text, 0) == len(text) - 1:
        parts = _split(text[1:-1], re.compile("[,;]"))
        if len(parts) > 1:
            return Collection(text[0] + text[-1], tuple(map(_value, parts)))
        if text[0] + text[-1] == "()":
            return _value(text[1:-1])
    return None


def _scalar(text: str) -> Value:
    spelled = number_in_words(re.sub(r"\\text\{([^{}]*)\}", r"\1", text).strip())
    if spelled is not None:
        return Scalar(sympy.Rational(spelled.numerator, spelled.denominator))
    if text.casefold() in _SHORT_WORDS or re.fullmatch(r"\\text\{\s*[A-Za-z]{2,}\s*\}", text):
        return words(text)
    if found := re.fullmatch(r"\\text\{([^{}]*)\}", text):
        try:
            return _value(found[1].strip("() "))
        except UnreadableError:
            return words(text)
    if clock := _CLOCK.fullmatch(text):
        return _time(clock)
    text, dollars = _DOLLAR.subn("", text)
    text = _LARGE.sub(lambda found: rf" \cdot 10^{{{_ZEROS[found[2]]}}}{found[1] or ''}", text)
    text = re.sub(r"\\text\{\s*\}", "", text)
    percent = re.search(r"(?:\\?%|\s+percent)\s*$", text)
    head, unit, letters = without_unit(text[: percent.start()] if percent else text)
    if dollars and (not unit or unit.startswith("/")):
        unit = DOLLAR + unit
    if ratio := _RATIO.fullmatch(head):
        head = f"{ratio[1]}/{ratio[2]}"
    if "\\pm" in head or "\\mp" in head:
        return Collection(LIST, tuple(Scalar(*_parsed(head, sign)) for sign in (1, -1)))
    whole = read_expression(head)
    product = None
    if letters:
        try:
            product = read_expression(text).value
        except UnreadableError:
            product = None
    return Scalar(whole.value, whole.digits, bool(percent), unit or (DEGREE if whole.degrees else ""), product)


def _time(found: re.Match[str]) -> Scalar:
    """Return a time of day, which may be a ratio as well if it has no half of the day."""
    hour, minute, half = int(found[1]), int(found[2]), (found[3] or "").lower()
    value = sympy.Rational(hour, minute) if minute and not half else hour + sympy.Rational(minute, 60)
    return Scalar(value, unit=f"{half}m" if half else "", clock=f"{hour}:{minute:02}")


def _in_two_units(text: str) -> Scalar | None:
    """Return what is given in a unit and a smaller one (`5 feet 3 inches`), in the first."""
    found = _TWO_UNITS.fullmatch(text)
    if not found:
        return None
    units = found[2] or found[3], found[5] or found[6]
    (ratio, *_) = factors(*units) or (sympy.Integer(1),)
    if not ratio < 1:
        return None
    return Scalar(sympy.Rational(found[1]) + sympy.Rational(found[4]) * ratio, unit=units[0])


def _parsed(text: str, sign: int = 1) -> tuple[sympy.Expr, int]:
    found = read_expression(text, sign=sign)
    return found.value, found.digits
