"""One theorem in one REPL process at a time: how it is stated, and how tactics are run."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from prover.core.effort import Limit
from prover.core.proof_state import Advanced, Closed, GaveUp, ProofState, Rejected, TacticOutcome, TimedOut
from prover.environments.environment import OpenedTheorem
from prover.environments.lean_repl.answers import Refusal, StepAnswer, read_step
from prover.environments.lean_repl.elaboration import OUT_OF_EFFORT, state_theorem
from prover.environments.lean_repl.pool import Lease
from prover.environments.lean_repl.process import AnswerTimeoutError, MemoryExceededError, ReplProcess
from prover.environments.lean_repl.whole_commands import needs_whole_commands, try_whole
from prover.environments.replaying_session import Limits, StatesLostError, Tried
from prover.environments.syntax.lean.screening import bare_proof, bracketed, proof_problem
from prover.environments.syntax.lean.statement import HEARTBEATS, LeanStatement
from prover.environments.syntax.lean.states import state_of
from prover.environments.syntax.lean.tokens import words
from prover.errors import InvalidTheoremError, SessionCrashedError

SLACK = 4.0
"""By the clock a tactic may take this many times the seconds of its effort.

Lean's own limit would be fairer, but a tactic of the REPL always has the default of 200,000 heartbeats: it runs outside
of a command, and `set_option maxHeartbeats N in` around it limits the kernel alone. What it spends, Lean does not say.
"""
SUGGESTS = re.compile(r"(exact|apply|rw|simp|simp_all|dsimp|aesop|norm_num|decide|show_term|grind|hint)\?(\s[^;]*)?")


class Beginning(Protocol):
    """What is to be proved, and how a process comes to its first state."""

    @property
    def theorem(self) -> OpenedTheorem:
        """The theorem as it was read."""

    @property
    def heartbeats(self) -> int:
        """The limit (thousands) that the text around it sets for what is tried in a whole command."""

    @property
    def forbidden(self) -> frozenset[str]:
        """Theorems that tactics may not name. What they use unasked, verification finds."""

    async def state(self, process: ReplProcess, *, timeout_s: float) -> tuple[str, int]:
        """Return the goal as printed, and the number of its state in this process.

        Raises:
            InvalidTheoremError: it cannot be stated.
        """

    async def whole(self, process: ReplProcess, tactics: Sequence[str], *, timeout_s: float) -> TacticOutcome:
        """Return what becomes of the last of these tactics when Lean reads the whole command with them.

        Raises:
            AnswerTimeoutError: it takes too long; the process has been ended.
            SessionCrashedError: the process ended.
        """


class StatedTheorem:
    """A theorem of its own."""

    def __init__(self, statement: LeanStatement, forbid: Sequence[str] = ()) -> None:
        self.statement = statement
        self.forbidden = frozenset(forbid)

    @property
    def theorem(self) -> OpenedTheorem:
        """The theorem as it was read."""
        return OpenedTheorem(self.statement.name, self.statement.text, self.statement.header.strip("\n"))

    async def state(self, process: ReplProcess, *, timeout_s: float) -> tuple[str, int]:
        """State it with `sorry`; see Beginning.

        Its `open X in` come first, as commands: the REPL's tactics are parsed in the environment from before the
        theorem's own command. Where that makes an error, the statement as it is has the last word.
        """
        opened = self.statement.opened
        try:
            _, sorry = await state_theorem(process, opened, timeout_s=timeout_s)
        except InvalidTheoremError:
            if opened == self.statement:
                raise
            _, sorry = await state_theorem(process, self.statement, timeout_s=timeout_s)
        assert sorry.proof_state is not None  # state_theorem sees to it
        return sorry.goal, sorry.proof_state

    @property
    def heartbeats(self) -> int:
        """See Beginning."""
        return self.statement.heartbeats

    async def whole(self, process: ReplProcess, tactics: Sequence[str], *, timeout_s: float) -> TacticOutcome:
        """See Beginning."""
        return await try_whole(process, self.statement, tactics, timeout_s=timeout_s)


class LeanReplDriver:
    """A theorem, or a hole of a file, in a leased process; see Driver. A state goes by its number there."""

    counts_effort = False

    def __init__(self, lease: Lease, beginning: Beginning, *, open_timeout_s: float) -> None:
        """Prepare. Whoever took the lease ends it."""
        self._lease = lease
        self._beginning = beginning
        self._open_timeout_s = open_timeout_s
        self._process: ReplProcess | None = None
        self._paths: dict[int, tuple[str, ...]] = {}
        """The tactics that lead to each state, by its number; states of whole commands have numbers below zero."""
        self._whole = False
        self._numbers = itertools.count(-1, -1)

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
        self._paths = {number: ()}
        return state_of((goal,)), number

    async def ready(self, *, end: float) -> bool:
        """Return whether the process is alive, not worn, and the one that the theorem was stated in."""
        return self._lease.usable and self._process is self._lease.process

    async def run(self, at: int, tactics: Sequence[str], limits: Limits) -> Tried[int]:
        """Run the first tactic; see Driver. Afterwards the process is gone if it needed too long."""
        text = bare_proof(tactics[0])
        if problem := proof_problem(text):
            return Tried([(problem.outcome, None)])
        if named := self._forbidden_in(text):
            return Tried([(Rejected(f"{named} is forbidden"), None)])
        effort, most_mb = limits.efforts[0], 2 * self._lease.pool.limits.growth_mb
        limit_s = min(limits.timeout_s, SLACK * effort, limits.time_left_s)
        if limit_s <= 0:
            return Tried()
        started = time.monotonic()
        try:
            outcome, number = await self._tried(at, text, limit_s, most_mb)
        except MemoryExceededError:
            return Tried([(TimedOut(f"it took more than {most_mb:,.0f} MB", time.monotonic() - started), None)])
        except AnswerTimeoutError:
            return Tried([(TimedOut(f"no answer within {limit_s:.3g} s", time.monotonic() - started), None)])
        except SessionCrashedError as error:
            raise _lost(str(error)) from error
        if number is not None:
            self._paths[number] = (*self._paths[at], text)
        return Tried([(replace(outcome, elapsed_s=time.monotonic() - started), number)])

    async def _tried(self, at: int, text: str, limit_s: float, most_mb: float) -> tuple[TacticOutcome, int | None]:
        """Run a tactic on a state, or in a whole command where that is what it takes."""
        end = time.monotonic() + limit_s
        if not self._whole and at >= 0:
            answer = await self._step(at, text, limit_s, most_mb)
            outcome = _outcome(answer)
            if not self._needs_whole(outcome):
                return await self._replaced(at, text, answer, outcome, end, most_mb)
        left_s = max(0.001, end - time.monotonic())
        outcome = await self._beginning.whole(self._lease.process, (*self._paths[at], text), timeout_s=left_s)
        return outcome, next(self._numbers) if isinstance(outcome, Advanced | Closed) else None

    def _forbidden_in(self, text: str) -> str | None:
        named = {word.removeprefix("_root_.") for word in words(text)} if self._beginning.forbidden else set()
        return next(iter(sorted(named & self._beginning.forbidden)), None)

    async def _step(self, at: int, text: str, limit_s: float, most_mb: float) -> StepAnswer | Refusal:
        request = {"proofState": at, "tactic": bracketed(text)}
        answer = read_step(await self._lease.process.request(request, timeout_s=limit_s, most_mb=most_mb))
        if isinstance(answer, Refusal) and answer.lost:
            self._process = None
            raise SessionCrashedError(answer.message)
        return answer

    def _needs_whole(self, outcome: TacticOutcome) -> bool:
        """Can a whole command do what this tactic could not? Where definitions are missing, all tactics go that way."""
        match outcome:
            case Rejected(message):
                self._whole = needs_whole_commands(message, self.theorem.name)
                return self._whole
            case TimedOut(limit=Limit.EFFORT):  # the REPL does not know of a limit that the user has set
                return self._beginning.heartbeats != HEARTBEATS
            case _:
                return False

    async def _replaced(
        self, at: int, text: str, answer: StepAnswer | Refusal, outcome: TacticOutcome, end: float, most_mb: float
    ) -> tuple[TacticOutcome, int | None]:
        """Return what a tactic that only suggests another leads to with that in its place, if it works."""
        number = answer.proof_state if isinstance(answer, StepAnswer) else None
        suggested = answer.suggestion if isinstance(answer, StepAnswer) and SUGGESTS.fullmatch(text) else None
        if suggested and (named := self._forbidden_in(suggested)):
            return Rejected(f"{named} is forbidden"), None
        left_s = end - time.monotonic()
        if not suggested or left_s <= 0 or proof_problem(suggested) or not isinstance(outcome, Advanced | Closed):
            return outcome, number
        again = await self._step(at, suggested, left_s, most_mb)
        instead = _outcome(again)
        if isinstance(again, StepAnswer) and isinstance(instead, Advanced | Closed) and type(instead) is type(outcome):
            return replace(instead, written=suggested), again.proof_state
        return outcome, number

    def drop(self, handles: Sequence[int]) -> bool:
        """The REPL cannot forget; its process is replaced when it has grown too much."""
        return False


CRASHES = Rejected("Lean ends when this is tried")


def _lost(reason: str) -> StatesLostError:
    return StatesLostError(reason, blamed=CRASHES)


def _outcome(answer: StepAnswer | Refusal) -> TacticOutcome:
    error = answer.message if isinstance(answer, Refusal) else answer.error
    if error is not None:
        return TimedOut(error, limit=Limit.EFFORT) if OUT_OF_EFFORT.search(error) else Rejected(error)
    assert isinstance(answer, StepAnswer)
    if answer.gave_up:
        return GaveUp("the proof uses sorry")
    if answer.completed:
        return Closed()
    return Advanced(state_of(answer.goals)) if answer.goals else Rejected(f"not a proof: {answer.status}")
