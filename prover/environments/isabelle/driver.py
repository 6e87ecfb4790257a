"""One theorem in one PISA process at a time: how it is stated, and how proof commands are run."""

from __future__ import annotations

import asyncio
import itertools
import logging
import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from prover.core.proof_state import Advanced, Closed, GaveUp, Goal, ProofState, Rejected, TacticOutcome, TimedOut
from prover.environments.environment import OpenedTheorem
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
from prover.environments.replaying_session import Limits, StatesLostError, Tried
from prover.environments.syntax.isabelle.commands import GAPS
from prover.environments.syntax.isabelle.screening import proof_problem
from prover.environments.syntax.isabelle.sketches import proof_commands, with_sorry
from prover.environments.syntax.isabelle.statement import IsabelleStatement, imports_text
from prover.environments.syntax.isabelle.symbols import ascii_text
from prover.environments.syntax.isabelle.tokens import without_comments
from prover.errors import InvalidTheoremError, SessionCrashedError

logger = logging.getLogger(__name__)

OVERDUE_S = 5.0
"""A server that exceeds its own limit by more than this is replaced."""
BOOKKEEPING_S = 10.0


class IsabelleDriver:
    """A theorem in a process of its own, or in none while others need the place; see Driver and pool.Tenant.

    A state goes by the name that the server has for it. A tactic is any text of proof commands.
    """

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
        self._released: list[str] = []
        self._owed_s = 0.0

    async def __aenter__(self) -> Self:
        self._pool.enter(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.leave(self)
        await self._end()

    @property
    def theorem(self) -> OpenedTheorem:
        """The theorem as it is given to Isabelle."""
        text = self._statement.text
        return OpenedTheorem(self._statement.name, text, self._statement.header, unseen=text)

    # ---- sharing the places ------------------------------------------------------------------------------------
    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Keep the process while the session is at work; see ReplayingSession."""
        try:
            async with self._busy:
                yield
        finally:
            self._pool.changed()

    async def make_room(self) -> bool:
        """Give the process back unless it is at work; see pool.Tenant."""
        if self._busy.locked() or self._lease is None:
            return False
        async with self._busy:
            await self._end()
        return True

    # ---- the process -------------------------------------------------------------------------------------------
    async def start(self, *, end: float) -> tuple[ProofState, str]:
        """Get a process and state the theorem there; see Driver."""
        await self._end()
        try:
            async with asyncio.timeout(_left(end)):
                self._lease = await self._pool.lease()
                return await self._stated(self._lease.client)
        except BaseException as error:
            await self._end()
            if isinstance(error, SessionCrashedError):
                raise StatesLostError(str(error)) from error
            raise

    async def ready(self, *, end: float) -> bool:
        """Wait for a call that was left to run, and let the server forget what was released; see Driver."""
        if self._lease is None:
            return False
        async with asyncio.timeout(_left(end)):
            if not await self._client.settle(self._owed_s):
                logger.info("the server process does not keep its limit and is replaced")
                await self._end()
                return False
            try:
                while self._released:
                    await self._client.delete(self._released.pop(), timeout_s=BOOKKEEPING_S)
            except (SessionCrashedError, CallTimeoutError) as error:
                logger.info("the server process is replaced: %s", error or "it does not forget a state in time")
                await self._end()
                return False
        return True

    def drop(self, handles: Sequence[str]) -> bool:
        """Let the server forget these states when it is next spoken to; see Driver."""
        if self._lease is not None:
            self._released += handles
        return True

    async def _stated(self, client: PisaClient) -> tuple[ProofState, str]:
        name, printed = DEFAULT, ""
        theory = f"theory Scratch imports {imports_text(self._imports)} begin"
        for text in (theory, self._statement.header, self._statement.text):
            if not text.strip():
                continue
            new = self._new_name()
            try:
                answer = await client.apply(name, f"{MORE_TIME} {text}", new, timeout_s=self._open_timeout_s)
            except CallTimeoutError as error:
                raise InvalidTheoremError(
                    f"Isabelle needs more than {self._open_timeout_s:.3g} s to read the statement",
                    hint="give it more time",
                ) from error
            if not isinstance(answer, Applied):
                message = answer.message if isinstance(answer, Failed) else "the server has lost its first state"
                raise InvalidTheoremError(f"Isabelle cannot read the statement: {message}")
            name, printed = new, answer.state
        if not printed.startswith("proof"):
            raise InvalidTheoremError("the statement begins no proof")
        return _state(printed), name

    async def _end(self) -> None:
        """End the process, if there is one, and what it holds."""
        lease, self._lease = self._lease, None
        self._released.clear()
        if lease is not None:
            await lease.close()

    @property
    def _client(self) -> PisaClient:
        assert self._lease is not None
        return self._lease.client

    def _new_name(self) -> str:
        return f"prover_{next(self._numbers)}"

    # ---- tactics -----------------------------------------------------------------------------------------------
    async def run(self, at: str, tactics: Sequence[str], limits: Limits) -> Tried[str]:
        """Run the first tactic; see Driver. What gives up is run as well: whether it fits is worth knowing."""
        tactic = tactics[0]
        hammer = tactic in GAPS
        problem = None if hammer else proof_problem(tactic)
        if problem and not problem.gives_up:
            return Tried([(problem.outcome, None)])
        if hammer and not self._provers:
            return Tried([(Rejected("this Isabelle has no external provers"), None)])
        limit_s = limits.first_s
        if limit_s <= 0:
            return Tried()
        text = HAMMER if hammer else with_sorry(without_comments(ascii_text(tactic))).strip()
        try:
            outcome, name = await self._step(at, text, limit_s, hammer=hammer)
        except SessionCrashedError as error:
            await self._end()
            raise StatesLostError(str(error), blamed=TimedOut("Isabelle ends when this is tried")) from error
        if problem and isinstance(outcome, Advanced | Closed):
            # Printed alike, its state would be taken for one that was reached without `sorry`.
            self._released += [name] if name is not None else []
            return Tried([(GaveUp(problem.reason, outcome.elapsed_s), None)])
        return Tried([(outcome, name)])

    async def _step(self, at: str, text: str, limit_s: float, *, hammer: bool) -> tuple[TacticOutcome, str | None]:
        """Run proof commands. Returns their outcome, and the name of the state that they lead to."""
        new, started = self._new_name(), time.monotonic()
        long = limit_s > OWN_LIMIT_S and not hammer
        own_s = HAMMER_LIMIT_S if hammer else LONG_LIMIT_S if long else OWN_LIMIT_S
        self._owed_s = OVERDUE_S + own_s * max(1, len(proof_commands(text)))
        try:
            answer = await self._client.apply(
                at, f"{MORE_TIME} {text}" if long else text, new, timeout_s=limit_s, hammer=hammer
            )
        except CallTimeoutError:
            return TimedOut(f"no answer within {limit_s:.3g} s", time.monotonic() - started), None
        elapsed_s = time.monotonic() - started
        match answer:
            case Lost(lost):
                raise SessionCrashedError(f"the server has lost the state {lost}")
            case Failed(message, timed_out):
                return (TimedOut if timed_out else Rejected)(message, elapsed_s), None
            case Applied(printed, step):
                if step is not None and (unfit := proof_problem(step)):
                    return Rejected(f"the hammer found `{step}`: {unfit.reason}", elapsed_s), None
                if printed:
                    return Advanced(_state(printed), elapsed_s, written=step), new
                return await self._end_of_proof(new, step, elapsed_s), None

    async def _end_of_proof(self, name: str, step: str | None, elapsed_s: float) -> TacticOutcome:
        """Nothing is printed any more: at proof level 0 that is the end of the proof, if it is one."""
        try:
            level_0 = await self._client.is_at_level_0(name, timeout_s=BOOKKEEPING_S)
        except CallTimeoutError as error:
            raise SessionCrashedError("the server does not say whether the proof is finished") from error
        self._released.append(name)
        return Closed(elapsed_s, written=step) if level_0 else Rejected("the proof is not finished", elapsed_s)


def _left(end: float) -> float | None:
    """Return the seconds until a moment, in the form that asyncio takes."""
    return None if end == math.inf else max(0.001, end - time.monotonic())


def _state(printed: str) -> ProofState:
    return ProofState((Goal(printed),))
