"""Units behind a number: taken off, and compared where both answers have one."""

from __future__ import annotations

import re
from fractions import Fraction

_SIZES: dict[str, dict[str, int | str]] = {
    "length": {"m": 1, "meter": 1, "metre": 1, "cm": "1/100", "centimeter": "1/100", "centimetre": "1/100",
               "mm": "1/1000", "millimeter": "1/1000", "km": 1000, "kilometer": 1000, "nm": "1/1000000000",
               "in": "254/10000", "inch": "254/10000", "ft": "3048/10000", "foot": "3048/10000", "feet": "3048/10000",
               "yard": "9144/10000", "mile": "1609344/1000"},
    "mass": {"kg": 1, "g": "1/1000", "mg": "1/1000000", "kilogram": 1, "gram": "1/1000"},
    "time": {"s": 1, "sec": 1, "second": 1, "ms": "1/1000", "min": 60, "minute": 60, "h": 3600, "hr": 3600,
             "hour": 3600, "day": 86400},
    "money": {"dollar": 1, "cent": "1/100"},
    "speed": {"m/s": 1, "km/h": "1000/3600", "km/s": 1000, "cm/s": "1/100", "mph": "1609344/3600000"},
    "energy": {"J": 1, "kJ": 1000, "MJ": 1000000, "erg": "1/10000000"},
    "angle": {"degree": 1},
    "volume": {"L": 1, "liter": 1, "litre": 1, "mL": "1/1000", "ml": "1/1000"},
    "area": {"m^2": 1, "cm^2": "1/10000", "mm^2": "1/1000000", "km^2": 1000000},
}  # fmt: skip
_KNOWN = {unit: (kind, Fraction(size)) for kind, units in _SIZES.items() for unit, size in units.items()}
_OTHERS = [
    "eV", "keV", "MeV", "GeV", "W", "kW", "MW", "Hz", "kHz", "MHz", "GHz", "N", "kN", "Pa", "kPa", "K", "mol", "V",
    "mV", "A", "mA", "C", "T", "Wb", "F", "ohm", "cal", "kcal", "year", "week", "month", "erg", "solar", "masses",
    "mass", "AU", "pc", "kpc", "Mpc", "ly", "rad", "radian", "unit", "square", "cubic", "sq", "cu", "pound", "lb",
    "ounce", "oz", "ton", "mole", "people", "student", "way", "point", "apple", "per", "inches", "units", "dollars",
    "USD",
]  # fmt: skip
_WORD = "|".join(sorted({*_KNOWN, *_OTHERS} - {"m/s", "km/h", "km/s", "cm/s"}, key=lambda word: (-len(word), word)))
_POWER = r"(?:\s*\^\s*\{?\s*-?\d+\s*\}?)?"
_PIECE = rf"(?:\\text\{{[^{{}}]*\}}|(?:{_WORD})s?(?![A-Za-z(]))\.?{_POWER}"
_TAIL = re.compile(
    rf"(?:(?<=[\d}})!.])|(?<=[a-z])(?=\s*\\text))(?P<gap>\s*)(?P<unit>{_PIECE}(?:\s*(?:\\cdot|\*|/|\\times)?\s*\(?{_PIECE}\)?)*)\s*$"
)
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


def same_unit(left: str, right: str) -> Fraction | None:
    """Return by how much the right unit is larger; 1 if one of them is none or unknown, None if they are different.

    An unknown unit says what was counted, and is the problem's word, not the answer's.
    """
    if not left or not right or left == right:
        return Fraction(1)
    known = _KNOWN.get(left), _KNOWN.get(right)
    if known[0] is None or known[1] is None:
        return Fraction(1)
    return known[1][1] / known[0][1] if known[0][0] == known[1][0] else None


def _plain(unit: str) -> str:
    unit = re.sub(r"\\text\{([^{}]*)\}", r" \1 ", unit).replace("\\cdot", " ").replace("\\times", " ")
    unit = re.sub(r"\s*(\^|/)\s*\{?\s*(-?\d+)?\s*\}?", r"\1\2", unit)
    unit = re.sub(r"\bsq(?:uare)? (\w+)", r"\1^2", " ".join(unit.split())).rstrip(".")
    for ending in ("es", "s"):
        if unit.removesuffix(ending) in _KNOWN and unit not in _KNOWN:
            unit = unit.removesuffix(ending)
    return unit
