"""One theorem in one PISA process at a time; if the process is lost, the next one replays what is needed."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from prover.core.proof_state import (
    Advanced,
    Closed,
    GaveUp,
    Goal,
    ProofState,
    Rejected,
    TacticOutcome,
    TimedOut,
    normalise_tactic,
)
from prover.environments.environment import OpenedTheorem, in_seconds
from prover.environments.isabelle.answers import Applied, Failed, Lost
from prover.environments.isabelle.client import (
    DEFAULT,
    HAMMER,
    HAMMER_LIMIT_S,
    LONG_LIMIT_S,
    MORE_TIME,
    OWN_LIMIT_S,
    CallTimeoutError,
    PisaClient,
)
from prover.environments.isabelle.pool import Lease, ServerPool
from prover.environments.syntax.isabelle.commands import GAPS
from prover.environments.syntax.isabelle.screening import proof_problem
from prover.environments.syntax.isabelle.sketches import proof_commands, with_sorry
from prover.environments.syntax.isabelle.statement import IsabelleStatement, imports_text
from prover.environments.syntax.isabelle.symbols import ascii_text
from prover.environments.syntax.isabelle.tokens import without_comments
from prover.errors import InvalidTheoremError, SessionCrashedError

logger = logging.getLogger(__name__)

OVERDUE_S = 5.0
"""So much longer than its own limit a server may take before it is replaced."""
ATTEMPTS = 2
BOOKKEEPING_S = 10.0


@dataclass(slots=True)
class _Known:
    """A state and how to make it again; its name in the server while that holds it."""

    parent: ProofState | None
    tactic: str
    name: str | None


class IsabelleSession:
    """One theorem being proved."""

    counts_effort = False

    def __init__(
        self,
        pool: ServerPool,
        statement: IsabelleStatement,
        *,
        imports: tuple[str, ...],
        provers: bool,
        open_timeout_s: float,
    ) -> None:
        self._pool = pool
        self._statement = statement
        self._imports = imports
        self._provers = provers
        self._open_timeout_s = open_timeout_s
        self._lease: Lease | None = None
        self._busy = asyncio.Lock()
        self._numbers = itertools.count()
        self._states: dict[ProofState, _Known] = {}
        self._released: list[str] = []
        self._owed_s = 0.0
        self._initial: ProofState | None = None

    @property
    def theorem(self) -> OpenedTheorem:
        """The theorem as it is given to Isabelle."""
        text = self._statement.text
        return OpenedTheorem(self._statement.name, text, self._statement.header, unseen=text)

    @property
    def initial(self) -> ProofState:
        """The state before any tactic."""
        assert self._initial is not None  # set by start()
        return self._initial

    async def start(self) -> None:
        """State the theorem in a process of our own."""
        self._pool.enter(self)
        async with self._busy:
            await self._begin()

    async def close(self) -> None:
        """Give the process back."""
        self._pool.leave(self)
        await self._drop()

    async def make_room(self) -> bool:
        """See pool.Tenant."""
        if self._busy.locked() or self._lease is None:
            return False
        async with self._busy:
            await self._drop()
        return True

    def release(self, states: Iterable[ProofState]) -> None:
        """Let the server forget these states when it is next spoken to; they can still be replayed."""
        for state in states:
            known = self._states.get(state)
            if known and known.name is not None:
                self._released.append(known.name)
                known.name = None

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
        """Try tactics on a state; see ProofSession. A tactic is any text of proof commands."""
        limits, end = in_seconds(tactics, timeout_s, effort, deadline_s, effort_left)
        outcomes: list[TacticOutcome] = []
        try:
            async with self._busy:
                for tactic, limit_s in zip(tactics, limits, strict=True):
                    outcome = await self._try(state, normalise_tactic(tactic), limit_s, end)
                    if outcome is None:
                        break
                    outcomes.append(replace(outcome, effort=outcome.elapsed_s))
                    if isinstance(outcome, Closed):
                        break
        finally:
            self._pool.changed()
        return outcomes

    async def _try(self, state: ProofState, tactic: str, limit_s: float, end: float) -> TacticOutcome | None:
        """Return what came of a tactic, or None if there was no time left to run it."""
        if time.monotonic() >= end:
            return None
        hammer = tactic in GAPS
        problem = None if hammer else proof_problem(tactic)
        if problem and not problem.gives_up:
            return Rejected(problem.reason)
        if hammer and not self._provers:
            return Rejected("this Isabelle has no external provers")
        tactic = HAMMER if hammer else with_sorry(without_comments(ascii_text(tactic))).strip()
        for attempt in range(ATTEMPTS):
            try:
                name = await self._reach(state, end)
                left_s = min(limit_s, end - time.monotonic())
                outcome = await self._run(state, name, tactic, left_s, hammer=hammer, keep=problem is None)
                if problem and isinstance(outcome, Advanced | Closed):
                    return GaveUp(problem.reason, outcome.elapsed_s)
                return outcome
            except TimeoutError:
                return None
            except _UnreachableStateError as error:
                return Rejected(str(error))
            except _LostWhileTryingError as error:
                logger.info("attempt %d at `%s`: %s", attempt + 1, tactic[:200], error)
                await self._drop()
        return TimedOut("Isabelle ends when this is tried")

    async def _reach(self, state: ProofState, end: float) -> str:
        """Return the server's name of a state. Raises TimeoutError when the time is over before it is made."""
        for _ in range(ATTEMPTS):
            try:
                left_s = end - time.monotonic()
                return await asyncio.wait_for(self._at_hand(state), None if left_s == math.inf else max(0.001, left_s))
            except SessionCrashedError as error:
                logger.info("the server process is replaced: %s", error)
                await self._drop()
        raise SessionCrashedError("Isabelle ends again and again while a proof state is made again")

    async def _run(
        self, state: ProofState, name: str, tactic: str, limit_s: float, *, hammer: bool = False, keep: bool = True
    ) -> TacticOutcome:
        """Run a tactic on a state of the server. `keep`: what it reaches may be gone on from."""
        new, started = f"prover_{next(self._numbers)}", time.monotonic()
        long = limit_s > OWN_LIMIT_S and not hammer
        own_s = HAMMER_LIMIT_S if hammer else LONG_LIMIT_S if long else OWN_LIMIT_S
        self._owed_s = OVERDUE_S + own_s * max(1, len(proof_commands(tactic)))
        try:
            answer = await self._client.apply(
                name, f"{MORE_TIME} {tactic}" if long else tactic, new, timeout_s=max(0.001, limit_s), hammer=hammer
            )
        except CallTimeoutError:
            return TimedOut(f"no answer within {limit_s:.3g} s", time.monotonic() - started)
        except SessionCrashedError as error:
            raise _LostWhileTryingError(str(error)) from error
        elapsed_s = time.monotonic() - started
        match answer:
            case Lost(lost):
                raise _LostWhileTryingError(f"the server has lost the state {lost}")
            case Failed(message, timed_out):
                return (TimedOut if timed_out else Rejected)(message, elapsed_s)
            case Applied(printed, step):
                if step is not None and (unfit := proof_problem(step)):
                    return Rejected(f"the hammer found `{step}`: {unfit.reason}", elapsed_s)
                if not printed:
                    return await self._end_of_proof(new, step, elapsed_s)
                after = _state(printed)
                if not keep:  # printed alike, it would be taken for one that was reached without `sorry`
                    self._released.append(new)
                    return Advanced(after, elapsed_s)
                known = self._states.setdefault(after, _Known(state, step or tactic, None))
                if known.name is None:
                    known.name = new
                else:
                    self._released.append(new)
                return Advanced(after, elapsed_s, written=step)

    async def _end_of_proof(self, name: str, step: str | None, elapsed_s: float) -> TacticOutcome:
        """Nothing is printed any more: at proof level 0 that is the end of the proof, if it is one."""
        try:
            level_0 = await self._client.is_at_level_0(name, timeout_s=BOOKKEEPING_S)
        except CallTimeoutError as error:
            raise SessionCrashedError("the server does not say whether the proof is finished") from error
        self._released.append(name)
        return Closed(elapsed_s, written=step) if level_0 else Rejected("the proof is not finished", elapsed_s)

    @property
    def _client(self) -> PisaClient:
        assert self._lease is not None
        return self._lease.client

    # ---- the process -----------------------------------------------------------------------------------------
    async def _begin(self) -> None:
        """Get a process and state the theorem there; again after a loss."""
        self._lease = await self._pool.lease()
        name = DEFAULT
        limit_s = self._open_timeout_s
        for step in (f"theory Scratch imports {imports_text(self._imports)} begin", self._statement.header, None):
            text = self._statement.text if step is None else step
            if not text.strip():
                continue
            new = f"prover_{next(self._numbers)}"
            try:
                answer = await self._client.apply(name, f"{MORE_TIME} {text}", new, timeout_s=limit_s)
            except CallTimeoutError as error:
                await self._drop()
                raise InvalidTheoremError(
                    f"Isabelle needs more than {limit_s:.3g} s to read the statement", hint="give it more time"
                ) from error
            if not isinstance(answer, Applied):
                await self._drop()
                message = answer.message if isinstance(answer, Failed) else "the server has lost its first state"
                raise InvalidTheoremError(f"Isabelle cannot read the statement: {message}")
            name, printed = new, answer.state
        if not printed.startswith("proof"):
            await self._drop()
            raise InvalidTheoremError("the statement begins no proof")
        initial = _state(printed)
        if self._initial is not None and initial != self._initial:
            raise SessionCrashedError("the statement gives another state than before")
        self._initial = initial
        self._states.setdefault(initial, _Known(None, "", None)).name = name

    async def _at_hand(self, state: ProofState) -> str:
        """Return the server's name of a state, making it again if it is not there any more."""
        await self._ready()
        path: list[ProofState] = []
        at: ProofState | None = state
        while at is not None and (known := self._known(at)).name is None:
            path.append(at)
            at = known.parent
        if at is None:
            await self._drop()  # the first state was released, and only stating the theorem again makes it
            return await self._at_hand(state)
        for wanted in reversed(path):
            known = self._known(wanted)
            assert known.parent is not None
            parent = self._known(known.parent).name
            assert parent is not None
            outcome = await self._run(known.parent, parent, known.tactic, LONG_LIMIT_S)
            if not isinstance(outcome, Advanced) or outcome.state != wanted:
                raise _UnreachableStateError(f"`{known.tactic}` does something else when it is tried again")
        name = self._known(state).name
        assert name is not None
        return name

    async def _ready(self) -> None:
        """Have a process that is free, and let it forget what was released."""
        if self._lease is not None and not await self._client.settle(self._owed_s):
            logger.info("the server process does not keep its limit and is replaced")
            await self._drop()
        if self._lease is None:
            await self._begin()
        kept = {known.name for known in self._states.values()}
        while self._released:
            name = self._released.pop()
            if name not in kept:
                with contextlib.suppress(CallTimeoutError):
                    await self._client.delete(name, timeout_s=BOOKKEEPING_S)

    async def _drop(self) -> None:
        """End the process. What it held can be replayed in another."""
        lease, self._lease = self._lease, None
        self._released.clear()
        for known in self._states.values():
            known.name = None
        if lease is not None:
            await lease.close()

    def _known(self, state: ProofState) -> _Known:
        known = self._states.get(state)
        if known is None:
            raise ValueError("this state is not of this session")
        return known


class _LostWhileTryingError(SessionCrashedError):
    """The process ended under a tactic."""


class _UnreachableStateError(Exception):
    """A replayed tactic does something else now."""


def _state(printed: str) -> ProofState:
    return ProofState((Goal(printed),))
