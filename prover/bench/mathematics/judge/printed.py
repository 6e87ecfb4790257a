"""What a program printed, read as Python writes values: by its syntax tree, which is not evaluated."""

from __future__ import annotations

import ast
import operator
import re

import sympy

from prover.bench.mathematics.judge.values import Collection, Matrix, Region, Scalar, UnreadableError, Value
from prover.bench.mathematics.judge.vocabulary import CONSTANTS, FUNCTIONS, number, power, quotient

_OPERATORS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: quotient, ast.Pow: power,
    ast.Mod: operator.mod,
}  # fmt: skip
_NAMES = {**CONSTANTS, "E": sympy.E, "j": sympy.I}
_NOT_PRINTED = re.compile(r"\d_\d|0[xobXOB]|\\|__")
_OPEN = {"open": (True, True), "Lopen": (True, False), "Ropen": (False, True)}


def read_printed(text: str) -> Value:
    """Return the value that was printed.

    Raises:
        UnreadableError: it is no value of Python or SymPy.
    """
    if _NOT_PRINTED.search(text):
        raise UnreadableError("not a printed value")
    reader = _Reader(text)
    try:
        return reader.value(ast.parse(text.replace("^", "**"), mode="eval").body)
    except (SyntaxError, KeyError, TypeError, AttributeError, ValueError, RecursionError, MemoryError) as error:
        raise UnreadableError(str(error)) from None


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._digits = 0

    def value(self, node: ast.expr) -> Value:
        match node:
            case ast.Tuple(parts):
                return Collection("()", tuple(map(self.value, parts)), printed=True)
            case ast.List(parts):
                return Collection("[]", tuple(map(self.value, parts)), printed=True)
            case ast.Set(parts):
                return Collection("{}", tuple(map(self.value, parts)), printed=True)
            case ast.Call(ast.Name("Matrix" | "array" | "ImmutableDenseMatrix"), [ast.List(rows), *_]):
                read = [self.value(row) for row in rows]
                return Matrix(tuple(row.items if isinstance(row, Collection) else (row,) for row in read))
            case ast.Call(ast.Name("Interval" | "Union" | "FiniteSet") | ast.Attribute(ast.Name("Interval")), _, _):
                return Region(self._set(node))
            case ast.Call(ast.Name("set" | "frozenset"), [ast.List(parts) | ast.Set(parts)], []):
                return Collection("{}", tuple(map(self.value, parts)), printed=True)
            case ast.Name(name) if len(name) > 1 and name not in _NAMES:
                raise UnreadableError("a word")
        self._digits = 0
        return Scalar(self._expression(node), self._digits)

    def _set(self, node: ast.expr) -> sympy.Set:
        match node:
            case ast.Call(ast.Attribute(ast.Name("Interval"), how), [low, high], []) if how in _OPEN:
                return sympy.Interval(self._expression(low), self._expression(high), *_OPEN[how])
            case ast.Call(ast.Name("Interval"), [low, high, *flags], []) if len(flags) <= 2:
                open_ = [isinstance(flag, ast.Constant) and flag.value is True for flag in flags]
                return sympy.Interval(self._expression(low), self._expression(high), *open_)
            case ast.Call(ast.Name("Union"), parts, []):
                return sympy.Union(*map(self._set, parts))
            case ast.Call(ast.Name("FiniteSet"), parts, []):
                return sympy.FiniteSet(*map(self._expression, parts))
        raise UnreadableError("no set")

    def _expression(self, node: ast.expr) -> sympy.Expr:
        match node:
            case ast.Constant(bool()):
                raise UnreadableError("no number")
            case ast.Constant(int() as value):
                return sympy.Integer(value)
            case ast.Constant(float() as value):
                written = ast.get_source_segment(self._text.replace("^", "**"), node) or repr(value)
                self._digits = max(self._digits, len(re.sub(r"[eE].*|\.", "", written).lstrip("0")))
                return number(written)
            case ast.Constant(complex() as value):
                return number(repr(value.imag)) * sympy.I
            case ast.Name(name):
                return _NAMES[name] if name in _NAMES else sympy.Symbol(name)
            case ast.UnaryOp(ast.USub(), operand):
                return -self._expression(operand)
            case ast.UnaryOp(ast.UAdd(), operand):
                return self._expression(operand)
            case ast.BinOp(left, kind, right) if type(kind) in _OPERATORS:
                return _OPERATORS[type(kind)](self._expression(left), self._expression(right))
            case ast.Call(ast.Name(name), arguments, []) if name in FUNCTIONS:
                return FUNCTIONS[name](*map(self._expression, arguments))
        raise UnreadableError("no arithmetic")
