"""Commands that need an optional part of the package."""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar, cast

from prover.errors import MissingExtraError

Command = TypeVar("Command", bound=Callable[..., Any])

DATA = ("numpy", "orjson", "zstandard", "tokenizers", "datasketch")
EVAL = ("lm_eval", "sympy", "antlr4", "math_verify")


def needs_data(command: Command) -> Command:
    """Say how to install the extra `data`, if it is missing, before the command does anything."""
    return _needs(command, "data", lambda: DATA)


def needs_eval(command: Command) -> Command:
    """Say how to install the extra `eval`, if it is missing, before the command does anything."""
    return _needs(command, "eval", lambda: EVAL)


def _needs(command: Command, extra: str, modules: Callable[[], tuple[str, ...]]) -> Command:
    @functools.wraps(command)
    def checked(*args: Any, **options: Any) -> Any:
        missing = [module for module in modules() if find_spec(module) is None]
        if missing:
            raise MissingExtraError(extra, f"this ({', '.join(missing)} missing)")
        return command(*args, **options)

    return cast(Command, checked)
