"""Commands that need an optional part of the package."""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar, cast

from prover.errors import MissingExtraError

Command = TypeVar("Command", bound=Callable[..., Any])

DATA = ("numpy", "orjson", "zstandard", "tokenizers", "datasketch")


def needs_data(command: Command) -> Command:
    """Say how to install the extra `data`, if it is missing, before the command does anything."""

    @functools.wraps(command)
    def checked(*args: Any, **options: Any) -> Any:
        missing = [module for module in DATA if find_spec(module) is None]
        if missing:
            raise MissingExtraError("data", f"this ({', '.join(missing)} missing)")
        return command(*args, **options)

    return cast(Command, checked)
