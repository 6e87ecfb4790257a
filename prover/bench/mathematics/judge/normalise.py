"""One spelling for what only looks different: signs, spacing, boxes, fonts, currency."""

from __future__ import annotations

import re
import unicodedata

_SIGNS = {
    "−": "-", "–": "-", "—": "-", "﹣": "-", "×": r"\times ", "·": r"\cdot ", "⋅": r"\cdot ", "∙": r"\cdot ",
    "÷": "/", "∕": "/", "⁄": "/", "√": r"\sqrt ", "π": r"\pi ", "∞": r"\infty ", "±": r"\pm ", "∓": r"\mp ",
    "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "∪": r"\cup ", "∩": r"\cap ", "∅": r"\emptyset ", "∈": r"\in ",
    "°": r"^\circ ", "º": r"^\circ ", "％": r"\%", "…": r"\ldots ", "ℝ": r"\mathbb{R}", "’": "'", "′": "'",
    "α": r"\alpha ", "β": r"\beta ", "γ": r"\gamma ", "δ": r"\delta ", "θ": r"\theta ", "λ": r"\lambda ",
    "μ": r"\mu ", "φ": r"\phi ", "ω": r"\omega ", "σ": r"\sigma ", "ρ": r"\rho ", "τ": r"\tau ",
    "∠": r"\angle ", "△": r"\triangle ", "≈": r"\approx ", "⟨": "(", "⟩": ")", "Ω": r"\Omega ", "Å": r"\AA ",
    "¢": r"\text{ cents}",
    "⌊": r"\lfloor ", "⌋": r"\rfloor ", "⌈": r"\lceil ", "⌉": r"\rceil ",
}  # fmt: skip
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n")
_RAISED_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ]+")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_LOWERED_RUN = re.compile("[₀₁₂₃₄₅₆₇₈₉]+")

_ROOT = re.compile(r"([√∛])\s*(?:(\d+(?:\.\d+)?|[a-z])|(?=[({]))")
_TIMES_TEN = re.compile(r"(?<=\d)\s*[xX]\s*(?=10\s*\^)")
_SINGLE_LETTER = re.compile(r"\\(?:mathrm|text|textit)\s*\{\s*([ie])\s*\}")
_LEAD = re.compile(
    r"^(?:(?:(?:so|thus|hence|therefore),? )?(?:the )?(?:final )?answer\b(?: is\b)?\s*[:=]?|=|\\approx\b)\s*",
    re.I,
)
_ESCAPED_TWICE = re.compile(r"\\\\(?=[A-Za-z{}])")
_PRIMES = re.compile(r"\^\s*\{?\s*(?:\\prime\s*)+\}?")
_MODULE = re.compile(r"(?<![\w.])(?:np|numpy|math|sp|sympy)\.(?=[a-z])")
_MATH_MODE = re.compile(r"(?<!\\)\\[()\[\]]")
_SIZE = re.compile(
    r"\\(?:left|right|[bB]ig{1,2}[lrm]?|displaystyle|textstyle|scriptstyle|limits|nolimits|mathstrut|strut)"
    r"(?![A-Za-z])\.?|\\[hv]space\{[^{}]*\}|\\phantom\{[^{}]*\}"
)
_SPACE = re.compile(
    r"(?<!\\)\\(?:[,;:! >]|quad(?![A-Za-z])|qquad(?![A-Za-z])|enspace|thinspace)|~|[\s\u00a0\u2009\u202f]+"
)
_FONT = re.compile(r"\\(?:mathrm|mathbf|mathit|mathsf|mathcal|boldsymbol|bm|rm|bf|it|mathop|operatorname\*?)\b")
_BOX = re.compile(r"\\(?:boxed|fbox|framebox|mathbox|ensuremath)\s*\{")
_BOX_BARE = re.compile(r"\\(?:boxed|fbox)\s*(?=[^\s{A-Za-z])|\\(?:boxed|fbox)\s+")
_TEXT = re.compile(r"\\(?:text|mbox|hbox|textrm|textnormal|textit|textbf|textsf|emph|textup|mathrm)\s*\{")
_RENAMED = (
    (re.compile(r"\\[dtc]frac(?![A-Za-z])"), r"\\frac"),
    (re.compile(r"\\[dt]binom(?![A-Za-z])"), r"\\binom"),
    (re.compile(r"\\(?:leq|leqslant)(?![A-Za-z])|<="), r"\\le "),
    (re.compile(r"\\(?:geq|geqslant)(?![A-Za-z])|>="), r"\\ge "),
    (re.compile(r"\\(?:lt)(?![A-Za-z])"), "<"),
    (re.compile(r"\\(?:gt)(?![A-Za-z])"), ">"),
    (re.compile(r"\\(?:lbrace)(?![A-Za-z])"), r"\\{"),
    (re.compile(r"\\(?:rbrace)(?![A-Za-z])"), r"\\}"),
    (re.compile(r"\\(?:lbrack)(?![A-Za-z])"), "["),
    (re.compile(r"\\(?:rbrack)(?![A-Za-z])"), "]"),
    (re.compile(r"\\(?:varnothing)(?![A-Za-z])"), r"\\emptyset "),
    (re.compile(r"\\(?:degree|degrees)(?![A-Za-z])|\^\s*\{?\s*\\circ\s*\}?"), r"\\degree "),
    (re.compile(r"\\(?:[lr]vert|vert|mid)(?![A-Za-z])|\\\|"), "|"),
    (re.compile(r"\\(?:dots|cdots|ldots)(?![A-Za-z])|\.\.\.+"), r"\\ldots "),
    (re.compile(r"\\(?:pounds|euro)(?![A-Za-z])|[€£]"), " "),
    (re.compile(r"\\textdollar(?![A-Za-z])|\\\$"), r"\\dollar "),
    (re.compile(r"\\langle(?![A-Za-z])"), "("),
    (re.compile(r"\\rangle(?![A-Za-z])"), ")"),
    (re.compile(r"\\cent(?![A-Za-z])"), r"\\text{ cents}"),
    (re.compile(r"\\thickapprox(?![A-Za-z])"), r"\\approx "),
)
_THOUSANDS = re.compile(r"(?<=\d)(?:\{,\}|,\\!|,\s*\\!\s*|\\,|')(?=\d{3}(?!\d))")
_THOUSANDS_BLANK = re.compile(r"(?<![\d.])\d{1,3}(?: \d{3})+(?![\d/])")


def normalised(text: str) -> str:
    r"""Return the text in one spelling: no dollars, boxes, fonts, sizes; `\text{}` for all its relatives."""
    text = _without_unicode(_ROOT.sub(_root, text))
    text = _THOUSANDS.sub("", text)
    text = _ESCAPED_TWICE.sub(r"\\", text) if "\\begin" not in text else text
    text = _MODULE.sub("", _MATH_MODE.sub(" ", text))
    text = _PRIMES.sub(lambda found: "'" * found[0].count("prime"), text)
    for pattern, meant in _RENAMED:
        text = pattern.sub(meant, text)
    text = _SIZE.sub("", text.replace("$", " "))
    text = _SPACE.sub(" ", text).strip()
    text = _unwrapped(text, _BOX, lambda inside: f" {inside} ")
    text = _BOX_BARE.sub("", text)
    text = _TIMES_TEN.sub(r"\\times ", _SINGLE_LETTER.sub(r"\1", text))
    text = _unwrapped(text, _TEXT, lambda inside: rf"\text{{{inside}}}")
    text = _FONT.sub("", text)
    text = _THOUSANDS_BLANK.sub(lambda found: found[0].replace(" ", ""), text)
    return _trimmed(_LEAD.sub("", _trimmed(text)))


def _root(found: re.Match[str]) -> str:
    sign = "\\sqrt" if found[1] == "√" else "\\sqrt[3]"
    return f"{sign}{{{found[2]}}}" if found[2] else sign


def _without_unicode(text: str) -> str:
    text = _RAISED_RUN.sub(lambda found: f"^{{{found[0].translate(_RAISED)}}}", text)
    text = _LOWERED_RUN.sub(lambda found: f"_{{{found[0].translate(_LOWERED)}}}", text)
    pieces = []
    for letter in text:
        if ord(letter) < 128:
            pieces.append(letter)
        elif letter in _SIGNS:
            pieces.append(_SIGNS[letter])
        elif unicodedata.category(letter) == "Cf":  # of no width
            continue
        elif unicodedata.decomposition(letter).startswith("<fraction>"):
            above, _, below = unicodedata.normalize("NFKC", letter).partition("\u2044")
            pieces.append(rf"\frac{{{above}}}{{{below}}}")
        else:
            plain = unicodedata.normalize("NFKC", letter)
            pieces.append(_SIGNS.get(plain, plain))
    return "".join(pieces)


def _unwrapped(text: str, opening: re.Pattern[str], meant: object) -> str:
    """Return the text with each `opening` and its closing brace replaced by what `meant` makes of the inside."""
    at = 0
    while found := opening.search(text, at):
        end = closing(text, found.end())
        if end is None:
            return text
        inside = str(meant(text[found.end() : end]))  # type: ignore[operator]
        text = text[: found.start()] + inside + text[end + 1 :]
        at = found.start() + (inside.index("{") + 1 if inside.startswith("\\") else 0)
    return text


def closing(text: str, at: int) -> int | None:
    """Return the place of the brace that closes what was opened before `at`; None if there is none."""
    depth = 1
    for place in range(at, len(text)):
        if text[place] in "{}" and not (place and text[place - 1] == "\\"):
            depth += 1 if text[place] == "{" else -1
            if depth == 0:
                return place
    return None


def _trimmed(text: str) -> str:
    """Return the text without what surrounds an answer: bold stars, quotes, a full stop."""
    while True:
        before = text
        text = text.strip().strip('`"').strip()
        text = re.sub(r"^\*\*(.*)\*\*$", r"\1", text)
        text = re.sub(r"(?<!\\)[.,;:]$", "", text)
        text = text.removesuffix("\\")
        if text == before:
            return text
