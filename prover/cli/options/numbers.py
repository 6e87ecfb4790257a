"""Numbers as options take them."""

from __future__ import annotations

import math
from collections.abc import Callable

import click

from prover.core.budget import WEEK_S


def positive(unit: str) -> Callable[[str], float]:
    """Return what reads a number of that unit above zero, at most a week's worth; neither `nan` nor `inf` is one."""

    def number(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not 0 < value <= WEEK_S:  # false for nan
            raise click.BadParameter(f"{text} is not allowed; give a number of {unit} above 0, at most {WEEK_S:,.0f}")
        return value

    return number
