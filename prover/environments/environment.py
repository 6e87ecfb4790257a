"""The interface to a proof assistant, for search and verification."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from prover.core.proof_state import ProofState, TacticOutcome
from prover.core.record import Verification
from prover.core.theorem import Theorem

OPEN_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class OpenedTheorem:
    """The theorem as the assistant read it: its full name, its own text, and what stands in front of it.

    `unseen`: what tactics may use but no state shows (Isabelle's assumptions). States with different ones differ.
    `auto_bound`: names that are declared nowhere, so that the assistant takes them for variables (Lean's option
    `autoImplicit`). `imports`: what it imports, where the assistant decides that and not the text.
    """

    name: str
    statement: str
    header: str
    unseen: str = ""
    auto_bound: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()


class ProofSession(Protocol):
    """One theorem being proved."""

    @property
    def theorem(self) -> OpenedTheorem:
        """The theorem as the assistant read it."""

    @property
    def initial(self) -> ProofState:
        """The state before any tactic."""

    @property
    def counts_effort(self) -> bool:
        """Does the assistant count its work? Otherwise a unit of effort is a second."""

    async def apply(
        self,
        state: ProofState,
        tactics: Sequence[str],
        *,
        timeout_s: float,
        effort: float | Sequence[float] = math.inf,
        deadline_s: float = math.inf,
        effort_left: float = math.inf,
    ) -> list[TacticOutcome]:
        """Try each tactic on `state`, a state that this session returned. The outcomes come in the same order.

        Each may take `effort` (units, one for all or one for each) and `timeout_s` seconds, all together `effort_left`
        and `deadline_s`. Trying ends with the first tactic that closes the theorem, and when nothing is left for the
        next: the result is then shorter than `tactics`.

        Raises:
            SessionCrashedError: the assistant ended and the state could not be restored.
        """

    def release(self, states: Iterable[ProofState]) -> None:
        """Let the assistant free these states. They may still be used, at the price of a replay."""


@runtime_checkable
class ProvisionalSession(Protocol):
    """A session that can leave work to verification."""

    def verified_later(self) -> None:
        """From now on whatever closes the theorem will be verified: the kernel need not check all of it before."""


def verified_later(session: ProofSession) -> None:
    """Tell a session that can make use of it that whatever closes the theorem will be verified."""
    if isinstance(session, ProvisionalSession):
        session.verified_later()


class ProofEnvironment(Protocol):
    """One proof assistant at one pinned version."""

    @property
    def identity(self) -> str:
        """Name, version, library: part of every record and cache key."""

    async def forbidding(self, theorem: Theorem) -> Theorem:
        """Return the theorem with what its `forbid` asks for.

        The library's theorems with the same statement are forbidden as well, and all of them erased from what
        automation uses by itself (which shows in the header).
        """

    def open(self, theorem: Theorem, *, timeout_s: float = OPEN_TIMEOUT_S) -> AbstractAsyncContextManager[ProofSession]:
        """Start proving `theorem`, whose statement the assistant may take `timeout_s` to read.

        Raises:
            InvalidTheoremError: the statement cannot be used.
            EnvironmentUnavailableError: the assistant is not installed or does not start.
        """

    async def check(self, theorem: Theorem, tactics: Sequence[str], *, timeout_s: float) -> Verification:
        """Verify the whole proof in a fresh instance: our statement, these tactics, nothing of any session."""

    async def check_source(self, source: Theorem, *, against: Theorem | None, timeout_s: float) -> Verification:
        """Verify a whole text; with `against`, that it proves exactly the theorem which that text states.

        Raises:
            InvalidTheoremError: `against` is not a statement.
        """

    async def close(self) -> None:
        """End all processes."""


def each(effort: float | Sequence[float], tactics: Sequence[str]) -> list[float]:
    """Return the effort of each tactic, given one for all or one for each."""
    return [float(effort)] * len(tactics) if isinstance(effort, float | int) else list(effort)
