"""Minerva's rule for MATH, to compare with published figures: equal after normalisation, or by SymPy's own reader."""

from __future__ import annotations

import sympy
from sympy.parsing.latex import parse_latex


def same_by_minerva(gold: str, given: str) -> bool:
    """Are two normalised answers the same? Source: Lewkowycz et al. 2022; is_tex_equiv in the authors' mixins.py."""
    return gold == given or bool(sympy.simplify(parse_latex(gold) - parse_latex(given)) == 0)
