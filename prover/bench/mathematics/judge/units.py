"""Units behind a number: taken off, and compared where both answers have one."""

from __future__ import annotations

import re
from typing import Any

import sympy

DEGREE, DOLLAR = "degree", "dollar"

_M, _KG, _S, _A, _K, _MOL, _RAD, _DOLLAR = sympy.symbols("m kg s A K mol rad dollar", positive=True)
_JOULE, _TESLA = _KG * _M**2 / _S**2, _KG / (_A * _S**2)
_SHORT: dict[str, Any] = {
    "m": _M, "g": _KG / 1000, "s": _S, "A": _A, "K": _K, "mol": _MOL, "Hz": 1 / _S, "N": _JOULE / _M, "J": _JOULE,
    "W": _JOULE / _S, "Pa": _JOULE / _M**3, "C": _A * _S, "V": _JOULE / (_A * _S), "F": _A**2 * _S**2 / _JOULE,
    "T": _TESLA, "Wb": _TESLA * _M**2, "ohm": _JOULE / (_A**2 * _S), "L": _M**3 / 1000, "l": _M**3 / 1000,
    "eV": _JOULE * sympy.Rational(1602176634, 10**28), "cal": _JOULE * sympy.Rational(4184, 1000),
    "pc": sympy.Symbol("pc", positive=True),
}  # fmt: skip
"""Units that take prefixes, in base units."""
_LONG = {
    "meter": "m", "metre": "m", "gram": "g", "second": "s", "amp": "A", "ampere": "A", "kelvin": "K", "mole": "mol",
    "hertz": "Hz", "newton": "N", "joule": "J", "watt": "W", "pascal": "Pa", "coulomb": "C", "volt": "V", "farad": "F",
    "tesla": "T", "weber": "Wb", "liter": "L", "litre": "L", "calorie": "cal", "sec": "s",
}  # fmt: skip
_PREFIXES = {"p": -12, "n": -9, "\\mu": -6, "u": -6, "m": -3, "c": -2, "k": 3, "M": 6, "G": 9, "T": 12}
_LONG_PREFIXES = {"pico": -12, "nano": -9, "micro": -6, "milli": -3, "centi": -2, "kilo": 3, "mega": 6, "giga": 9}
_INCH, _POUND = _M * sympy.Rational(254, 10**4), _KG * sympy.Rational(45359237, 10**8)
_HOUR = 3600 * _S
_YEAR = 365 * 24 * _HOUR
_SINGLE = {
    "in": _INCH, "inch": _INCH, "ft": 12 * _INCH, "foot": 12 * _INCH, "feet": 12 * _INCH, "yard": 36 * _INCH,
    "yd": 36 * _INCH, "mile": 63360 * _INCH, "mi": 63360 * _INCH, "mph": 63360 * _INCH / _HOUR, "pound": _POUND,
    "lb": _POUND, "ounce": _POUND / 16, "oz": _POUND / 16, "gallon": 231 * _INCH**3, "quart": 231 * _INCH**3 / 4,
    "pint": 231 * _INCH**3 / 8, "min": 60 * _S, "minute": 60 * _S, "h": _HOUR, "hr": _HOUR, "hour": _HOUR,
    "day": 24 * _HOUR, "week": 168 * _HOUR, "month": _YEAR / 12, "year": _YEAR, "kph": 1000 * _M / _HOUR,
    DOLLAR: _DOLLAR, "USD": _DOLLAR, "cent": _DOLLAR / 100, DEGREE: _RAD * sympy.pi / 180, "radian": _RAD, "rad": _RAD,
    "erg": _JOULE / 10**7, "angstrom": _M / 10**10, "AU": 149597870700 * _M,
    # no other unit is a multiple of these: zero is elsewhere, or it is a half of the day
    **{name: sympy.Symbol(name, positive=True) for name in ("celsius", "fahrenheit", "am", "pm", "ly")},
}  # fmt: skip
_KNOWN = {
    **{
        prefix + unit: size * sympy.Integer(10) ** ten
        for unit, size in _SHORT.items()
        for prefix, ten in _PREFIXES.items()
        if prefix != "c" or unit in {"m", "L", "l"}
    },
    **{
        prefix + unit: _SHORT[short] * sympy.Integer(10) ** ten
        for unit, short in _LONG.items()
        for prefix, ten in {"": 0, **_LONG_PREFIXES}.items()
    },
    **_SHORT,
    **_SINGLE,
}
_OTHERS = {
    "solar", "masses", "mass", "unit", "square", "cubic", "sq", "cu", "ton", "people", "student", "way", "point",
    "apple", "per", "inches", "units", "dollars",
}  # fmt: skip
_WORDS = {word for word in {*_KNOWN, *_OTHERS} - {"l"} if word.isalpha()}
_WORD = "|".join(sorted(_WORDS, key=lambda word: (-len(word), word)))
_POWER = r"(?:\s*\^\s*\{?\s*-?\d+\s*\}?)?"
_PIECE = (
    r"(?:\\degree\s*(?:\\text\{\s*)?[CF]\b(?:\s*\})?|(?:\\mu\s*)?\\text\{[^{}]*\}|[kM]?\\Omega|\\AA(?![A-Za-z])"
    rf"|(?:\\mu\s+)?(?:{_WORD})s?(?![A-Za-z(]))\.?{_POWER}"
)
_TAIL = re.compile(
    r"(?:(?<=[\d}})!.])|(?<=[a-z])(?=\s*\\text)|(?<=\\pi)(?=\s))"
    rf"(?P<gap>\s*)(?P<unit>{_PIECE}(?:\s*(?:\\cdot|\*|/|\\times)?\s*\(?{_PIECE}\)?)*)\s*$"
)
_SCALES = {"C": "celsius", "F": "fahrenheit"}
_LETTER = re.compile(r"[A-Za-z]{1,2}(?:\s*\^.*)?")


def without_unit(text: str) -> tuple[str, str, bool]:
    """Return the text before its unit, the unit (empty: none), and whether the unit may be letters that multiply."""
    found = _TAIL.search(text)
    if not found or not found.start():
        return text, "", False
    raw = found["unit"]
    bare = "\\text" not in raw
    if bare and _LETTER.fullmatch(raw) and not found["gap"] and raw not in {"cm", "mm", "km", "kg", "mg", "nm", "ft"}:
        return text, "", False
    return text[: found.start()].strip(), _plain(raw), bare


def factors(left: str, right: str) -> tuple[sympy.Expr, ...]:
    """Return what a number in the right unit may be multiplied by to be one in the left; nothing for other kinds.

    A unit may be left out. An unknown one says what was counted, and is the problem's word, not the answer's. Degrees
    are a number of degrees, and the angle that they are.
    """
    if not left or not right:
        angle = _KNOWN[DEGREE] / _RAD
        turned = ((left, 1 / angle), (right, angle))
        return (sympy.Integer(1), *(factor for unit, factor in turned if unit and _size(unit) == _KNOWN[DEGREE]))
    one, other = _size(left), _size(right)
    if one is None or other is None or one == other:
        return (sympy.Integer(1),)
    ratio = other / one
    return (ratio,) if ratio.is_number else ()


def _size(unit: str) -> sympy.Expr | None:
    """Return a unit in base units; None if it is not known."""
    size = sympy.Integer(1)
    for place, part in enumerate(unit.split("/")):
        for piece in part.split():
            name, _, power = piece.partition("^")
            known = _KNOWN.get(name, _KNOWN.get(name.removesuffix("s"), _KNOWN.get(name.removesuffix("es"))))
            if known is None or not re.fullmatch(r"-?\d{0,2}", power):
                return None
            size = size * known ** (int(power or 1) * (-1 if place else 1))
    return size


def _plain(unit: str) -> str:
    unit = re.sub(r"\\degree\s*(?:\\text\{\s*)?([CF])\b(?:\s*\})?", lambda found: _SCALES[found[1]], unit)
    unit = re.sub(r"\\mu\s*", r"\\mu", unit).replace("\\Omega", "ohm").replace("\\AA", "angstrom")
    unit = re.sub(r"\\text\{\s*([^{}]*)\}", r"\1 ", unit).replace("\\cdot", " ").replace("\\times", " ")
    unit = re.sub(r"[.()*]", lambda found: "" if found[0] == "." else " ", re.sub(r"\bper\b", "/", unit))
    unit = re.sub(r"\s*(\^|/)\s*\{?\s*(-?\d+)?\s*\}?", r"\1\2", unit)
    for word, power in (("sq(?:uare)?", 2), ("cu(?:bic)?", 3)):
        unit = re.sub(rf"\b{word} (\w+)", rf"\1^{power}", unit)
    return re.sub(r"\b([kM]) ohm", r"\1ohm", " ".join(unit.split()))
