"""What filling needs of a proof assistant: a file, the `sorry`s in it, and a way to try texts in their place."""

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
    """Full name of what it is part of; `example` or `instance` for those without one, empty outside of any."""
    command: int
    """Which command of the file it is in."""
    goal: str | None
    """What is to be shown, as the assistant prints it."""
    obstacle: str | None
    """Why no proof can stand here, or None."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What the assistant says of a command with some of its holes filled."""

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
        """What the assistant said."""

    def open(self, hole: Hole) -> AbstractAsyncContextManager[ProofSession]:
        """Start proving the goal of a hole that has no obstacle. One at a time.

        What the session says is closed has been checked by the assistant's kernel as a proof of the goal in its
        context; that it fits the file is for `fits` to say.
        """

    async def fits(self, fillings: Sequence[tuple[int, str]]) -> Trial:
        """Try texts in place of holes (by number), in the command of the last; all else in it stays as it is read."""


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

        `original`: the user's own file, of which `source` is a version with more proofs; only what has been added is
        anybody else's text.
        """
