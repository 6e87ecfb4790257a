"""The interface to a proof assistant that fills files: a file, its `sorry`s, and a way to try texts in their place."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from prover.core.record import Verification
from prover.core.theorem import Theorem
from prover.environments.environment import OPEN_TIMEOUT_S, ProofEnvironment, ProofSession
from prover.errors import Message


@dataclass(frozen=True, slots=True)
class Hole:
    """One `sorry` of a file. Lines count from 1, columns (in characters) from 0."""

    number: int
    line: int
    column: int
    kind: Literal["tactic", "term"]
    declaration: str
    """Full name of the declaration; `example` or `instance` if it has none, empty outside of declarations."""
    command: int
    """Number of the command of the file that it is in."""
    goal: str | None
    """The goal as the assistant prints it."""
    obstacle: str | None
    """Why no proof can stand here, or None."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The assistant's answer to a command with some of its holes filled."""

    problem: str | None
    sorries: int
    """How many of its declarations still use `sorry`."""


class OpenedFile(Protocol):
    """A file that the assistant has read without errors."""

    @property
    def holes(self) -> tuple[Hole, ...]:
        """The holes in the order of the text."""

    @property
    def sorries(self) -> tuple[int, ...]:
        """For each command, how many of its declarations use `sorry`."""

    @property
    def messages(self) -> tuple[Message, ...]:
        """The assistant's messages."""

    def open(self, hole: Hole) -> AbstractAsyncContextManager[ProofSession]:
        """Start proving the goal of a hole that has no obstacle. One at a time.

        If the session says that it is closed, the kernel has checked the proof of the goal in its context. Whether the
        proof fits the file is for `fits` to say.
        """

    async def fits(self, fillings: Sequence[tuple[int, str]]) -> Trial:
        """Try texts in place of holes (by number), in the command of the last; the rest of it stays as it is."""


@runtime_checkable
class FileEnvironment(ProofEnvironment, Protocol):
    """A proof assistant that reads whole files."""

    def open_file(
        self, source: Theorem, *, timeout_s: float = OPEN_TIMEOUT_S
    ) -> AbstractAsyncContextManager[OpenedFile]:
        """Read a file, which may take `timeout_s`.

        Raises:
            InvalidTheoremError: the file has errors.
            EnvironmentUnavailableError: the assistant is not installed or does not start.
        """

    async def check_file(self, source: Theorem, *, timeout_s: float, original: Theorem | None = None) -> Verification:
        """As `check_source`, for a file that need not hold a theorem.

        `original`: the user's own file, of which `source` is a version with more proofs. Only what was added is
        untrusted.
        """
