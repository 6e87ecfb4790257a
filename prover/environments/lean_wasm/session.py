"""One theorem, or one hole of a file, in the embedded Lean."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Literal, assert_never

from prover.core.effort import HEARTBEATS, Limit, as_heartbeats
from prover.core.proof_state import Advanced, Closed, GaveUp, ProofState, Rejected, TacticOutcome, TimedOut
from prover.core.theorem import Theorem
from prover.environments.environment import OPEN_TIMEOUT_S, OpenedTheorem
from prover.environments.lean_wasm.answers import invalid_theorem, state_of
from prover.environments.lean_wasm.process import GRACE_S, Answer, LeanProcess, reading
from prover.environments.replaying_session import Limits, ReplayingSession, StatesLostError, Tried
from prover.environments.syntax.lean.screening import bare_proof
from prover.environments.syntax.refusal import NO_TACTIC
from prover.errors import InvalidTheoremError

SLOWEST = 10.0
"""A tactic is stopped after this many times the processor time that its effort takes on the reference machine.

That allows for a slower machine, and ends work that Lean does not count."""
WARMING_UP_S = 5.0
"""Processor time that every tactic gets on top: code is compiled when it runs for the first time."""
_RUNS_CODE = re.compile(
    r"#\s*[a-z]|elab|macro|syntax|run_|eval|\binit|builtin|simproc|unsafe|implemented_by|extern|export|native|compile"
    r"|unexpander|delab|parser|formatter|parenthesizer|\bIO\b|MetaM"
)


def runs_code(text: str) -> bool:
    """Return whether Lean may run code of this text: without such words, neither header nor tactic makes it.

    That code may have changed the process, which then serves no other theorem.
    """
    return _RUNS_CODE.search(text) is not None


def may_tamper(text: str) -> bool:
    """Return whether a text may get a lemma past the kernel of the process that elaborates it."""
    return runs_code(text) or "skipKernelTC" in text


class LeanDriver:
    """States and tactics of one theorem in a search process; see Driver. A state goes by its number there."""

    counts_effort = True

    def __init__(
        self, process: LeanProcess, theorem: Theorem, *, heartbeats: int, open_timeout_s: float, hole: int | None
    ) -> None:
        self.process = process
        self.ran_code = runs_code(theorem.body)
        self.verified_later = False
        self._tampered = may_tamper(theorem.body)
        self._source = theorem
        self._heartbeats = heartbeats
        self._open_timeout_s = open_timeout_s
        self._place = {} if hole is None else {"hole": hole}
        self._number = 0
        self._generation = -1
        self._opened: OpenedTheorem | None = None

    @property
    def theorem(self) -> OpenedTheorem:
        """The theorem as Lean read it."""
        assert self._opened is not None  # set by start()
        return self._opened

    async def start(self, *, end: float) -> tuple[ProofState, int]:
        """Elaborate the statement; see Driver. It has a limit of its own."""
        answer = await self.process.request(
            "open",
            source=self._source.body,
            forbid=list(self._source.forbid),
            **reading(self._open_timeout_s),
            **self._place,
        )
        if "invalid" in answer:
            raise invalid_theorem(answer, self._source.body)
        if answer.get("timedOut"):
            raise InvalidTheoremError(
                f"Lean needs more than {self._open_timeout_s:.3g} s to read the statement",
                hint="give it more time, or make it easier to elaborate",
            )
        if "crash" in answer:
            raise InvalidTheoremError(f"Lean cannot read the statement: {answer['crash']}")
        self._generation, self._number = self.process.generation, answer["session"]
        self._opened = OpenedTheorem(
            answer["name"],
            answer["statement"],
            answer["prefix"].strip("\n"),
            auto_bound=tuple(answer.get("autoBound", ())),
        )
        return state_of(answer["goals"]), answer["state"]

    async def ready(self, *, end: float) -> bool:
        """Return whether the instance inside the process is the one that the theorem was stated in."""
        return self._generation == self.process.generation

    async def run(self, at: int, tactics: Sequence[str], limits: Limits) -> Tried[int]:
        """Run tactics in one round trip; see Driver. A process that ends has ended for good: SessionCrashedError."""
        self.ran_code = self.ran_code or any(map(runs_code, tactics))
        self._tampered = self._tampered or any(map(may_tamper, tactics))
        most = [as_heartbeats(own) if own < math.inf else self._heartbeats * 1000 for own in limits.efforts]
        left_s = max(0.0, limits.time_left_s)
        answer = await self.process.request(
            "apply",
            limit_s=min(left_s, limits.timeout_s * len(tactics)) + 2 * GRACE_S,
            state=at,
            tactics=tactics,
            heartbeats=most,
            heartbeatsLeft=as_heartbeats(limits.effort_left),
            processorMs=[(SLOWEST * own / HEARTBEATS + WARMING_UP_S) * 1000 for own in most],
            timeoutMs=limits.timeout_s * 1000,
            deadlineMs=min(left_s, 1e9) * 1000,
            stopWhenClosed=True,
            lemmas=self._lemmas(),
        )
        spent, lost = bool(answer.get("spent")), answer.get("lost")
        if not answer["outcomes"] and not spent:
            raise StatesLostError("Lean was lost without trying a tactic")
        outcomes = [
            _outcome(outcome, tactic, own)
            for outcome, tactic, own in zip(answer["outcomes"], tactics, most, strict=False)
        ]
        handles = [None if lost else outcome.get("state") for outcome in answer["outcomes"]]
        return Tried(list(zip(outcomes, handles, strict=True)), spent=spent)

    def _lemmas(self) -> Literal["made", "again", "later"]:
        """Return when the kernel checks the lemmas that tactics make; see `node/tactics.mjs`."""
        if self._tampered:
            return "again"
        later = self.verified_later and "kernel" not in self._source.body  # a notation may stand for `decide +kernel`
        return "later" if later else "made"

    def drop(self, handles: Sequence[int]) -> bool:
        """Free states in Lean; see Driver."""
        if self._generation == self.process.generation:
            self.process.notify("release", states=handles)
        return True

    def close(self) -> None:
        """Free everything of this theorem in Lean."""
        if self._generation == self.process.generation:
            self.process.notify("release", sessions=[self._number])


class LeanSession(ReplayingSession[int]):
    """One theorem, or one hole of a file, in one search process."""

    def __init__(
        self,
        process: LeanProcess,
        theorem: Theorem,
        *,
        heartbeats: int,
        open_timeout_s: float = OPEN_TIMEOUT_S,
        hole: int | None = None,
        slot: AbstractAsyncContextManager[object] | None = None,
    ) -> None:
        """Prepare; `start` elaborates the statement. `hole`: the number of a hole that Lean has read in the file.

        `slot` is held while Lean works for this session.
        """
        self._lean = LeanDriver(process, theorem, heartbeats=heartbeats, open_timeout_s=open_timeout_s, hole=hole)
        super().__init__(self._lean, turn=lambda: slot or nullcontext())

    @property
    def process(self) -> LeanProcess:
        """The process that the session works in."""
        return self._lean.process

    @property
    def ran_code(self) -> bool:
        """May a text of this session have run code of its own in the process?"""
        return self._lean.ran_code

    def verified_later(self) -> None:
        """Leave the lemmas that tactics make to verification; see ProvisionalSession."""
        self._lean.verified_later = True

    def close(self) -> None:
        """Free everything in Lean."""
        self._lean.close()


def _outcome(outcome: Answer, tactic: str, most: int) -> TacticOutcome:
    """Read the outcome of a tactic. `most`: heartbeats that are charged where Lean, stopped by force, does not say."""
    status: Literal["advanced", "closed", "rejected", "gave_up", "timed_out"] = outcome["status"]
    elapsed_s, effort = outcome.get("ms", 0.0) / 1000, outcome.get("heartbeats", most) / HEARTBEATS
    match status:
        case "advanced":
            return Advanced(state_of(outcome["goals"]), elapsed_s, effort=effort)
        case "closed":
            return Closed(elapsed_s, effort=effort)
        case "rejected":
            return Rejected(outcome["message"] if bare_proof(tactic) else NO_TACTIC, elapsed_s, effort)
        case "gave_up":
            return GaveUp(outcome["message"], elapsed_s, effort)
        case "timed_out":
            limit: Literal[Limit.EFFORT, Limit.TIME] = Limit.EFFORT if outcome["limit"] == "effort" else Limit.TIME
            return TimedOut(outcome["message"], elapsed_s, effort, limit)
        case _:
            assert_never(status)
