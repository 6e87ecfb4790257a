"""A Lean project as a proof environment: steps through the community REPL, verification in fresh processes."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Literal, Protocol

from prover.core.library import LibrarySource
from prover.core.proof_state import normalise_tactic
from prover.core.record import Verification
from prover.core.theorem import Theorem
from prover.environments.environment import OPEN_TIMEOUT_S
from prover.environments.lean_repl.driver import LeanReplDriver, StatedTheorem
from prover.environments.lean_repl.file import LeanReplFile
from prover.environments.lean_repl.forbidden import erasing_lines, forbidden_names
from prover.environments.lean_repl.pool import Imports, Lease, ReplPool
from prover.environments.lean_repl.process import AnswerTimeoutError, ReplProcess
from prover.environments.lean_repl.tiers import Tiers
from prover.environments.lean_repl.verification import Elaborated, check_against, check_proof, check_text
from prover.environments.replaying_session import ReplayingSession
from prover.environments.syntax.lean.commands import declared
from prover.environments.syntax.lean.screening import bare_proof, proof_problem, source_problem
from prover.environments.syntax.lean.statement import LeanStatement
from prover.environments.syntax.lean.tokens import words
from prover.errors import EnvironmentUnavailableError, InvalidTheoremError, Message


class Check(Protocol):
    """A check that runs in a fresh process."""

    async def __call__(self, process: ReplProcess, /, *, timeout_s: float) -> Elaborated:
        """Elaborate the text and say what Lean found."""


class LeanProjectEnvironment:
    """One Lean project at one state of its sources."""

    def __init__(
        self, pool: ReplPool, *, identity: str, tiers: Tiers | None = None, library: LibrarySource | None = None
    ) -> None:
        """Prepare; nothing is started yet. `tiers`: checks beyond tier A. `library`: what there is to be forbidden."""
        self._pool = pool
        self._identity = identity
        self._tiers = tiers
        self._library = library
        self._checks = asyncio.Semaphore(pool.limits.sessions)

    @property
    def identity(self) -> str:
        """Lean's version, Mathlib's commit, the project and a digest of its sources."""
        return self._identity

    async def forbidding(self, theorem: Theorem) -> Theorem:
        """Erase the forbidden theorems, and those with the same statements; see ProofEnvironment.

        Raises:
            EnvironmentUnavailableError: the library cannot be listed.
            InvalidTheoremError: the statement cannot be used.
        """
        if not theorem.forbid:
            return theorem
        library = await self._library(theorem.imports) if self._library else None
        if library is None or not library.theorems:
            raise EnvironmentUnavailableError(
                "theorems can be forbidden only where Lean can list the library: `prover setup --lean-project DIR`"
            )
        statement = LeanStatement.read(theorem.body)
        lease = await Lease.take(self._pool, theorem.imports)
        try:
            names = await forbidden_names(lease.process, statement, theorem.forbid, library, timeout_s=OPEN_TIMEOUT_S)
            erasing = await erasing_lines(lease.process, names, timeout_s=OPEN_TIMEOUT_S)
        except AnswerTimeoutError:
            raise InvalidTheoremError(f"Lean needs more than {OPEN_TIMEOUT_S:.0f} s to read the statement") from None
        finally:
            await lease.end(clean=source_problem(statement.header) is None)
        present = theorem.body.splitlines()  # if it has been prepared before
        lines = "".join(f"{line}\n" for line in erasing if line not in present)
        text = f"{import_lines(theorem.imports)}{lines}{theorem.body.lstrip()}"
        return replace(Theorem.from_text(text, forbid=tuple(names)), informal=theorem.informal)

    @asynccontextmanager
    async def open(
        self, theorem: Theorem, *, timeout_s: float = OPEN_TIMEOUT_S
    ) -> AsyncIterator[ReplayingSession[int]]:
        """Start proving; see ProofEnvironment. The time to load the imports does not count."""
        statement = LeanStatement.read(theorem.body)
        lease = await Lease.take(self._pool, theorem.imports)
        try:
            session = ReplayingSession(
                LeanReplDriver(lease, StatedTheorem(statement, theorem.forbid), open_timeout_s=timeout_s)
            )
            await session.start()
            yield session
        finally:  # the process serves others unless the header ran programs in it
            await lease.end(clean=source_problem(statement.header) is None)

    @asynccontextmanager
    async def open_file(self, source: Theorem, *, timeout_s: float = OPEN_TIMEOUT_S) -> AsyncIterator[LeanReplFile]:
        """Read a whole file and its holes; see FileEnvironment. The time to load the imports does not count."""
        lease = await Lease.take(self._pool, source.imports)
        try:
            file = LeanReplFile(lease, source, timeout_s=timeout_s)
            await file.start()
            yield file
        finally:
            await lease.end(clean=source_problem(source.body) is None)

    async def check(self, theorem: Theorem, tactics: Sequence[str], *, timeout_s: float) -> Verification:
        """Verify a whole proof; see ProofEnvironment."""
        started = time.monotonic()
        statement = LeanStatement.read(theorem.body)
        proof = bare_proof("\n".join(map(normalise_tactic, tactics)))
        source = import_lines(theorem.imports) + statement.with_proof(proof).lstrip()
        if problem := proof_problem(proof):
            return self._verification(Elaborated(False, problem.reason), source, started)

        async def check(process: ReplProcess, /, *, timeout_s: float) -> Elaborated:
            return await check_proof(process, statement, proof, forbid=theorem.forbid, timeout_s=timeout_s)

        elaborated = await self._in_fresh_process(theorem.imports, check, timeout_s)
        if elaborated.out_of_effort and statement.heartbeats:
            # A search gives each tactic the limit that Lean gives a whole declaration: the sum is its proof's.
            limit = statement.heartbeats * max(2, len(proof.splitlines()))
            statement = statement.within(limit)
            source = import_lines(theorem.imports) + statement.with_proof(proof).lstrip()
            elaborated = await self._in_fresh_process(theorem.imports, check, timeout_s)
            elaborated = elaborated.noting(
                f"verified under `set_option maxHeartbeats {limit}`, a limit for each tactic"
            )
        return await self._further(elaborated, theorem.imports, statement, source, started, timeout_s)

    async def check_source(self, source: Theorem, *, against: Theorem | None, timeout_s: float) -> Verification:
        """Verify a whole text; see ProofEnvironment. With `against`, it has to begin with the header of that."""
        started = time.monotonic()
        stated = None if against is None else LeanStatement.read(against.body)
        names = declared(source.body)
        if problem := self._unfit(source, against, stated):
            return self._verification(Elaborated(False, problem), source.source, started)

        async def check(process: ReplProcess, /, *, timeout_s: float) -> Elaborated:
            if stated is None:
                return await check_text(process, names.text, names.theorems, timeout_s=timeout_s)
            return await check_against(process, names.text, stated, timeout_s=timeout_s)

        elaborated = await self._in_fresh_process(source.imports, check, timeout_s)
        if stated is None:
            skipped = ("B and C: there is no statement to compare the text with",) if self._tiers else ()
            return self._verification(elaborated, source.source, started, skipped=skipped)
        return await self._further(elaborated, source.imports, stated, source.source, started, timeout_s)

    async def check_file(self, source: Theorem, *, timeout_s: float, original: Theorem | None = None) -> Verification:
        """Verify a whole file in tier A; see FileEnvironment. Axioms are listed of definitions with names as well."""
        started = time.monotonic()
        added = Counter(words(source.body)) - Counter(words(original.body) if original else ())
        if problem := source_problem(" ".join(added.elements())):
            return self._verification(Elaborated(False, problem.reason), source.source, started)
        names = declared(source.body)

        async def check(process: ReplProcess, /, *, timeout_s: float) -> Elaborated:
            return await check_text(
                process, names.text, names.theorems, definitions=names.definitions, anything=True, timeout_s=timeout_s
            )

        elaborated = await self._in_fresh_process(source.imports, check, timeout_s)
        skipped = ("B and C: there is no statement to compare the text with",) if self._tiers else ()
        return self._verification(elaborated, source.source, started, skipped=skipped)

    async def close(self) -> None:
        """End all processes."""
        await self._pool.close()

    def _unfit(self, source: Theorem, against: Theorem | None, stated: LeanStatement | None) -> str | None:
        """Return why a text is rejected before Lean sees it, or None."""
        if against is None or stated is None:
            problem = source_problem(source.body)
            return problem.reason if problem else None
        if source.imports != against.imports:
            pair = " and ".join(", ".join(theorem.imports) for theorem in (against, source))
            return f"the imports are not those of the statement: {pair}"
        header, given = words(stated.header), words(source.body)
        if given[: len(header)] != header:
            return "the text does not begin with the header of the statement"
        problem = source_problem(" ".join(given[len(header) :]))
        return problem.reason if problem else None

    async def _in_fresh_process(self, imports: Imports, check: Check, timeout_s: float) -> Elaborated:
        async with self._checks:
            process = await self._pool.fresh(imports)
            try:
                return await check(process, timeout_s=timeout_s)
            finally:
                await process.close()

    async def _further(
        self,
        elaborated: Elaborated,
        imports: Imports,
        statement: LeanStatement,
        source: str,
        started: float,
        timeout_s: float,
    ) -> Verification:
        """Run the tiers beyond A on a text that tier A accepts."""
        if not elaborated.accepted or self._tiers is None:
            return self._verification(elaborated, source, started)
        lines = import_lines(imports)
        target = f"{lines}{statement.header}{statement.unproved}\n{statement.ending.lstrip()}"
        found = await self._tiers.check(target, source, statement.name, timeout_s=timeout_s)
        if found.reason is not None:
            elaborated = Elaborated(False, found.reason, elaborated.messages, elaborated.theorems)
        return self._verification(
            elaborated, source, started, tier=found.tier, checked=found.checked, skipped=found.skipped
        )

    def _verification(
        self,
        elaborated: Elaborated,
        source: str,
        started: float,
        *,
        tier: Literal["A", "B", "C"] = "A",
        checked: tuple[str, ...] = (),
        skipped: tuple[str, ...] = (),
    ) -> Verification:
        told = [*(f"checked: {what}" for what in checked), *(f"skipped: {what}" for what in skipped)]
        return Verification(
            accepted=elaborated.accepted,
            tier=tier,
            environment=self.identity,
            reason=elaborated.reason,
            messages=(*elaborated.messages, *(Message("info", text) for text in told)),
            theorems=elaborated.theorems,
            source=source,
            timed_out=elaborated.timed_out,
            elapsed_s=time.monotonic() - started,
        )


def import_lines(imports: Imports) -> str:
    """Return the lines that import these modules, with an empty one after them; nothing where there is only `Init`."""
    return "".join(f"import {module}\n" for module in imports) + "\n" if imports != ("Init",) else ""
