"""Verification in a fresh PISA process: the whole text again, our statement, and what the kernel says of it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from prover.environments.isabelle.answers import Applied, Failed
from prover.environments.isabelle.client import DEFAULT, MORE_TIME, CallTimeoutError, PisaClient
from prover.environments.isabelle.pool import ServerPool
from prover.environments.isabelle.positions import in_users_lines
from prover.environments.isabelle.theories import imports_error
from prover.environments.isabelle.witness import Witness, guard_ml, new_mark, refusal, witness_ml
from prover.environments.syntax.isabelle.statement import IsabelleStatement, imports_text, indented
from prover.errors import EnvironmentProtocolError, InvalidTheoremError, SessionCrashedError

IN_PISA, IN_OURS = "in a fresh PISA process", "in a fresh Isabelle process"
ATTEMPTS = 2
"""Processes that may end under a proof before that is taken for the proof's fault."""
WITHOUT_ORACLES = "declare [[quick_and_dirty = false]]"
"""PISA's Isabelle is quick and dirty: `presburger`, `sat`, `datatype`, `fun` and `inductive` then rest on oracles."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Accepted, or why not; how it was checked; what was claimed, as the kernel has it."""

    accepted: bool
    how: str
    reason: str | None = None
    timed_out: bool = False
    claimed: tuple[str, ...] = ()


class FreshProcess:
    """Checks each proof in a server's process that was started for it and ends with it."""

    def __init__(self, pool: ServerPool, imports: tuple[str, ...]) -> None:
        self._pool = pool
        self._imports = imports
        self.how = IN_PISA

    async def check(
        self, statement: IsabelleStatement, proof: str, *, names: tuple[str, ...], timeout_s: float
    ) -> CheckResult:
        """Check a proof. The time to boot the process does not count.

        Raises:
            InvalidTheoremError: the statement itself cannot be read.
            EnvironmentProtocolError: Isabelle does not answer our questions.
        """
        for _ in range(ATTEMPTS):
            lease = await self._pool.lease(urgent=True)
            self.how = IN_PISA if lease.client.ours is None else IN_OURS
            try:
                run = Run(lease.client, time.monotonic() + timeout_s)
                return await self._check(run, statement, proof, names)
            except CallTimeoutError:
                return CheckResult(False, self.how, f"not verified within {timeout_s:.3g} s", timed_out=True)
            except SessionCrashedError as error:
                ended = f"Isabelle ended while it verified the proof: {error}"
            finally:
                await lease.close()
        return CheckResult(False, self.how, ended, timed_out=True)

    async def _check(self, run: Run, statement: IsabelleStatement, proof: str, names: tuple[str, ...]) -> CheckResult:
        state = await run.begun(statement, self._imports)
        claimed = await run.ours(state, f"{statement.text}\n  sorry", statement)
        claim = await run.witness(claimed, names)
        mark = new_mark()
        answer, guarded = await run.apply(state, guard_ml(proof, mark))
        if isinstance(answer, Failed):
            refused = answer.message.split(mark)
            if len(refused) != 3:
                raise SessionCrashedError(f"the guard fails: {answer.message[:500]}")
            return CheckResult(False, self.how, f"`{refused[1][:200]}` may not stand in a proof")
        text = f"{statement.text}\n{indented(proof)}"
        answer, proved = await run.apply(guarded, text)
        if isinstance(answer, Failed):
            told = in_users_lines(answer.message, text, statement, proof)
            return CheckResult(False, self.how, told, answer.timed_out)
        if not isinstance(answer, Applied) or answer.state or not await run.at_level_0(proved):
            return CheckResult(False, self.how, "the proof is not finished")
        try:
            witness = await run.witness(proved, names)
        except EnvironmentProtocolError as error:  # it did answer about the claim
            return CheckResult(False, self.how, f"there is no such theorem after the proof: {error}")
        reason = refusal(claim, witness)
        return CheckResult(reason is None, self.how, reason, claimed=claim.propositions)


class Run:
    """Commands in a process of their own, in time."""

    def __init__(self, client: PisaClient, end: float, *, prefix: str = "check") -> None:
        """Prepare; `end`: the moment at which all has to be done; `prefix`: how the names of its states begin."""
        self.client = client
        self.end = end
        self.prefix = prefix
        self.count = 0

    @property
    def left_s(self) -> float:
        """Seconds that are left.

        Raises:
            CallTimeoutError: none are.
        """
        left_s = self.end - time.monotonic()
        if left_s <= 0:
            raise CallTimeoutError
        return left_s

    async def apply(self, state: str, text: str) -> tuple[Applied | Failed, str]:
        """Run text on a named state; return the answer and the name of the state that it leads to."""
        self.count += 1
        name = f"{self.prefix}_{self.count}"
        answer = await self.client.apply(state, f"{MORE_TIME} {text}", name, timeout_s=self.left_s)
        if not isinstance(answer, Applied | Failed):
            raise SessionCrashedError("the server has lost a state")
        return answer, name

    async def begun(self, statement: IsabelleStatement, imports: tuple[str, ...]) -> str:
        """Begin a theory with the statement's header.

        Raises:
            EnvironmentUnavailableError: the imports cannot be loaded.
        """
        answer, state = await self.apply(DEFAULT, f"theory Scratch imports {imports_text(imports)} begin")
        if isinstance(answer, Failed):
            raise imports_error(imports, answer.message)
        state = await self.ours(state, WITHOUT_ORACLES, statement)
        return await self.ours(state, statement.header, statement) if statement.header.strip() else state

    async def ours(self, state: str, text: str, statement: IsabelleStatement) -> str:
        """Run text that is the statement's or ours, so that an error is not the proof's."""
        answer, name = await self.apply(state, text)
        if isinstance(answer, Failed):
            told = in_users_lines(answer.message, text, statement)
            raise InvalidTheoremError(f"Isabelle cannot read the statement: {told}")
        return name

    async def witness(self, state: str, names: tuple[str, ...]) -> Witness:
        """Ask what the theorems of these names are.

        Raises:
            EnvironmentProtocolError: Isabelle does not say.
        """
        mark = new_mark()
        answer, _ = await self.apply(state, witness_ml(names, mark))
        return Witness.read(answer.message if isinstance(answer, Failed) else "", mark)

    async def at_level_0(self, state: str) -> bool:
        """Is no proof open?"""
        return await self.client.is_at_level_0(state, timeout_s=self.left_s)
