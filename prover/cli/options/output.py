"""The options for what a command prints and where it puts its results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

resume_option = click.option("--resume", is_flag=True, help="Continue the run in --output.")
results_option = click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder for the results.  [default: one by date, in the user's data folder]",
)


def json_option(what: str, more: str = "") -> Callable[[Command], Command]:
    """Return what adds --json; the command gets `as_json`. `what` is printed; `more` is said of it."""
    return click.option("--json", "as_json", is_flag=True, help=f"Print {what} as JSON{more}.")
