"""The library lean_dojo, imported when it is needed, and how theorems of a traced repository are named.

Interface: lean-dojo 4.20.0 @7a9f600, `src/lean_dojo/interaction/dojo.py`.
"""

from __future__ import annotations

import importlib
import re
import sys
from dataclasses import dataclass
from typing import Any, Self

from prover.core.theorem import Theorem
from prover.errors import EnvironmentUnavailableError, InvalidTheoremError, MissingExtraError

_REFERENCE = re.compile(r"\s*(?P<file>[^\s:]+\.lean)::(?P<name>\S+)\s*(?::=\s*by\b(?P<proof>.*))?\Z", re.DOTALL)
ADVICE = (
    "LeanDojo needs a traced repository: tracing takes hours for one with Mathlib, a token in GITHUB_ACCESS_TOKEN, and "
    "a toolchain that it supports (interaction is reported broken from Lean 4.12 on, its issue 211). For a project of "
    "your own, or a newer Lean, use --environment lean-project: it needs no tracing"
)


@dataclass(frozen=True, slots=True)
class TracedTheorem:
    """A theorem of the repository: `FILE.lean::FULL.NAME`, and a proof by tactics where one is to be verified."""

    file: str
    name: str
    proof: str | None = None

    @classmethod
    def read(cls, theorem: Theorem) -> Self:
        """Read a reference. Raises InvalidTheoremError."""
        found = _REFERENCE.match(theorem.source)
        if not found:
            raise InvalidTheoremError(
                "with LeanDojo a theorem is named, not stated",
                hint="FILE.lean::FULL.NAME, as in MiniF2F/Test.lean::mathd_algebra_10",
            )
        return cls(found["file"], found["name"], found["proof"])

    @property
    def reference(self) -> str:
        """The reference alone."""
        return f"{self.file}::{self.name}"


def lean_dojo() -> Any:
    """Return the library.

    Raises:
        MissingExtraError: it is not installed.
        EnvironmentUnavailableError: it cannot be used with this Python, or refuses to be imported.
    """
    try:
        return importlib.import_module("lean_dojo")
    except ImportError as error:
        if sys.version_info >= (3, 13):
            raise EnvironmentUnavailableError("lean-dojo supports Python up to 3.12; this is newer") from error
        raise MissingExtraError("leandojo", f"LeanDojo ({error})") from error
    except Exception as error:  # it looks for git and reads its settings when it is imported
        raise EnvironmentUnavailableError(f"lean_dojo cannot be imported: {error}") from error
