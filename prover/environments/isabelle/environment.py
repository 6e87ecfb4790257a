"""Isabelle/HOL as a proof environment: steps through PISA, verification of whole theories elsewhere."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Protocol

from prover.core.proof_state import normalise_tactic
from prover.core.record import TheoremVerdict, Verification
from prover.core.theorem import Theorem
from prover.environments.environment import OPEN_TIMEOUT_S
from prover.environments.isabelle.ancestors import ancestors_of
from prover.environments.isabelle.driver import IsabelleDriver
from prover.environments.isabelle.pool import ServerPool
from prover.environments.isabelle.refuting import Findings, look_for_counterexamples
from prover.environments.isabelle.undeclared import undeclared
from prover.environments.isabelle.verification import CheckResult, FreshProcess
from prover.environments.isabelle.versions import Version
from prover.environments.replaying_session import ReplayingSession
from prover.environments.syntax.isabelle import commands
from prover.environments.syntax.isabelle.plain_text import plain_text
from prover.environments.syntax.isabelle.screening import proof_problem
from prover.environments.syntax.isabelle.statement import IsabelleStatement, proof_of
from prover.environments.syntax.isabelle.tokens import Kind, tokens
from prover.errors import InvalidTheoremError, Message

THEORY = "Proved"
"""Name of the theory that is given back."""


class Checker(Protocol):
    """Checks whole theories, each in a context that nothing else has touched."""

    async def check(
        self, statement: IsabelleStatement, proof: str, *, names: tuple[str, ...], timeout_s: float
    ) -> CheckResult:
        """Say whether the proof proves the statement."""


class IsabelleEnvironment:
    """One version of Isabelle with the imports that its server was started for."""

    def __init__(
        self,
        pool: ServerPool,
        *,
        version: str | Version,
        imports: tuple[str, ...],
        provers: bool = True,
        checker: Checker | None = None,
    ) -> None:
        """Prepare; nothing is started yet. `checker`: None verifies in fresh PISA processes."""
        self._pool = pool
        self._version = Version(version) if isinstance(version, str) else version
        self._provers = provers
        self.imports = imports
        self.checker: Checker = checker or FreshProcess(pool, imports)

    @property
    def identity(self) -> str:
        """Isabelle's version and the imported theories."""
        return f"isabelle@{self._version.name}+{'+'.join(self.imports)}"

    async def forbidding(self, theorem: Theorem) -> Theorem:
        """Isabelle has nothing like it: see ProofEnvironment.

        Raises:
            InvalidTheoremError: there is something to forbid.
        """
        if theorem.forbid:
            raise InvalidTheoremError("`forbid` is for Lean's libraries; Isabelle theorems cannot have it")
        return theorem

    @asynccontextmanager
    async def open(
        self, theorem: Theorem, *, timeout_s: float = OPEN_TIMEOUT_S
    ) -> AsyncIterator[ReplayingSession[str]]:
        """Start proving; see ProofEnvironment. The time to boot Isabelle does not count."""
        driver = IsabelleDriver(
            self._pool,
            self._read(theorem),
            imports=self.imports,
            provers=self._provers,
            open_timeout_s=timeout_s,
        )
        async with driver:
            session = ReplayingSession(driver, turn=driver.turn)
            await session.start()
            yield session

    async def check(self, theorem: Theorem, tactics: Sequence[str], *, timeout_s: float) -> Verification:
        """Verify a whole proof; see ProofEnvironment."""
        statement = self._read(theorem)
        alone = replace(statement, lines=replace(statement.lines, proof=None))
        return await self._check(alone, "\n".join(map(normalise_tactic, tactics)), timeout_s)

    async def check_source(self, source: Theorem, *, against: Theorem | None, timeout_s: float) -> Verification:
        """Verify a text whose last theorem has a proof; see ProofEnvironment.

        With `against`, header and statement must be those of that text.
        """
        stated = None if against is None else self._read(against)
        try:
            given = self._read(source)
            proof = proof_of(given)
        except InvalidTheoremError as error:
            return self._rejected(error.reason, source.source)
        if stated is not None and stated.words != given.words:
            return self._rejected("header or statement are not those that it has to prove", source.source)
        claim = stated or given
        claim = replace(claim, lines=replace(claim.lines, proof=given.lines.proof))
        return await self._check(claim, proof, timeout_s)

    async def counterexamples(self, theorem: Theorem, *, tool_s: float) -> Findings:
        """Ask quickcheck and nitpick, each for so many seconds, and show what they claim where that succeeds.

        Raises:
            InvalidTheoremError: the statement cannot be used.
            ProofEnvironmentError: the server does not answer, or ended.
        """
        return await look_for_counterexamples(self._pool, self.imports, self._read(theorem), tool_s=tool_s)

    async def close(self) -> None:
        """End the processes that are kept for the next session."""
        await self._pool.close()

    def _read(self, theorem: Theorem) -> IsabelleStatement:
        statement = IsabelleStatement.read(theorem.source)
        if not set(statement.imports) <= {*self.imports, *ancestors_of(self.imports)}:
            raise InvalidTheoremError(
                f"the theory imports {', '.join(statement.imports)}, but Isabelle here has {', '.join(self.imports)}",
                hint="leave the imports out, or set PROVER_ISABELLE__IMPORTS and the server's theory to yours",
            )
        return statement

    async def _check(self, statement: IsabelleStatement, proof: str, timeout_s: float) -> Verification:
        started = time.monotonic()
        if problem := proof_problem(proof):
            return self._rejected(problem.reason, proof)
        proof = plain_text(proof).strip()
        names = (*_names(statement.header), statement.name)
        checked = await self.checker.check(statement, proof, names=names, timeout_s=timeout_s)
        return Verification(
            accepted=checked.accepted,
            tier="A",
            environment=self.identity,
            reason=checked.reason,
            messages=(Message("info", f"checked {checked.how}"), *_warnings(statement, checked)),
            theorems=tuple(TheoremVerdict(name=name, axioms=(), rests_on_library=True) for name in names)
            if checked.accepted
            else (),
            source=statement.theory(THEORY, self.imports, proof),
            timed_out=checked.timed_out,
            elapsed_s=time.monotonic() - started,
        )

    def _rejected(self, reason: str, source: str) -> Verification:
        return Verification(accepted=False, tier="A", environment=self.identity, reason=reason, source=source)


def _warnings(statement: IsabelleStatement, checked: CheckResult) -> tuple[Message, ...]:
    names = undeclared(statement, checked.claimed)
    if not names:
        return ()
    return (Message("warning", f"declared nowhere, so variables to Isabelle: {', '.join(names)}"),)


def _names(header: str) -> tuple[str, ...]:
    """Return the names of theorems in a header: they are part of what a user's file claims."""
    found = [token for token in tokens(header) if token.proper]
    return tuple(
        name.text
        for goal, name, mark in zip(found, found[1:], found[2:], strict=False)
        if goal.kind is Kind.WORD and goal.text in commands.GOALS and name.kind is Kind.WORD and mark.text in (":", "[")
    )
