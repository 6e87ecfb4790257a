"""A command with others below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click


class Nested(click.Command):
    """A command whose first argument may also name another: `prover bench SET`, `prover bench compare ...`."""

    def __init__(self, *arguments: Any, below: Mapping[str, click.Command], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._below = below

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Return the context of this command, or of the one that is named."""
        if args and (command := self._below.get(args[0])):
            return command.make_context(f"{info_name} {args[0]}", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)
