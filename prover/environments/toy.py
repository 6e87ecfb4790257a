"""A tiny exact environment for tests, documentation and new ideas: reach a number by counting.

A theorem reads `theorem NAME : A to B`; the state is the number reached. Tactics: `add N`, `double`, `done`
and `qed` (close when the goal is reached), `think UNITS` (as `done`, given so much effort), `sorry`, `wait SECONDS`
(which are seconds of a clock of its own, and as many units), `crash`.
"""

from __future__ import annotations

import math
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Literal

from prover.core.effort import Limit
from prover.core.proof_state import Advanced, Closed, GaveUp, Goal, ProofState, Rejected, TacticOutcome, TimedOut
from prover.core.record import TheoremVerdict, Verification
from prover.core.theorem import Theorem
from prover.environments.environment import OPEN_TIMEOUT_S, OpenedTheorem, each
from prover.environments.syntax.refusal import NO_TACTIC
from prover.errors import InvalidTheoremError, SessionCrashedError

_STATEMENT = re.compile(r"\s*theorem\s+(\w+)\s*:\s*(\d+)\s+to\s+(\d+)\s*")
LARGEST = 1000
STEP = 0.001  # units of effort that any tactic takes


class ToySession:
    """One counting task."""

    counts_effort = True

    def __init__(self, name: str, statement: str, start: int, target: int) -> None:
        self.theorem = OpenedTheorem(name=name, statement=statement, header="")
        self.target = target
        self.initial = self._state(start)

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
        """Try the tactics one after the other; see ProofSession."""
        outcomes: list[TacticOutcome] = []
        for tactic, most in zip(tactics, each(effort, tactics), strict=True):
            if deadline_s <= 0 or effort_left <= 0:
                break
            outcome = self._run(int(state.text.split()[0]), tactic, min(most, effort_left), min(timeout_s, deadline_s))
            effort_left -= outcome.effort
            deadline_s -= outcome.elapsed_s
            outcomes.append(outcome)
            if isinstance(outcome, Closed):
                break
        return outcomes

    def release(self, states: Iterable[ProofState]) -> None:
        """Nothing is kept."""

    def _state(self, number: int) -> ProofState:
        return ProofState(goals=(Goal(text=f"{number} ⊢ {self.target}", target="to"),))

    def _run(self, number: int, tactic: str, effort: float, timeout_s: float) -> TacticOutcome:
        match tactic.split():
            case ["done" | "qed"]:
                return self._done(number, STEP)
            case ["add", amount] if amount.isdigit():
                number += int(amount)
            case ["double"]:
                number *= 2
            case ["sorry"]:
                return GaveUp("the tactic uses sorry", effort=STEP)
            case ["think", units] if float(units) > effort:
                return TimedOut("too hard", effort=effort, limit=Limit.EFFORT)
            case ["think", units]:
                return self._done(number, float(units))
            case ["wait", seconds] if float(seconds) > min(timeout_s, effort):
                limit: Literal[Limit.EFFORT, Limit.TIME] = Limit.EFFORT if effort < timeout_s else Limit.TIME
                return TimedOut("waited too long", min(timeout_s, effort), min(timeout_s, effort), limit)
            case ["wait", seconds]:
                return Rejected("waited for nothing", float(seconds), float(seconds))
            case ["crash"]:
                raise SessionCrashedError("the toy crashed, as asked")
            case _:
                return Rejected(f"unknown tactic {tactic!r}" if tactic.strip() else NO_TACTIC, effort=STEP)
        return Advanced(self._state(number), effort=STEP) if number <= LARGEST else Rejected("too large", effort=STEP)

    def _done(self, number: int, effort: float) -> TacticOutcome:
        if number == self.target:
            return Closed(effort=effort)
        return Rejected(f"{number} is not {self.target}", effort=effort)


class ToyEnvironment:
    """Counting as a proof assistant."""

    identity = "toy@1"

    async def forbidding(self, theorem: Theorem) -> Theorem:
        """There is no library."""
        return theorem

    @asynccontextmanager
    async def open(self, theorem: Theorem, *, timeout_s: float = OPEN_TIMEOUT_S) -> AsyncIterator[ToySession]:
        """Read the statement; see ProofEnvironment."""
        yield self._session(theorem)

    async def check(self, theorem: Theorem, tactics: Sequence[str], *, timeout_s: float) -> Verification:
        """Run all tactics again from the start."""
        session = self._session(theorem)
        state, closed = session.initial, False
        for tactic in tactics:
            (outcome,) = await session.apply(state, [tactic], timeout_s=timeout_s)
            if isinstance(outcome, Advanced) and not closed:
                state = outcome.state
            else:
                closed = isinstance(outcome, Closed) and not closed
        source = f"{theorem.source.strip()} := by\n" + "".join(f"  {tactic}\n" for tactic in tactics)
        return Verification(
            accepted=closed,
            tier="toy",
            environment=self.identity,
            reason=None if closed else "the tactics do not end in a proof",
            theorems=(TheoremVerdict(name=session.theorem.name, axioms=()),) if closed else (),
            source=source,
        )

    async def check_source(self, source: Theorem, *, against: Theorem | None, timeout_s: float) -> Verification:
        """Split the text at `:= by` and check it."""
        statement, _, proof = source.source.partition(":= by")
        stated = Theorem.from_text(statement)
        if against is not None and self._session(against).theorem.statement != stated.source.strip():
            return Verification(accepted=False, tier="toy", environment=self.identity, reason="another statement")
        return await self.check(stated, [line.strip() for line in proof.strip().splitlines()], timeout_s=timeout_s)

    async def close(self) -> None:
        """Nothing runs."""

    def _session(self, theorem: Theorem) -> ToySession:
        found = _STATEMENT.fullmatch(theorem.source)
        if not found:
            raise InvalidTheoremError("not a counting task", hint="theorem NAME : A to B")
        return ToySession(found[1], theorem.source.strip(), int(found[2]), int(found[3]))
