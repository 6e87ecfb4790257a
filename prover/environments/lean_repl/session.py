"""One theorem in one REPL process at a time; when the process has to be ended, the spare one replays what is needed."""

from __future__ import annotations

import logging
import math
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from prover.core.effort import Limit, as_heartbeats
from prover.core.proof_state import (
    Advanced,
    Closed,
    GaveUp,
    ProofState,
    Rejected,
    TacticOutcome,
    TimedOut,
    normalise_tactic,
)
from prover.environments.environment import OPEN_TIMEOUT_S, OpenedTheorem, each, in_seconds
from prover.environments.lean_repl.answers import Refusal, StepAnswer, read_step
from prover.environments.lean_repl.elaboration import state_theorem
from prover.environments.lean_repl.pool import Lease
from prover.environments.lean_repl.process import AnswerTimeoutError, MemoryExceededError, ReplProcess
from prover.environments.syntax.lean.screening import bare_proof, proof_problem
from prover.environments.syntax.lean.statement import LeanStatement
from prover.environments.syntax.lean.states import state_of
from prover.errors import InvalidTheoremError, SessionCrashedError

logger = logging.getLogger(__name__)

ATTEMPTS = 2
SLACK = 4.0
"""By the clock a tactic may take so many times the seconds of its effort: Lean's own limit is to come first."""
_OUT_OF_EFFORT = re.compile(r"maximum number of heartbeats|deterministic\) timeout")


@dataclass(slots=True)
class _Known:
    """A state and how to make it again; its number in the present process, if that has it."""

    parent: ProofState | None
    tactic: str
    number: int | None


class Beginning(Protocol):
    """What is to be proved, and how a process comes to its first state."""

    @property
    def theorem(self) -> OpenedTheorem:
        """The theorem as it was read."""

    async def state(self, process: ReplProcess, *, timeout_s: float) -> tuple[str, int]:
        """Return the goal as printed, and the number of its state in this process.

        Raises:
            InvalidTheoremError: it cannot be stated.
        """


class StatedTheorem:
    """A theorem of its own."""

    def __init__(self, statement: LeanStatement) -> None:
        self._statement = statement

    @property
    def theorem(self) -> OpenedTheorem:
        """The theorem as it was read."""
        return OpenedTheorem(self._statement.name, self._statement.text, self._statement.header.strip("\n"))

    async def state(self, process: ReplProcess, *, timeout_s: float) -> tuple[str, int]:
        """State it with `sorry`; see Beginning."""
        _, sorry = await state_theorem(process, self._statement, timeout_s=timeout_s)
        assert sorry.proof_state is not None  # state_theorem sees to it
        return sorry.goal, sorry.proof_state


class LeanReplSession:
    """One theorem, or one hole of a file, being proved in a process that somebody else has and gives back."""

    counts_effort = False

    def __init__(self, lease: Lease, beginning: Beginning, *, open_timeout_s: float) -> None:
        self._lease = lease
        self._beginning = beginning
        self._open_timeout_s = open_timeout_s
        self._states: dict[ProofState, _Known] = {}
        self._initial: ProofState | None = None

    @property
    def theorem(self) -> OpenedTheorem:
        """The theorem as it was read."""
        return self._beginning.theorem

    @property
    def initial(self) -> ProofState:
        """The state before any tactic."""
        assert self._initial is not None  # set by start()
        return self._initial

    async def start(self) -> None:
        """State what is to be proved. Raises InvalidTheoremError."""
        await self._state()

    def release(self, states: Iterable[ProofState]) -> None:
        """The REPL cannot forget; its process is replaced when it has grown too much."""

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
        _, end = in_seconds(tactics, timeout_s, effort, deadline_s, effort_left)
        outcomes: list[TacticOutcome] = []
        for tactic, most in zip(tactics, each(effort, tactics), strict=True):
            outcome = await self._try(state, normalise_tactic(tactic), most, timeout_s, end)
            if outcome is None:
                break
            outcomes.append(replace(outcome, effort=outcome.elapsed_s))
            if isinstance(outcome, Closed):
                break
        return outcomes

    async def _try(
        self, state: ProofState, tactic: str, effort: float, timeout_s: float, end: float
    ) -> TacticOutcome | None:
        """Return what came of a tactic, or None if there was no time left to run it."""
        text = bare_proof(tactic)
        if problem := proof_problem(text):
            return (GaveUp if problem.gives_up else Rejected)(problem.reason)
        for attempt in range(ATTEMPTS):
            try:
                number = await self._reach(state, end)
                left_s = min(timeout_s, SLACK * effort, end - time.monotonic())
                return None if left_s <= 0 else await self._run(state, tactic, number, _within(effort, text), left_s)
            except _OutOfTimeError:
                return None
            except _UnreachableStateError as error:
                return Rejected(str(error))
            except _LostWhileTryingError as error:
                logger.info("attempt %d at `%s`: %s", attempt + 1, tactic[:200], error)
        return Rejected("Lean ends when this is tried")

    async def _run(self, state: ProofState, tactic: str, number: int, text: str, limit_s: float) -> TacticOutcome:
        process, started = self._lease.process, time.monotonic()
        step = _bracketed(text)
        most_mb = 2 * self._lease.pool.limits.growth_mb
        try:
            answer = read_step(
                await process.request({"proofState": number, "tactic": step}, timeout_s=limit_s, most_mb=most_mb)
            )
        except MemoryExceededError:
            return TimedOut(f"it took more than {most_mb:,.0f} MB", time.monotonic() - started)
        except AnswerTimeoutError:
            return TimedOut(f"no answer within {limit_s:.3g} s", time.monotonic() - started)
        except SessionCrashedError as error:
            raise _LostWhileTryingError(str(error)) from error
        return self._outcome(state, tactic, answer, time.monotonic() - started)

    def _outcome(self, state: ProofState, tactic: str, answer: StepAnswer | Refusal, elapsed_s: float) -> TacticOutcome:
        match answer:
            case Refusal(message):
                if answer.lost:
                    self._forget()
                    raise _LostWhileTryingError(message)
                return _failure(message, elapsed_s)
            case StepAnswer():
                if answer.error is not None:
                    return _failure(answer.error, elapsed_s)
                if answer.gave_up:
                    return GaveUp("the proof uses sorry", elapsed_s)
                if answer.completed:
                    return Closed(elapsed_s)
                if not answer.goals:
                    return Rejected(f"not a proof: {answer.status}", elapsed_s)
                after = state_of(answer.goals)
                known = self._states.setdefault(after, _Known(state, tactic, None))
                if known.number is None:
                    known.number = answer.proof_state
                return Advanced(after, elapsed_s)

    # ---- the process -----------------------------------------------------------------------------------------
    async def _state(self) -> None:
        goal, number = await self._beginning.state(self._lease.process, timeout_s=self._open_timeout_s)
        initial = state_of((goal,))
        if self._initial is not None and initial != self._initial:
            raise SessionCrashedError("the statement gives another state than before")
        self._initial = initial
        self._states.setdefault(initial, _Known(None, "", None)).number = number

    async def _reach(self, state: ProofState, end: float) -> int:
        """Return the process's number of a state, in another process if this one has ended or grown too much."""
        for _ in range(ATTEMPTS):
            try:
                return await self._at_hand(state, end)
            except (SessionCrashedError, AnswerTimeoutError) as error:
                logger.info("a proof state could not be made again: %s", error or "no answer in time")
        raise SessionCrashedError("Lean ends again and again while a proof state is made again")

    async def _at_hand(self, state: ProofState, end: float) -> int:
        if not self._lease.usable:
            self._forget()
            await self._lease.renew()
            if time.monotonic() >= end:
                raise _OutOfTimeError
        if self._known(self.initial).number is None:
            try:
                await self._state()
            except InvalidTheoremError as error:
                raise SessionCrashedError(f"the statement cannot be read again: {error}") from error
        path: list[ProofState] = []
        at = state
        while (known := self._known(at)).number is None:
            path.append(at)
            assert known.parent is not None  # the first state is at hand
            at = known.parent
        for wanted in reversed(path):
            if time.monotonic() >= end:
                raise _OutOfTimeError
            known = self._known(wanted)
            assert known.parent is not None
            number = self._known(known.parent).number
            assert number is not None
            outcome = await self._run(known.parent, known.tactic, number, bare_proof(known.tactic), OPEN_TIMEOUT_S)
            if not isinstance(outcome, Advanced) or outcome.state != wanted:
                raise _UnreachableStateError(f"`{known.tactic}` does something else when it is tried again")
        number = self._known(state).number
        assert number is not None
        return number

    def _forget(self) -> None:
        for known in self._states.values():
            known.number = None

    def _known(self, state: ProofState) -> _Known:
        known = self._states.get(state)
        if known is None:
            raise ValueError("this state is not of this session")
        return known


class _LostWhileTryingError(SessionCrashedError):
    """The process ended under a tactic."""


class _UnreachableStateError(Exception):
    """A replayed tactic does something else now."""


class _OutOfTimeError(Exception):
    """The deadline came before the state was made again."""


def _failure(message: str, elapsed_s: float) -> TacticOutcome:
    if _OUT_OF_EFFORT.search(message):
        return TimedOut(message, elapsed_s, limit=Limit.EFFORT)
    return Rejected(message, elapsed_s)


def _bracketed(text: str) -> str:
    """Return one tactic, which is what the REPL reads: several are one in brackets."""
    return f"(\n{text}\n)" if "\n" in text or ";" in text else text


def _within(effort: float, text: str) -> str:
    """Return the tactic with its effort as Lean's own limit. What it spends of it, Lean does not say."""
    if effort == math.inf:
        return text
    return f"set_option maxHeartbeats {max(1, as_heartbeats(effort) // 1000)} in\n{_bracketed(text)}"
