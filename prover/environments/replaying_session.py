"""A proof session that survives the loss of its process: what was lost is made again by replaying its tactics.

An assistant brings a `Driver`: how to state the theorem, run tactics and drop states in its process. What is the same
for every assistant is here: the outcomes and their limits, and which states the process holds.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from prover.core.proof_state import (
    Advanced,
    Closed,
    ProofState,
    Rejected,
    TacticOutcome,
    TimedOut,
    normalise_tactic,
)
from prover.environments.environment import OPEN_TIMEOUT_S, OpenedTheorem, each
from prover.environments.machine_errors import speaks_of_machine
from prover.errors import InvalidTheoremError, SessionCrashedError

logger = logging.getLogger(__name__)

ATTEMPTS = 2
"""How often a tactic, or the replay of a state, may lose the process."""

Handle = TypeVar("Handle")
"""What a process calls a state that it holds: a number, a name, an object."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What tactics may take.

    Each may take its own of `efforts` and `timeout_s` seconds; all together `effort_left`, and until `end` (monotonic).
    """

    efforts: Sequence[float]
    timeout_s: float
    effort_left: float = math.inf
    end: float = math.inf

    @property
    def time_left_s(self) -> float:
        """Seconds until `end`."""
        return self.end - time.monotonic()

    @property
    def first_s(self) -> float:
        """Seconds that the first tactic may take, where a unit of effort is a second."""
        return min(self.timeout_s, self.efforts[0], self.time_left_s)

    @property
    def spent(self) -> bool:
        """Whether nothing is left for another tactic."""
        return self.time_left_s <= 0 or self.effort_left <= 0

    def after(self, outcomes: Sequence[TacticOutcome]) -> Limits:
        """Return what is left for the next tactics, after these outcomes."""
        left = self.effort_left - sum(outcome.effort for outcome in outcomes)
        return replace(self, efforts=self.efforts[len(outcomes) :], effort_left=left)


@dataclass(frozen=True, slots=True)
class Tried(Generic[Handle]):
    """The outcomes of the first tactics of a batch, in order.

    With each comes the handle of the state that it leads to; None if it leads to none, or if the process was lost
    meanwhile. `spent`, or no steps: nothing was left for the next tactic.
    """

    steps: Sequence[tuple[TacticOutcome, Handle | None]] = ()
    spent: bool = False


class StatesLostError(SessionCrashedError):
    """The process is gone, or has forgotten its states; it can be started again.

    `blamed` is the outcome of the tactic at which that happens each time. Without one, the session fails.
    """

    def __init__(self, reason: str, *, blamed: TacticOutcome | None = None) -> None:
        super().__init__(reason)
        self.blamed = blamed


class Driver(Protocol[Handle]):
    """One theorem in one process of an assistant at a time."""

    @property
    def counts_effort(self) -> bool:
        """See ProofSession."""

    @property
    def theorem(self) -> OpenedTheorem:
        """The theorem as the assistant read it; known after `start`."""

    async def start(self, *, end: float) -> tuple[ProofState, Handle]:
        """State the theorem, in another process if this one is gone. All earlier handles are void.

        Raises:
            InvalidTheoremError: the statement cannot be used.
            StatesLostError: the process ended; try again.
            TimeoutError: `end` (monotonic) came first.
        """

    async def ready(self, *, end: float) -> bool:
        """Wait until the process takes requests. Returns whether it still holds its states.

        Raises:
            TimeoutError: `end` (monotonic) came first.
        """

    async def run(self, at: Handle, tactics: Sequence[str], limits: Limits) -> Tried[Handle]:
        """Run tactics on a state: as many of the first as make one round trip, at least one if anything is left.

        Raises:
            StatesLostError: the process ended, or does not know the state.
        """

    def drop(self, handles: Sequence[Handle]) -> bool:
        """Free these states, unless they are lost anyway. Returns False if the assistant cannot: they stay usable."""


@dataclass(slots=True)
class _Known(Generic[Handle]):
    """A state: how to make it again, and its handle while the process holds it."""

    parent: ProofState | None
    tactic: str
    handle: Handle | None = None


class ReplayingSession(Generic[Handle]):
    """One theorem being proved; see ProofSession."""

    def __init__(
        self, driver: Driver[Handle], *, turn: Callable[[], AbstractAsyncContextManager[object]] = nullcontext
    ) -> None:
        """Prepare; `start` states the theorem. `turn` is held whenever the session is at work."""
        self._driver = driver
        self._turn = turn
        self._states: dict[ProofState, _Known[Handle]] = {}
        self._initial: ProofState | None = None

    @property
    def counts_effort(self) -> bool:
        """Whether the assistant counts its work."""
        return self._driver.counts_effort

    @property
    def theorem(self) -> OpenedTheorem:
        """The theorem as the assistant read it."""
        return self._driver.theorem

    @property
    def initial(self) -> ProofState:
        """The state before any tactic."""
        assert self._initial is not None  # set by start()
        return self._initial

    async def start(self) -> None:
        """State the theorem. Raises InvalidTheoremError."""
        async with self._turn():
            await self._begin(math.inf)

    def release(self, states: Iterable[ProofState]) -> None:
        """Free these states, which can still be replayed. The initial state stays: replays begin there."""
        known = [self._states[state] for state in set(states) if state in self._states and state != self._initial]
        handles = [one.handle for one in known if one.handle is not None]
        if handles and self._driver.drop(handles):
            for one in known:
                one.handle = None

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
        """Try tactics on a state; see ProofSession."""
        if not self.counts_effort:  # a unit is a second, and the clock says how many are left
            deadline_s, effort_left = min(deadline_s, effort_left), math.inf
        limits = Limits(each(effort, tactics), timeout_s, effort_left, time.monotonic() + deadline_s)
        async with self._turn():
            return await self._apply(state, [normalise_tactic(tactic) for tactic in tactics], limits)

    async def _apply(self, state: ProofState, tactics: Sequence[str], limits: Limits) -> list[TacticOutcome]:
        outcomes: list[TacticOutcome] = []
        losses = 0
        while (rest := tactics[len(outcomes) :]) and not (left := limits.after(outcomes)).spent:
            try:
                tried = await self._driver.run(await self._reach(state, limits.end), rest, left)
            except TimeoutError:
                break
            except _UnreachableStateError as error:
                return [*outcomes, *(Rejected(str(error), of_machine=True) for _ in rest)]
            except StatesLostError as loss:
                logger.info("the process was lost at `%s`: %s", rest[0][:200], loss)
                losses += 1
                if losses < ATTEMPTS:
                    continue
                if loss.blamed is None:
                    raise
                tried = Tried([(_of_machine(loss.blamed), None)])
            if losses + 1 < ATTEMPTS and (failure := _machine_failure(tried)):
                logger.info("the machine failed at `%s`: %s", rest[0][:200], failure)
                losses += 1
                continue
            losses = 0
            outcomes += self._noted(state, rest, _told_apart(tried))
            if tried.spent or not tried.steps or isinstance(outcomes[-1], Closed):
                break
        return outcomes

    def _noted(self, state: ProofState, tactics: Sequence[str], tried: Tried[Handle]) -> list[TacticOutcome]:
        """Remember the states that tactics lead to. Returns the outcomes, with the effort that they are charged."""
        surplus: list[Handle] = []
        outcomes: list[TacticOutcome] = []
        for tactic, (outcome, handle) in zip(tactics, tried.steps, strict=False):
            if isinstance(outcome, Advanced):
                known = self._states.setdefault(outcome.state, _Known(state, outcome.written or tactic))
                if known.handle is None:
                    known.handle = handle
                elif handle is not None:
                    surplus.append(handle)  # a state that is printed alike is held already
            outcomes.append(outcome if self.counts_effort else replace(outcome, effort=outcome.elapsed_s))
        if surplus:
            self._driver.drop(surplus)
        return outcomes

    # ---- replay ----------------------------------------------------------------------------------------------
    async def _begin(self, end: float) -> None:
        """State the theorem, which has to give the same state each time."""
        for known in self._states.values():
            known.handle = None
        initial, handle = await self._driver.start(end=end)
        if self._initial is not None and initial != self._initial:
            raise SessionCrashedError("the statement gives another state than before")
        self._initial = initial
        self._states.setdefault(initial, _Known(None, "")).handle = handle

    async def _reach(self, state: ProofState, end: float) -> Handle:
        """Return the handle of a state, which is made again if the process does not hold it."""
        if state not in self._states:
            raise ValueError("this state is not of this session")
        for _ in range(ATTEMPTS):
            try:
                return await self._replayed(state, end)
            except StatesLostError as loss:
                logger.info("the process was lost while a proof state was made again: %s", loss)
        raise SessionCrashedError("the proof assistant ends again and again while a proof state is made again")

    async def _replayed(self, state: ProofState, end: float) -> Handle:
        """Replay what leads to a state, from the last state on its path that the process holds.

        Raises:
            TimeoutError: `end` came first.
            _UnreachableStateError: a tactic does something else than before.
        """
        if not await self._driver.ready(end=end) or self._states[self.initial].handle is None:
            try:
                await self._begin(end)
            except InvalidTheoremError as error:
                raise SessionCrashedError(f"the statement cannot be read again: {error}") from error
        path: list[ProofState] = []
        at = state
        while (handle := self._states[at].handle) is None:
            path.append(at)
            parent = self._states[at].parent
            assert parent is not None  # the initial state is held
            at = parent
        for wanted in reversed(path):
            known = self._states[wanted]
            handle = known.handle = await self._step(handle, known.tactic, wanted, end)
        return handle

    async def _step(self, at: Handle, tactic: str, wanted: ProofState, end: float) -> Handle:
        """Run one tactic of a replay. Returns the handle of the state that it gave before."""
        limits = Limits([math.inf], OPEN_TIMEOUT_S, end=end)
        if limits.spent:
            raise TimeoutError
        tried = await self._driver.run(at, [tactic], limits)
        for outcome, handle in tried.steps:
            if handle is not None:
                if outcome == Advanced(wanted):
                    return handle
                self._driver.drop([handle])
        if limits.spent:
            raise TimeoutError
        raise _UnreachableStateError(f"replaying {tactic!r} did not give the state it gave before")


def _machine_failure(tried: Tried[Handle]) -> str | None:
    """Return the message of the first outcome if it is about the machine."""
    first = tried.steps[0][0] if tried.steps else None
    failed = isinstance(first, Rejected) and not first.of_machine and speaks_of_machine(first.message)
    return first.message if isinstance(first, Rejected) and failed else None


def _told_apart(tried: Tried[Handle]) -> Tried[Handle]:
    """Mark the failures that speak of the machine: they are no mathematics, and no cache may keep them."""
    steps = [
        (_of_machine(outcome) if isinstance(outcome, Rejected) and speaks_of_machine(outcome.message) else outcome, at)
        for outcome, at in tried.steps
    ]
    return replace(tried, steps=steps)


def _of_machine(outcome: TacticOutcome) -> TacticOutcome:
    return replace(outcome, of_machine=True) if isinstance(outcome, Rejected | TimedOut) else outcome


class _UnreachableStateError(Exception):
    """A replayed tactic does something else now: it is at the edge of a limit."""
