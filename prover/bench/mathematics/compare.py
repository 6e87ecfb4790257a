"""Are two answers the same number, expression, tuple, set? Runs in the sandbox, by itself.

Nothing of an answer is evaluated: Python-like text is read by its syntax tree with a list of known functions, LaTeX by
SymPy's ANTLR grammar. So an answer cannot forge its own verdict; what it can do is take long, and that has a limit.

Reads `pairs.json`, a list of [expected, given, tolerance]; prints a line of JSON for each: true or false.
"""

from __future__ import annotations

import ast
import json
import operator
import signal
import sys

import sympy
from sympy.parsing.latex import parse_latex

PAIR_S = 5
FUNCTIONS = {
    name: getattr(sympy, name)
    for name in ("sqrt", "cbrt", "root", "exp", "log", "sin", "cos", "tan", "cot", "sec", "csc", "asin", "acos", "atan",
                 "sinh", "cosh", "tanh", "factorial", "binomial", "gcd", "lcm", "Abs", "floor", "ceiling", "Rational",
                 "Integer", "Float", "re", "im", "Max", "Min")
} | {"abs": sympy.Abs, "ln": sympy.log, "max": sympy.Max, "min": sympy.Min, "Fraction": sympy.Rational}  # fmt: skip
NAMES = {"pi": sympy.pi, "E": sympy.E, "e": sympy.E, "I": sympy.I, "oo": sympy.oo, "inf": sympy.oo}
REPLACED = (
    ("\\left", ""), ("\\right", ""), ("\\!", ""), ("\\,", ""), ("\\;", ""), ("^\\circ", ""), ("^{\\circ}", ""),
    ("\\{", "{"), ("\\}", "}"), ("dfrac", "frac"), ("tfrac", "frac"), ("\\%", "%"),
)  # fmt: skip
"""How LaTeX is set, which says nothing about a value."""
OPERATORS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.Mod: operator.mod,
}  # fmt: skip


def from_python(node: ast.AST, written: str = "(") -> object:
    """Return the value of a syntax tree. Raises ValueError for all that is not arithmetic.

    Tuples begin with the brackets that they were `written` with, as `(2, 5]` is not `(2, 5)`; "" is none.
    """
    match node:
        case ast.Expression(body):
            return from_python(body, written)
        case ast.Constant(bool()):
            raise ValueError("no arithmetic")
        case ast.Constant(int() | float() as value):
            return sympy.Integer(value) if isinstance(value, int) else sympy.Rational(repr(value))
        case ast.Name(name):
            return NAMES[name] if name in NAMES else sympy.Symbol(name)
        case ast.UnaryOp(ast.USub(), operand):
            return -from_python(operand)  # type: ignore[operator]
        case ast.UnaryOp(ast.UAdd(), operand):
            return from_python(operand)
        case ast.BinOp(left, kind, right) if type(kind) in OPERATORS:
            return OPERATORS[type(kind)](from_python(left), from_python(right))
        case ast.Call(ast.Name(name), arguments, []) if name in FUNCTIONS:
            return FUNCTIONS[name](*map(from_python, arguments))
        case ast.Tuple(parts):
            return ("()" if written.startswith("(") else "", *map(from_python, parts))
        case ast.List(parts):
            return ("[]", *map(from_python, parts))
        case ast.Set(parts):
            return frozenset(map(from_python, parts))
    raise ValueError("no arithmetic")


def read(text: str) -> object:
    """Return what an answer says: an expression, a tuple or a set. Raises if it is none."""
    for written, meant in REPLACED:
        text = text.replace(written, meant)
    text = text.strip().strip("$").strip().rstrip(".").removesuffix("%")
    try:
        return from_python(ast.parse(text.replace("^", "**"), mode="eval"), text)
    except (SyntaxError, ValueError, KeyError, TypeError):
        pass
    parts = split(text)
    if parts:
        brackets = text[0] + text[-1]
        return (brackets if brackets in {"()", "[]", "(]", "[)"} else "", *map(read, parts))
    return parse_latex(text).subs({sympy.Symbol(name): value for name, value in NAMES.items()})


def split(text: str) -> list[str]:
    """Return the parts of `(a, b)` or `a, b` at its outermost commas; nothing if there is no comma."""
    if text[:1] in "([" and text[-1:] in ")]":
        text = text[1:-1]
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]] if parts else []


def equal(left: object, right: object, tolerance: float) -> bool:
    """Are the values the same, numbers up to a relative tolerance?"""
    if isinstance(left, tuple | frozenset) or isinstance(right, tuple | frozenset):
        if type(left) is not type(right) or len(left) != len(right):  # type: ignore[arg-type]
            return False
        if isinstance(left, frozenset):
            return all(any(equal(a, b, tolerance) for b in right) for a in left)  # type: ignore[attr-defined]
        return all(equal(a, b, tolerance) for a, b in zip(left, right, strict=True))  # type: ignore[call-overload]
    if isinstance(left, str) or isinstance(right, str):
        return left == right or "" in {left, right}
    difference = left - right  # type: ignore[operator]
    if getattr(left, "is_number", False) and getattr(right, "is_number", False):
        a, b = complex(sympy.N(left)), complex(sympy.N(right))
        return abs(a - b) <= max(tolerance, 1e-6) * max(abs(a), 1e-12) or abs(a - b) < 1e-12
    return bool(sympy.simplify(difference) == 0)


def compare(expected: str, given: str, tolerance: float) -> bool:
    """Compare two answers; what cannot be read or takes too long is not equal."""
    if not given:
        return False
    if "".join(expected.split()) == "".join(given.split()):
        return True
    signal.setitimer(signal.ITIMER_REAL, PAIR_S)
    try:
        return equal(read(expected), read(given), tolerance)
    except Exception:  # SymPy raises anything for odd expressions
        return False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def too_long(*_: object) -> None:
    """End the comparison of a pair."""
    raise TimeoutError


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, too_long)
    sys.setrecursionlimit(2000)
    with open("pairs.json", encoding="utf-8") as file:
        for pair in json.load(file):
            print(json.dumps(compare(*pair)), flush=True)
