"""The extras of the package: what each is for, which libraries it brings, and commands that need one."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, TypeVar, cast

import click

from prover.errors import MissingExtraError

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Extra:
    """What an extra is for, and the modules by which one sees that it is installed.

    `python_below`: the first Python for which its libraries do not exist.
    """

    purpose: str
    modules: tuple[str, ...]
    python_below: tuple[int, int] | None = None

    @property
    def missing(self) -> list[str]:
        """The modules that are not installed. Nothing is imported."""
        return [module for module in self.modules if find_spec(module) is None]

    @property
    def available(self) -> bool:
        """Do its libraries exist for this Python?"""
        return self.python_below is None or sys.version_info < self.python_below


DATA = ("datasketch", "numpy", "orjson", "tokenizers", "zstandard")
TRAIN = (*DATA, "datasets", "huggingface_hub", "safetensors", "tensorboard", "torch", "transformers")
GRADE = ("antlr4", "math_verify", "sympy")
EXTRAS = {
    "serve": Extra(
        "prover serve, prover worker, prover key",
        ("fastapi", "fastapi_offline", "httptools", "prometheus_client", "redis", "uvicorn"),
    ),
    "mcp": Extra("prover mcp", ("mcp",)),
    "lean": Extra("prover setup --lean-project and --mathlib", ("lean_interact",)),
    "leandojo": Extra("--environment leandojo", ("lean_dojo",), python_below=(3, 13)),
    "isabelle": Extra("--environment isabelle, prover serve-isabelle", ("grpc", "isabelle_client")),
    "local": Extra("--model transformers:NAME", ("torch", "transformers")),
    "z3": Extra("more counterexamples in arithmetic (prover refute, prover prove)", ("z3",)),
    "report": Extra("Parquet tables and PNG figures of prover report", ("pyarrow", "resvg_py")),
    "grade": Extra("prover grade", GRADE),
    "eval": Extra("prover eval", (*GRADE, "lm_eval")),
    "data": Extra("prover data, prover mine, prover overlap", DATA),
    "train": Extra("prover train, prover export, prover data fetch", TRAIN),
    "trl": Extra("learning from the verifier with TRL", (*TRAIN, "trl")),
}
"""Those of pyproject.toml that users install; the others are for working on the package itself."""


def require(extra: str, what: str) -> None:
    """Raise MissingExtraError, which has the line that installs it, unless an extra is there. `what` needs it."""
    if missing := EXTRAS[extra].missing:
        raise MissingExtraError(extra, f"{what} ({', '.join(missing)} missing)")


def needs(extra: str) -> Callable[[Command], Command]:
    """Check for an extra before the command does anything."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def checked(*args: Any, **options: Any) -> Any:
            require(extra, f"`{click.get_current_context().command_path}`")
            return command(*args, **options)

        return cast(Command, checked)

    return decorate
