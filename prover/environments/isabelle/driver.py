"""One theorem in one PISA process at a time: how it is stated, and how proof commands are run."""

from __future__ import annotations

import asyncio
import itertools
import logging
import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
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
from prover.environments.isabelle.positions import in_users_lines
from prover.environments.isabelle.theories import imports_error
from prover.environments.isabelle.undeclared import undeclared
from prover.environments.isabelle.verification import WITHOUT_ORACLES, Run
from prover.environments.replaying_session import Limits, StatesLostError, Tried
from prover.environments.syntax.isabelle.commands import GAPS
from prover.environments.syntax.isabelle.plain_text import plain_text
from prover.environments.syntax.isabelle.screening import proof_problem
from prover.environments.syntax.isabelle.sketches import declarations, proof_commands, with_sorry
from prover.environments.syntax.isabelle.statement import IsabelleStatement, imports_text
from prover.errors import EnvironmentProtocolError, InvalidTheoremError, SessionCrashedError

logger = logging.getLogger(__name__)

OVERDUE_S = 5.0
"""A server that exceeds its own limit by more than this is replaced."""
BOOKKEEPING_S = 10.0


ATTEMPTS = 2
"""How often a process may be lost while the theorem is stated in it."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A step that was asked for; `paid_s`: what of its time has been charged already."""

    at: str
    text: str
    new: str
    started: float
    answer: Applied | Failed | None = None
    elapsed_s: float = 0.0
    paid_s: float = 0.0


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
        hammer_s: float = HAMMER_LIMIT_S + OVERDUE_S,
    ) -> None:
        """Prepare. `hammer_s`: limit of the hammer alone, whatever other tactics may take."""
        self._pool = pool
        self._statement = statement
        self._imports = imports
        self._provers = provers
        self._open_timeout_s = open_timeout_s
        self._hammer_s = hammer_s
        self._lease: Lease | None = None
        self._busy = asyncio.Lock()
        self._numbers = itertools.count()
        self._released: list[str] = []
        self._owed_s = 0.0
        self._declared: dict[str, tuple[str, ...]] = {}
        self._left: _Call | None = None
        self._late: dict[tuple[str, str], _Call] = {}
        self._undeclared: tuple[str, ...] | None = None

    async def __aenter__(self) -> Self:
        self._pool.enter(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.leave(self)
        if kind is None and self._lease is not None:
            await self._lease.give_back()
        await self._end()

    @property
    def theorem(self) -> OpenedTheorem:
        """The theorem as it is given to Isabelle."""
        text = self._statement.text
        return OpenedTheorem(
            self._statement.name,
            text,
            self._statement.header,
            unseen=text,
            auto_bound=self._undeclared or (),
            imports=self._imports,
        )

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
        for attempt in range(ATTEMPTS):
            await self._end()
            try:
                async with asyncio.timeout(_left(end)):
                    self._lease = await self._pool.lease(used=True)
                    return await self._stated(self._lease.client)
            except SessionCrashedError as error:
                await self._end()
                if attempt + 1 == ATTEMPTS:
                    raise StatesLostError(str(error)) from error
                logger.info("the server process ended while the theorem was stated: %s", error)
            except BaseException:
                await self._end()
                raise
        raise AssertionError  # the last attempt returns or raises

    async def ready(self, *, end: float) -> bool:
        """Wait for a call that was left to run, and let the server forget what was released; see Driver."""
        if self._lease is None:
            return False
        async with asyncio.timeout(_left(end)):
            if not await self._client.settle(self._owed_s):
                logger.info("the server process does not keep its limit and is replaced")
                await self._end()
                return False
            self._keep_late_answer()
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

    def _keep_late_answer(self) -> None:
        """Keep what a call that was left running has answered: the tactic need not run again."""
        left, self._left = self._left, None
        answer = self._client.late
        if left is None or answer is None:
            return
        elapsed_s = time.monotonic() - left.started
        self._late[left.at, left.text] = replace(left, answer=answer, elapsed_s=max(0.0, elapsed_s - left.paid_s))

    async def _stated(self, client: PisaClient) -> tuple[ProofState, str]:
        name, printed = DEFAULT, ""
        theory = f"theory Scratch imports {imports_text(self._imports)} begin"
        before = DEFAULT
        for text in (theory, WITHOUT_ORACLES, self._statement.header, self._statement.text):
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
            if isinstance(answer, Lost):
                raise SessionCrashedError("the server has lost its first state")
            if isinstance(answer, Failed):
                if text == theory:
                    raise imports_error(self._imports, answer.message)
                told = in_users_lines(answer.message, text, self._statement)
                raise InvalidTheoremError(f"Isabelle cannot read the statement: {told}")
            before, name, printed = name, new, answer.state
        if not printed.startswith("proof"):
            raise InvalidTheoremError("the statement begins no proof")
        if self._undeclared is None:
            self._undeclared = await self._undeclared_names(client, before)
        return _state(printed), name

    async def _undeclared_names(self, client: PisaClient, before: str) -> tuple[str, ...]:
        """Ask which names of the statement are declared nowhere, so that Isabelle takes them for variables."""
        run = Run(client, time.monotonic() + self._open_timeout_s, prefix="undeclared")
        try:
            answer, claimed = await run.apply(before, f"{self._statement.text}\n  sorry")
            if isinstance(answer, Failed):
                return ()
            witness = await run.witness(claimed, (self._statement.name,))
            return undeclared(self._statement, witness.propositions)
        except (CallTimeoutError, EnvironmentProtocolError):
            return ()

    async def _end(self) -> None:
        """End the process, if there is one, and what it holds."""
        lease, self._lease = self._lease, None
        self._released.clear()
        self._declared.clear()
        self._late.clear()
        self._left = None
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
        limit_s = min(self._hammer_s, limits.time_left_s) if hammer else limits.first_s
        if limit_s <= 0:
            return Tried()
        text = HAMMER if hammer else with_sorry(plain_text(tactic)).strip()
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
        long = limit_s > OWN_LIMIT_S and not hammer
        call = self._late.pop((at, text), None)
        if call is None or (long and isinstance(call.answer, Failed) and call.answer.timed_out):
            own_s = HAMMER_LIMIT_S if hammer else LONG_LIMIT_S if long else OWN_LIMIT_S
            if self._client.ours is not None:
                own_s = max(own_s, limit_s)
            self._owed_s = OVERDUE_S + own_s * max(1, len(proof_commands(text)))
            call = await self._called(_Call(at, text, self._new_name(), time.monotonic()), limit_s, long, hammer)
        elapsed_s = call.elapsed_s
        match call.answer:
            case None:
                return TimedOut(f"no answer within {limit_s:.3g} s", elapsed_s), None
            case Failed(message, timed_out):
                return (TimedOut if timed_out else Rejected)(message, elapsed_s), None
            case Applied(printed, step, level):
                if step is not None and (unfit := proof_problem(step)):
                    return Rejected(f"the hammer found `{step}`: {unfit.reason}", elapsed_s), None
                if printed:
                    declared = (*self._declared.get(at, ()), *declarations(step or text))
                    self._declared[call.new] = declared
                    return Advanced(_state(printed, declared), elapsed_s, written=step), call.new
                return await self._end_of_proof(call.new, step, elapsed_s, level), None

    async def _called(self, call: _Call, limit_s: float, long: bool, hammer: bool) -> _Call:
        """Ask the server. Without an answer in time the call is left running, and its answer kept for another try."""
        text = f"{MORE_TIME} {call.text}" if long else call.text
        try:
            answer = await self._client.apply(call.at, text, call.new, timeout_s=limit_s, hammer=hammer)
        except CallTimeoutError:
            elapsed_s = time.monotonic() - call.started
            self._left = replace(call, paid_s=elapsed_s)
            return replace(call, elapsed_s=elapsed_s)
        if isinstance(answer, Lost):
            raise SessionCrashedError(f"the server has lost the state {answer.name}")
        return replace(call, answer=answer, elapsed_s=time.monotonic() - call.started)

    async def _end_of_proof(self, name: str, step: str | None, elapsed_s: float, level: int | None) -> TacticOutcome:
        """Nothing is printed any more: at proof level 0 that is the end of the proof, if it is one."""
        try:
            level_0 = level == 0
            if level is None:
                level_0 = await self._client.is_at_level_0(name, timeout_s=BOOKKEEPING_S)
        except CallTimeoutError as error:
            raise SessionCrashedError("the server does not say whether the proof is finished") from error
        self._released.append(name)
        return Closed(elapsed_s, written=step) if level_0 else Rejected("the proof is not finished", elapsed_s)


def _left(end: float) -> float | None:
    """Return the seconds until a moment, in the form that asyncio takes."""
    return None if end == math.inf else max(0.001, end - time.monotonic())


def _state(printed: str, declared: Sequence[str] = ()) -> ProofState:
    return ProofState((Goal(printed, unseen="\n".join(declared)),))
