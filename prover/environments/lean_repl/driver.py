"""One theorem in one REPL process at a time: how it is stated, and how tactics are run."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Sequence
from typing import Protocol

from prover.core.effort import Limit, as_heartbeats
from prover.core.proof_state import Advanced, Closed, GaveUp, ProofState, Rejected, TacticOutcome, TimedOut
from prover.environments.environment import OpenedTheorem
from prover.environments.lean_repl.answers import Refusal, StepAnswer, read_step
from prover.environments.lean_repl.elaboration import state_theorem
from prover.environments.lean_repl.pool import Lease
from prover.environments.lean_repl.process import AnswerTimeoutError, MemoryExceededError, ReplProcess
from prover.environments.replaying_session import Limits, StatesLostError, Tried
from prover.environments.syntax.lean.screening import bare_proof, bracketed, proof_problem
from prover.environments.syntax.lean.statement import LeanStatement
from prover.environments.syntax.lean.states import state_of
from prover.errors import SessionCrashedError

SLACK = 4.0
"""By the clock a tactic may take this many times the seconds of its effort: Lean's own limit is to come first."""
_OUT_OF_EFFORT = re.compile(r"maximum number of heartbeats|deterministic\) timeout")


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


class LeanReplDriver:
    """A theorem, or a hole of a file, in a leased process; see Driver. A state goes by its number there."""

    counts_effort = False

    def __init__(self, lease: Lease, beginning: Beginning, *, open_timeout_s: float) -> None:
        """Prepare. Whoever took the lease ends it."""
        self._lease = lease
        self._beginning = beginning
        self._open_timeout_s = open_timeout_s
        self._process: ReplProcess | None = None

    @property
    def theorem(self) -> OpenedTheorem:
        """The theorem as it was read."""
        return self._beginning.theorem

    async def start(self, *, end: float) -> tuple[ProofState, int]:
        """State the theorem, in another process if this one has ended or grown too much; see Driver."""
        if not self._lease.usable:
            await self._lease.renew()
            if time.monotonic() >= end:
                raise TimeoutError
        try:
            goal, number = await self._beginning.state(self._lease.process, timeout_s=self._open_timeout_s)
        except SessionCrashedError as error:
            raise StatesLostError(str(error)) from error
        self._process = self._lease.process
        return state_of((goal,)), number

    async def ready(self, *, end: float) -> bool:
        """Return whether the process is alive, not worn, and the one that the theorem was stated in."""
        return self._lease.usable and self._process is self._lease.process

    async def run(self, at: int, tactics: Sequence[str], limits: Limits) -> Tried[int]:
        """Run the first tactic; see Driver. Afterwards the process is gone if it needed too long."""
        text = bare_proof(tactics[0])
        if problem := proof_problem(text):
            return Tried([(problem.outcome, None)])
        effort, most_mb = limits.efforts[0], 2 * self._lease.pool.limits.growth_mb
        limit_s = min(limits.timeout_s, SLACK * effort, limits.time_left_s)
        if limit_s <= 0:
            return Tried()
        request, started = {"proofState": at, "tactic": bracketed(_within(effort, text))}, time.monotonic()
        try:
            answer = read_step(await self._lease.process.request(request, timeout_s=limit_s, most_mb=most_mb))
        except MemoryExceededError:
            return Tried([(TimedOut(f"it took more than {most_mb:,.0f} MB", time.monotonic() - started), None)])
        except AnswerTimeoutError:
            return Tried([(TimedOut(f"no answer within {limit_s:.3g} s", time.monotonic() - started), None)])
        except SessionCrashedError as error:
            raise _lost(str(error)) from error
        if isinstance(answer, Refusal) and answer.lost:
            self._process = None
            raise _lost(answer.message)
        outcome = _outcome(answer, time.monotonic() - started)
        return Tried([(outcome, answer.proof_state if isinstance(answer, StepAnswer) else None)])

    def drop(self, handles: Sequence[int]) -> bool:
        """The REPL cannot forget; its process is replaced when it has grown too much."""
        return False


def _lost(reason: str) -> StatesLostError:
    return StatesLostError(reason, blamed=Rejected("Lean ends when this is tried"))


def _outcome(answer: StepAnswer | Refusal, elapsed_s: float) -> TacticOutcome:
    error = answer.message if isinstance(answer, Refusal) else answer.error
    if error is not None:
        if _OUT_OF_EFFORT.search(error):
            return TimedOut(error, elapsed_s, limit=Limit.EFFORT)
        return Rejected(error, elapsed_s)
    assert isinstance(answer, StepAnswer)
    if answer.gave_up:
        return GaveUp("the proof uses sorry", elapsed_s)
    if answer.completed:
        return Closed(elapsed_s)
    if not answer.goals:
        return Rejected(f"not a proof: {answer.status}", elapsed_s)
    return Advanced(state_of(answer.goals), elapsed_s)


def _within(effort: float, text: str) -> str:
    """Return the tactic with its effort as Lean's own limit. What it spends of it, Lean does not say."""
    if effort == math.inf:
        return text
    return f"set_option maxHeartbeats {max(1, as_heartbeats(effort) // 1000)} in\n{bracketed(text)}"
