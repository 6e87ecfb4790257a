"""LaTeX and plain arithmetic as exact expressions: what stands side by side is a product, decimals are fractions.

Nothing is evaluated by Python: the text is read by the grammar below, and only functions that are listed are applied.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import sympy

from prover.bench.mathematics.judge.number_words import number_in_words
from prover.bench.mathematics.judge.values import UnknownConstructError, UnreadableError
from prover.bench.mathematics.judge.vocabulary import (
    ACCENTS,
    CONSTANTS,
    FUNCTIONS,
    GREEK,
    binomial,
    double_factorial,
    factorial,
    number,
    power,
    quotient,
    root,
)

_TIMES = frozenset({"*", "\\cdot", "\\times", "\\ast"})
_OVER = frozenset({"/", "\\div"})
_NO_FACTOR = {"\\pm", "\\mp", "\\degree", "\\%", "\\rfloor", "\\rceil", "\\}", "\\choose", *_TIMES, *_OVER}
_TOKEN = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+(?![\w.]))?)|(?P<command>\\[A-Za-z]+|\\[%{}|])|(?P<word>[A-Za-z]+)"
    r"|(?P<sign>\*\*|\S)"
)
_RECURRING = re.compile(
    r"(\d*)\.(\d*)(?:\\(?:overline|bar|dot|overbar)\s*\{?\s*(\d+)\s*\}?|\(\s*(\d+)\s*\))|"
    r"(\d*)\.(\d*?)(\d+?)\7{2,}\s*\\ldots"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text: number, command, word or sign."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Expression:
    """The value of a text, the significant digits of its longest decimal (0: none), and whether it is in degrees."""

    value: sympy.Expr
    digits: int
    degrees: bool


def read_expression(text: str, *, sign: int = 1) -> Expression:
    r"""Return what the text says. `sign`: that of `\pm`.

    Raises:
        UnreadableError: it says nothing that this grammar knows.
    """
    parser = _Parser(text, sign)
    value = parser.group()
    if parser.at < len(parser.tokens):
        raise UnreadableError(f"{parser.tokens[parser.at].text!r} is not expected")
    if value.has(sympy.nan, sympy.zoo):
        raise UnreadableError("not a number")
    return Expression(value, parser.digits, parser.degrees)


class _Parser:
    """Recursive descent; the state is a place in the tokens."""

    def __init__(self, text: str, sign: int) -> None:
        text = _RECURRING.sub(_recurring, text).replace("\\dollar ", "")
        self.tokens = [Token(found.lastgroup or "", found[0]) for found in _TOKEN.finditer(text)]
        self.at = 0
        self.digits = 0
        self.degrees = False
        self._sign = sign
        self._bars = 0
        self._in_function = False

    def group(self) -> sympy.Expr:
        value = self.sum()
        return binomial(value, self.sum()) if self._takes("\\choose") else value

    def sum(self) -> sympy.Expr:
        value = self._product()
        while True:
            if self._takes("+"):
                value = value + self._product()
            elif self._takes("-"):
                value = value - self._product()
            elif self._takes("\\pm"):
                value = value + self._sign * self._product()
            elif self._takes("\\mp"):
                value = value - self._sign * self._product()
            else:
                return value

    def _product(self) -> sympy.Expr:
        value = self._signed()
        while True:
            if self._next() in _TIMES:
                self.at += 1
                value = value * self._signed()
            elif self._next() in _OVER:
                self.at += 1
                value = quotient(value, self._signed())
            elif self._starts_factor():
                if self._kind() == "number" and self.tokens[self.at - 1].kind == "number":
                    raise UnreadableError("two numbers side by side")
                value = value * self._power()
            else:
                return value

    def _signed(self) -> sympy.Expr:
        for sign, factor in (("+", 1), ("-", -1), ("\\pm", self._sign), ("\\mp", -self._sign)):
            if self._takes(sign):
                return factor * self._signed()
        return self._power()

    def _power(self) -> sympy.Expr:
        base = self._factorials(self._atom())
        if self._next() in {"^", "**"}:
            self.at += 1
            return self._factorials(power(base, self._exponent()))
        return base

    def _exponent(self) -> sympy.Expr:
        if self._takes("-"):
            return -self._exponent()
        self._takes("+")
        word = self._next()
        if self._kind() == "word" and len(word) > 1 and word not in {*FUNCTIONS, *CONSTANTS, *GREEK}:
            self._split(word)  # only the first letter is raised, as in LaTeX
            return self._atom()
        return self._power()

    def _factorials(self, value: sympy.Expr) -> sympy.Expr:
        while True:
            if self._takes("!"):
                value = double_factorial(value) if self._takes("!") else factorial(value)
            elif self._takes("\\degree"):
                self.degrees = self.degrees or not self._in_function
                value = value * sympy.pi / 180 if self._in_function else value
            elif self._next() in {"\\%", "%"}:
                raise UnreadableError("a percent sign inside")
            else:
                return value

    def _starts_factor(self) -> bool:
        if self._next() == "|":
            return not self._bars
        if self._kind() == "command":
            return self._next() not in _NO_FACTOR
        return self._kind() in {"number", "word"} or self._next() in {"{", "(", "["}

    def _atom(self) -> sympy.Expr:
        token = self._take()
        if token.kind == "number":
            return self._number(token.text)
        if token.kind == "word":
            return self._word(token.text)
        if token.kind == "command":
            return self._command(token.text[1:])
        closing = {"(": ")", "{": "}", "[": "]"}.get(token.text)
        if closing:
            bars, self._bars = self._bars, 0
            value = self.group()
            self._expect(closing)
            self._bars = bars
            return value
        if token.text == "|":
            self._bars += 1
            value = self.sum()
            self._bars -= 1
            self._expect("|")
            return sympy.Abs(value)
        raise UnreadableError(f"{token.text!r} is not expected")

    def _number(self, text: str) -> sympy.Expr:
        value = number(text)
        if "." in text or "e" in text.lower():
            self.digits = max(self.digits, len(re.sub(r"[eE].*|\.", "", text).lstrip("0")))
        elif (part := self._proper_fraction()) is not None:
            return value + part
        return value

    def _proper_fraction(self) -> sympy.Expr | None:
        r"""Return the fraction of a mixed number: `3\frac{1}{2}`, `1 1/2`."""
        left = self.tokens[self.at :]
        texts = [token.text for token in left[:7]]
        if texts[:1] == ["\\frac"]:
            joined = "".join(texts[1:])
            found = re.match(r"\{(\d+)\}\{(\d+)\}|(\d)\{(\d+)\}|(\d)(\d)(?!\d)|\{(\d+)\}(\d)", joined)
            groups = [group for group in found.groups() if group] if found else []
            length = 0
        elif len(left) > 2 and left[0].kind == left[2].kind == "number" and texts[1] == "/":
            groups, length = [texts[0], texts[2]], 3
        else:
            return None
        if len(groups) != 2 or not all(group.isdigit() for group in groups) or not 0 < int(groups[0]) < int(groups[1]):
            return None
        if length:
            self.at += length
        else:
            self.at += 1
            above, below = self._argument(), self._argument()
            return quotient(above, below)
        return sympy.Rational(int(groups[0]), int(groups[1]))

    def _word(self, word: str) -> sympy.Expr:
        if word in FUNCTIONS and (len(word) > 2 or self._next() == "(" or word in {"ln", "lg"}):
            return self._apply(word)
        if word in CONSTANTS:
            return CONSTANTS[word]
        if word in GREEK and len(word) > 2:
            return self._symbol(word)
        if (spelled := self._spelled(word)) is not None:
            return spelled
        if len(word) > 3:
            for name in sorted(FUNCTIONS, key=len, reverse=True):
                if len(name) > 2 and word.endswith(name) and self._next() == "(":
                    return self._letters(word.removesuffix(name)) * self._apply(name)
            raise UnreadableError(f"{word!r} is a word")
        return self._letters(word)

    def _spelled(self, word: str) -> sympy.Rational | None:
        """Return the number that a word spells; beside digits it repeats them (`5 (five)`)."""
        found = number_in_words(word)
        if found is None:
            return None
        if any(token.kind == "number" for token in self.tokens):
            raise UnreadableError("a number in words beside digits")
        return sympy.Rational(found.numerator, found.denominator)

    def _letters(self, word: str) -> sympy.Expr:
        """Return the product of letters; an index belongs to the last."""
        value = sympy.Integer(1)
        for letter in word[:-1]:
            value = value * CONSTANTS.get(letter, sympy.Symbol(letter))
        last = CONSTANTS[word[-1]] if word[-1] in CONSTANTS and self._next() != "_" else self._symbol(word[-1])
        if word[:-1] and self._next() in {"^", "**"}:  # of the last letter only
            self.at += 1
            last = power(last, self._exponent())
        return value * last

    def _symbol(self, name: str) -> sympy.Symbol:
        if self._takes("_"):
            name += "_" + self._raw()
        while self._takes("'"):
            name += "'"
        return sympy.Symbol(name)

    def _command(self, name: str) -> sympy.Expr:
        if name == "frac":
            return quotient(self._argument(), self._argument())
        if name == "sqrt":
            degree = sympy.Integer(2)
            if self._takes("["):
                degree = self.sum()
                self._expect("]")
            return root(self._argument(), degree)
        if name == "binom":
            return binomial(self._argument(), self._argument())
        if name in {"lfloor", "lceil"}:
            value = self.sum()
            self._expect("\\r" + name[1:])
            return sympy.floor(value) if name == "lfloor" else sympy.ceiling(value)
        if name in FUNCTIONS:
            return self._apply(name)
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name in GREEK:
            return self._symbol(name)
        if name in ACCENTS:
            return self._symbol(f"{name} {self._raw()}")
        if name == "text":
            if (spelled := self._spelled(self._raw())) is not None:
                return spelled
            raise UnreadableError("text inside")
        if name == "ldots":
            raise UnreadableError("something is left out")
        raise UnknownConstructError(f"\\{name} is not known")

    def _apply(self, name: str) -> sympy.Expr:
        base, exponent = None, None
        for _ in range(2):
            if name in {"log", "ln"} and self._takes("_"):
                base = self._argument()
            elif self._next() in {"^", "**"}:
                self.at += 1
                exponent = self._argument()
        if exponent == -1 and f"a{name}" in FUNCTIONS:
            name, exponent = f"a{name}", None
        inside, self._in_function = self._in_function, name in {"sin", "cos", "tan", "cot", "sec", "csc"}
        arguments = self._arguments()
        self._in_function = inside
        value = FUNCTIONS[name](*arguments) if base is None else sympy.log(arguments[0], base)
        return value if exponent is None else power(value, exponent)

    def _arguments(self) -> list[sympy.Expr]:
        """Return what a function is applied to: `(x, y)`, `{x}`, or the product up to the next sign or function."""
        if self._takes("("):
            arguments = [self.sum()]
            while self._takes(","):
                arguments.append(self.sum())
            self._expect(")")
            return arguments
        if self._next() in {"+", "-"}:
            return [self._signed()]
        value = self._power()
        while self._starts_factor() and self._next() not in {"(", "[", "{", "|"} and not self._is_function():
            value = value * self._power()
        return [value]

    def _is_function(self) -> bool:
        name = self._next().removeprefix("\\")
        return name in FUNCTIONS or name == "sqrt"

    def _argument(self) -> sympy.Expr:
        r"""Return the argument of a command: a group, or one digit or letter (`\frac12`)."""
        token = self.tokens[self.at] if self.at < len(self.tokens) else None
        if token is None:
            raise UnreadableError("an argument is missing")
        if token.text in {"{", "("}:
            return self._atom()
        if token.kind in {"number", "word"} and len(token.text) > 1:
            self._split(token.text)
        return self._atom_alone()

    def _split(self, text: str) -> None:
        """Make two tokens of the next: its first sign, and the others."""
        kind = self._kind()
        self.tokens[self.at : self.at + 1] = [Token(kind, text[0]), Token(kind, text[1:])]

    def _atom_alone(self) -> sympy.Expr:
        """Return one atom; a number does not become a mixed number."""
        token = self.tokens[self.at]
        if token.kind == "number":
            self.at += 1
            return number(token.text)
        return self._atom()

    def _raw(self) -> str:
        """Return a group or a token as text: an index, what is under an accent."""
        token = self._take()
        if token.text != "{":
            return token.text
        depth, text = 1, ""
        while depth:
            token = self._take()
            depth += {"{": 1, "}": -1}.get(token.text, 0)
            text += token.text if depth and token.text not in {"{", "}", "\\text"} else ""
        return text

    def _kind(self) -> str:
        return self.tokens[self.at].kind if self.at < len(self.tokens) else ""

    def _next(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def _takes(self, text: str) -> bool:
        if self._next() != text:
            return False
        self.at += 1
        return True

    def _take(self) -> Token:
        if self.at == len(self.tokens):
            raise UnreadableError("the text ends too early")
        self.at += 1
        return self.tokens[self.at - 1]

    def _expect(self, text: str) -> None:
        if not self._takes(text):
            raise UnreadableError(f"{text!r} is missing")


def _recurring(found: re.Match[str]) -> str:
    whole, first, again = (
        (found[1], found[2], found[3] or found[4]) if found[7] is None else (found[5], found[6], found[7])
    )
    shift, nines = 10 ** len(first), 10 ** len(again) - 1
    above = int((whole or "") + first + again or "0") - int((whole or "") + first or "0")
    return f"({{{above}}}/{{{shift * nines}}})"
