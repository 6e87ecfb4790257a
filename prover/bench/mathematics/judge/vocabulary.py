"""The words of expressions: functions, constants, letters; and arithmetic that stays within bounds."""

from __future__ import annotations

from collections.abc import Callable

import sympy

from prover.bench.mathematics.judge.values import UnreadableError

FUNCTIONS: dict[str, Callable[..., sympy.Expr]] = {
    name: getattr(sympy, name)
    for name in ("sin", "cos", "tan", "cot", "sec", "csc", "asin", "acos", "atan", "acot", "asec", "acsc", "sinh",
                 "cosh", "tanh", "coth", "asinh", "acosh", "atanh", "exp", "log", "gcd", "lcm", "floor", "ceiling",
                 "re", "im")
} | {
    "ln": sympy.log, "arcsin": sympy.asin, "arccos": sympy.acos, "arctan": sympy.atan, "arccot": sympy.acot,
    "arcsec": sympy.asec, "arccsc": sympy.acsc, "abs": sympy.Abs, "Abs": sympy.Abs, "max": sympy.Max,
    "min": sympy.Min, "Max": sympy.Max, "Min": sympy.Min, "lg": lambda x: sympy.log(x, 10),
    "cbrt": sympy.cbrt, "conjugate": sympy.conjugate, "Rational": lambda p, q=1: quotient(p, q),
    "Fraction": lambda p, q=1: quotient(p, q), "Integer": lambda n: n, "Float": lambda x: x,
    "sqrt": lambda x: power(x, sympy.Rational(1, 2)), "factorial": lambda n: factorial(n),
    "root": lambda x, n: root(x, n), "binomial": lambda n, k: binomial(n, k),
}  # fmt: skip
CONSTANTS = {
    "pi": sympy.pi, "infty": sympy.oo, "infinity": sympy.oo, "inf": sympy.oo, "oo": sympy.oo, "e": sympy.E,
    "i": sympy.I, "I": sympy.I, "imath": sympy.I,
}  # fmt: skip
GREEK = {
    "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "vartheta", "iota",
    "kappa", "lambda", "mu", "nu", "xi", "rho", "sigma", "tau", "upsilon", "phi", "varphi", "chi", "psi",
    "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega", "ell", "hbar",
}  # fmt: skip
ACCENTS = {
    "overline", "bar", "vec", "hat", "widehat", "tilde", "overrightarrow", "angle", "triangle", "dot", "ddot",
    "underline",
}  # fmt: skip
_MOST_BITS = 200_000


def power(base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
    """Return the power, unless it is a number too long to be written down."""
    if base.is_Rational and exponent.is_Rational:
        bits = max(abs(base.p), base.q).bit_length() * abs(exponent)
        if bits > _MOST_BITS:
            raise UnreadableError("a power too large to calculate")
    elif base.is_number and exponent.is_Integer and abs(exponent) > 10_000:
        raise UnreadableError("a power too large to calculate")
    return sympy.Pow(base, exponent)


def quotient(above: sympy.Expr, below: sympy.Expr) -> sympy.Expr:
    """Return the quotient. Raises UnreadableError for a division by zero."""
    if below == 0:
        raise UnreadableError("division by zero")
    return above / below


def factorial(n: sympy.Expr) -> sympy.Expr:
    """Return the factorial; a large one stays a formula."""
    return sympy.factorial(n, evaluate=not (n.is_Integer and n > 1000))


def double_factorial(n: sympy.Expr) -> sympy.Expr:
    """Return the product of every other number up to `n`."""
    if not n.is_Integer or not 0 <= n <= 1000:
        raise UnreadableError("a double factorial of no small number")
    return sympy.factorial2(n)


def binomial(n: sympy.Expr, k: sympy.Expr) -> sympy.Expr:
    """Return the binomial coefficient, unless it would take long to calculate."""
    if n.is_Integer and k.is_Integer and min(k, n - k) > 10_000:
        raise UnreadableError("a binomial coefficient too large to calculate")
    return sympy.binomial(n, k)


def root(value: sympy.Expr, degree: sympy.Expr) -> sympy.Expr:
    """Return the root; of an odd degree the real one of a negative number, as a radical sign means."""
    if degree.is_odd and value.is_extended_negative:
        return -root(-value, degree)
    return power(value, quotient(sympy.Integer(1), degree))


def number(text: str) -> sympy.Rational:
    """Return a number in digits, exactly."""
    mantissa, _, exponent = text.lower().partition("e")
    if exponent and abs(int(exponent)) > 5000:
        raise UnreadableError("an exponent too large")
    return sympy.Rational(mantissa.rstrip(".") or "0") * sympy.Integer(10) ** int(exponent or 0)
