"""The argument and the option that give a statement; the same for every command that takes one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from prover.cli.read import read_text

Command = TypeVar("Command", bound=Callable[..., Any])

FILES = {".lean", ".thy"}


def statement_options(command: Command) -> Command:
    """Add STATEMENT and --file; the command gets the one that is given, read, as `text`."""

    @functools.wraps(command)
    def with_text(*args: Any, statement: str | None, path: str | None, **options: Any) -> Any:
        if (statement is None) == (path is None):
            raise click.UsageError("give either a STATEMENT or --file")
        if statement is not None and Path(statement).suffix in FILES and not any(map(str.isspace, statement)):
            raise click.UsageError(f"{statement} is the name of a file; give --file {statement}")
        return command(*args, text=read_text(path or "-") if statement is None else statement, **options)

    decorated: Any = with_text
    for parameter in reversed(
        (
            click.argument("statement", required=False),
            click.option(
                "--file", "path", metavar="F.lean", help="Read the statement from a file; '-' is standard input."
            ),
        )
    ):
        decorated = parameter(decorated)
    return cast(Command, decorated)
