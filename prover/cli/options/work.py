"""The options for how work is done: by how many workers, and with which random numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def workers_option(what: str) -> Callable[[Command], Command]:
    """Return what adds --workers, 1 unless it is given. `what`: their number is that of these."""
    return click.option("--workers", type=click.IntRange(1), metavar="N", default=1, show_default=True, help=f"{what}.")


def seed_option(of: str = "") -> Callable[[Command], Command]:
    """Return what adds --seed. `of`: what the seed is of, if not of everything."""
    return click.option("--seed", type=int, metavar="N", default=0, show_default=True, help=f"Random seed{of}.")
