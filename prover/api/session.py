"""One theorem, proved by hand: tactics in, outcomes out."""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Self

from prover.api.background import BackgroundLoop
from prover.core.budget import TACTIC_EFFORT, SearchBudget
from prover.core.proof_state import Advanced, ProofState, TacticOutcome
from prover.core.record import Verification
from prover.core.theorem import Theorem
from prover.environments.environment import OpenedTheorem, ProofEnvironment, ProofSession
from prover.errors import ProofEnvironmentError, SessionCrashedError
from prover.proving.verify import verify

logger = logging.getLogger(__name__)

TACTIC_TIMEOUT_S = SearchBudget().tactic_timeout_s


class AsyncSession:
    """A theorem that is being proved; see `Session`, which has the same methods without `await`."""

    def __init__(
        self,
        theorem: Theorem,
        environment: ProofEnvironment,
        *,
        open_timeout_s: float,
        verify_timeout_s: float,
        on_close: Callable[[AsyncSession], None],
    ) -> None:
        self._source = theorem
        self._environment = environment
        self._open_timeout_s = open_timeout_s
        self._verify_timeout_s = verify_timeout_s
        self._one_at_a_time = asyncio.Lock()
        self._stack = AsyncExitStack()
        self._session: ProofSession | None = None
        self._opened: OpenedTheorem | None = None
        self._initial: ProofState | None = None
        self._came_from: dict[ProofState, tuple[ProofState, str]] = {}
        self._at_hand: set[ProofState] = set()
        self._closed = False
        self._on_close = on_close

    @property
    def theorem(self) -> OpenedTheorem:
        """The theorem as the assistant read it."""
        assert self._opened is not None  # set when it was opened
        return self._opened

    @property
    def initial(self) -> ProofState:
        """The state before any tactic."""
        assert self._initial is not None  # set when it was opened
        return self._initial

    def tactics_to(self, state: ProofState) -> tuple[str, ...]:
        """Return tactics that lead from the initial state to this one."""
        tactics: list[str] = []
        while state != self.initial:
            if state not in self._came_from:
                raise ValueError("this state is not of this session")
            state, tactic = self._came_from[state]
            tactics.append(tactic)
        return tuple(reversed(tactics))

    async def run(
        self,
        state: ProofState,
        tactic: str,
        *,
        effort: float = TACTIC_EFFORT,
        timeout_s: float = TACTIC_TIMEOUT_S,
    ) -> TacticOutcome:
        """Run a tactic on a state of this session; see `Session.run`."""
        (outcome,) = await self.run_all(state, [tactic], effort=effort, timeout_s=timeout_s)
        return outcome

    async def run_all(
        self,
        state: ProofState,
        tactics: Sequence[str],
        *,
        effort: float = TACTIC_EFFORT,
        timeout_s: float = TACTIC_TIMEOUT_S,
    ) -> list[TacticOutcome]:
        """Run each of these tactics on the same state; see `Session.run_all`."""
        async with self._one_at_a_time:
            self.tactics_to(state)  # raises for a state of another session
            outcomes: list[TacticOutcome] = []
            while len(outcomes) < len(tactics):  # the assistant stops at what closes the theorem
                rest = tactics[len(outcomes) :]
                outcomes += await self._survived(state, rest, effort, timeout_s)
            return outcomes

    async def verify(self, tactics: Sequence[str]) -> Verification:
        """Verify that these tactics prove the theorem; see `Session.verify`."""
        return await verify(self._source, tactics, self._environment, timeout_s=self._verify_timeout_s)

    async def open(self) -> None:
        """Read the theorem, again if the assistant was lost."""
        with suppress(ProofEnvironmentError):  # a lost session need not close cleanly
            await self._stack.aclose()
        self._at_hand.clear()
        self._session = await self._stack.enter_async_context(
            self._environment.open(self._source, timeout_s=self._open_timeout_s)
        )
        if self._initial is not None and self._session.initial != self._initial:
            raise SessionCrashedError("the assistant was lost, and reads the theorem otherwise than before")
        self._opened, self._initial = self._session.theorem, self._session.initial
        self._at_hand.add(self._initial)

    async def close(self) -> None:
        """Free what the assistant holds for this session."""
        self._closed = True
        self._on_close(self)
        async with self._one_at_a_time:
            self._session = None
            await self._stack.aclose()

    async def _survived(
        self, state: ProofState, tactics: Sequence[str], effort: float, timeout_s: float
    ) -> list[TacticOutcome]:
        """Run tactics. If the assistant is lost, start it again, replay, and try once more."""
        try:
            return await self._applied(state, tactics, effort, timeout_s)
        except SessionCrashedError as error:
            logger.info("the assistant was lost and is started again: %s", error)
        return await self._applied(state, tactics, effort, timeout_s)

    async def _applied(
        self, state: ProofState, tactics: Sequence[str], effort: float, timeout_s: float
    ) -> list[TacticOutcome]:
        if self._closed:
            raise RuntimeError("this session is closed")
        try:
            if self._session is None:
                await self.open()
            session = await self._replayed(state)
            outcomes = await session.apply(state, tactics, effort=effort, timeout_s=timeout_s)
        except SessionCrashedError:
            self._session = None
            raise
        if not outcomes:
            raise SessionCrashedError("the assistant did not try the tactic")
        for tactic, outcome in zip(tactics, outcomes, strict=False):
            if isinstance(outcome, Advanced):
                self._at_hand.add(outcome.state)
                if outcome.state != self._initial:
                    self._came_from.setdefault(outcome.state, (state, tactic))
        return outcomes

    async def _replayed(self, state: ProofState) -> ProofSession:
        """Return the assistant's session, which knows this state."""
        session = self._session
        assert session is not None  # opened by the caller
        missing = []
        at = state
        while at not in self._at_hand:
            missing.append(at)
            at = self._came_from[at][0]
        for wanted in reversed(missing):
            before, tactic = self._came_from[wanted]
            (outcome,) = await session.apply(before, [tactic], timeout_s=TACTIC_TIMEOUT_S)
            if not isinstance(outcome, Advanced) or outcome.state != wanted:
                raise SessionCrashedError(f"the assistant was lost, and {tactic!r} does something else than before")
            self._at_hand.add(wanted)
        return session


class Session:
    """A theorem that is being proved, made by `Lean.open`.

    States may be used in any order and any number of times. One tactic at a time runs; threads take turns. If the
    proof assistant's process is lost, the next call starts another and replays what led to the state.
    """

    def __init__(self, session: AsyncSession, loop: BackgroundLoop, *, owner: object) -> None:
        """`owner`: lives as long as the session."""
        self._owner = owner
        self._session = session
        self._loop = loop
        self._finalizer = weakref.finalize(self, loop.post, session.close)
        self._finalizer.atexit = False  # then everything ends

    @property
    def theorem(self) -> OpenedTheorem:
        """The theorem as the assistant read it."""
        return self._session.theorem

    @property
    def initial(self) -> ProofState:
        """The state before any tactic."""
        return self._session.initial

    def tactics_to(self, state: ProofState) -> tuple[str, ...]:
        """Return tactics that lead from the initial state to this one."""
        return self._session.tactics_to(state)

    def run(
        self,
        state: ProofState,
        tactic: str,
        *,
        effort: float = TACTIC_EFFORT,
        timeout_s: float = TACTIC_TIMEOUT_S,
    ) -> TacticOutcome:
        """Run a tactic on a state of this session, with at most `effort` units and `timeout_s` seconds.

        Returns `Advanced(state)`, `Closed`, `Rejected(message)`, `GaveUp` (it used `sorry`) or `TimedOut`.

        Raises:
            ValueError: the state is not of this session.
            SessionCrashedError: the assistant was lost, and once more when it was started again.
        """
        return self._loop.run(self._session.run(state, tactic, effort=effort, timeout_s=timeout_s))

    def run_all(
        self,
        state: ProofState,
        tactics: Sequence[str],
        *,
        effort: float = TACTIC_EFFORT,
        timeout_s: float = TACTIC_TIMEOUT_S,
    ) -> list[TacticOutcome]:
        """Run each of these tactics on the same state, in one round trip; the outcomes come in the same order.

        `effort` and `timeout_s` hold for each of them. Raises what `run` raises.
        """
        return self._loop.run(self._session.run_all(state, tactics, effort=effort, timeout_s=timeout_s))

    def verify(self, tactics: Sequence[str]) -> Verification:
        """Verify that these tactics prove the theorem: the whole proof, in a fresh process.

        `Closed` alone is not yet that.
        """
        return self._loop.run(self._session.verify(tactics))

    def close(self) -> None:
        """Free what the assistant holds for this session."""
        if self._finalizer.detach() and not self._loop.closed:
            self._loop.run(self._session.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
