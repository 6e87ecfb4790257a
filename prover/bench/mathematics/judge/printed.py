"""What a program printed, read as Python writes values: by its syntax tree, which is not evaluated."""

from __future__ import annotations

import ast
import operator
import re

import sympy

from prover.bench.mathematics.judge.reading import read, words
from prover.bench.mathematics.judge.values import (
    LIST,
    Collection,
    Matrix,
    Named,
    Region,
    Relation,
    Scalar,
    UnreadableError,
    Value,
)
from prover.bench.mathematics.judge.vocabulary import CONSTANTS, FUNCTIONS, number, power, quotient

_OPERATORS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: quotient, ast.Pow: power,
    ast.Mod: operator.mod,
}  # fmt: skip
_NAMES = {**CONSTANTS, "E": sympy.E, "j": sympy.I}
_NOT_PRINTED = re.compile(r"\d_\d|0[xobXOB]|\\|__")
_MODULES = frozenset({"np", "numpy", "sp", "sympy", "math"})
_SETS = {"EmptySet": sympy.S.EmptySet, "Reals": sympy.S.Reals}
_COMPARISONS = {ast.Lt: sympy.Lt, ast.LtE: sympy.Le, ast.Gt: sympy.Gt, ast.GtE: sympy.Ge}
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
            case ast.List([ast.Dict() as solution]):
                return self.value(solution)
            case ast.List(parts):
                return Collection("[]", tuple(map(self.value, parts)), printed=True)
            case ast.Set(parts) | ast.Call(ast.Name("set" | "frozenset"), [ast.List(parts) | ast.Set(parts)], []):
                return Collection("{}", tuple(map(self.value, parts)), printed=True)
            case ast.Call(ast.Name("set" | "frozenset"), [], []):
                return Collection("{}", (), printed=True)
            case ast.Dict(names, parts):
                named = [Named(_text(name), self.value(part)) for name, part in zip(names, parts, strict=True)]
                return named[0] if len(named) == 1 else Collection(LIST, tuple(named))
            case ast.Call(ast.Name("Matrix" | "array" | "ImmutableDenseMatrix"), [ast.List(rows), *_]):
                read = [self.value(row) for row in rows]
                return Matrix(tuple(row.items if isinstance(row, Collection) else (row,) for row in read))
            case ast.Call(ast.Attribute(ast.Name(module)), [inner], []) if module in _MODULES:
                return self.value(inner)  # a number of NumPy
            case ast.Call(ast.Name("Decimal"), [ast.Constant(str() as digits)], []):
                self._digits = 0
                return Scalar(self._float(digits), self._digits)
            case ast.Call(ast.Name("Eq"), [left, right], []):
                if isinstance(left, ast.Name):
                    return Named(left.id, self.value(right))
                return Relation("=", self._expression(left) - self._expression(right))
            case ast.Constant(str() as text):
                return _quoted(text)
            case ast.Compare() | ast.BinOp(_, ast.BitAnd() | ast.BitOr(), _):
                return self._solutions(node)
            case ast.Name(name) if name in _SETS:
                return Region(_SETS[name])
            case ast.Call(ast.Name("Interval" | "Union" | "FiniteSet") | ast.Attribute(ast.Name("Interval")), _, _):
                return Region(self._set(node))
            case ast.Name(name) if len(name) > 1 and name not in _NAMES:
                raise UnreadableError("a word")
        self._digits = 0
        return Scalar(self._expression(node), self._digits)

    def _solutions(self, node: ast.expr) -> Region:
        """Return the solutions of inequalities as SymPy prints them: `(2 < x) & (x < 3)`."""
        match node:
            case ast.BinOp(left, ast.BitAnd() | ast.BitOr() as word, right):
                one, other = self._solutions(left), self._solutions(right)
                if one.unknown != other.unknown:
                    raise UnreadableError("several unknowns")
                both = sympy.Intersection if isinstance(word, ast.BitAnd) else sympy.Union
                return Region(both(one.points, other.points), one.unknown)
            case ast.Compare(left, [kind], [right]) if type(kind) in _COMPARISONS:
                sides = self._expression(left), self._expression(right)
                (unknown,) = sides[0].free_symbols | sides[1].free_symbols
                real = sympy.Symbol("x", real=True)
                relation = _COMPARISONS[type(kind)](*(side.subs(unknown, real) for side in sides))
                return Region(relation.as_set(), str(unknown))
        raise UnreadableError("no inequality")

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
                return self._float(written)
            case ast.Constant(complex() as value):
                return self._float(repr(value.imag)) * sympy.I
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

    def _float(self, written: str) -> sympy.Rational:
        if "." in written or "e" in written.lower():
            self._digits = max(self._digits, len(re.sub(r"[eE].*|\.", "", written).lstrip("0")))
        return number(written)


def _quoted(text: str) -> Value:
    try:
        return read(text)
    except UnreadableError:
        return words(text)


def _text(node: ast.expr | None) -> str:
    """Return the name that a dictionary has a value under. Raises UnreadableError."""
    match node:
        case ast.Name(name) | ast.Constant(str() as name):
            return name
    raise UnreadableError("no name")
