"""A repository traced by LeanDojo as a proof environment, so that miniF2F of the Llemma paper runs as published."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from prover.core.proof_state import normalise_tactic
from prover.core.record import TheoremVerdict, Verification
from prover.core.theorem import Theorem
from prover.environments.ending_with_us import run_to_end
from prover.environments.environment import OPEN_TIMEOUT_S
from prover.environments.lean_dojo.driver import LeanDojoDriver
from prover.environments.lean_dojo.library import ADVICE, TracedTheorem, lean_dojo
from prover.environments.replaying_session import ReplayingSession
from prover.environments.syntax.lean.screening import bare_proof, proof_problem
from prover.errors import EnvironmentUnavailableError, InvalidTheoremError

CHECKING = (sys.executable, "-m", "prover.environments.lean_dojo.checking")
REFUSED = "LeanDojo does not accept it: it does not compile, uses sorry, or rests on more than the standard axioms"


class LeanDojoEnvironment:
    """One commit of one repository."""

    def __init__(
        self,
        repo: str,
        commit: str,
        *,
        start_timeout_s: float = 600.0,
        api: Any | None = None,
        checking: Sequence[str] = CHECKING,
    ) -> None:
        """Prepare; nothing is imported or started yet. `api`: in place of the module lean_dojo."""
        self._repo = repo
        self._commit = commit
        self._start_timeout_s = start_timeout_s
        self._given_api = api
        self._checking = tuple(checking)
        self._opened_repo: Any = None

    @property
    def identity(self) -> str:
        """LeanDojo and the repository at its commit, which fixes toolchain and Mathlib."""
        name = self._repo.rstrip("/").rpartition("/")[2].removesuffix(".git")
        return f"leandojo@4+{name}@{self._commit[:12]}"

    async def forbidding(self, theorem: Theorem) -> Theorem:
        """Not offered here, see ProofEnvironment. Raises InvalidTheoremError if there is something to forbid."""
        if theorem.forbid:
            raise InvalidTheoremError("`forbid` is for the embedded Lean's library; LeanDojo does not offer it")
        return theorem

    @asynccontextmanager
    async def open(
        self, theorem: Theorem, *, timeout_s: float = OPEN_TIMEOUT_S
    ) -> AsyncIterator[ReplayingSession[Any]]:
        """Start proving; see ProofEnvironment. To enter a Dojo has a limit of its own: Lean reads a whole file."""
        traced = TracedTheorem.read(theorem)
        api = self._given_api or lean_dojo()
        entry = await asyncio.to_thread(self._entry, api, traced)
        async with LeanDojoDriver(api, entry, traced, open_timeout_s=max(timeout_s, self._start_timeout_s)) as driver:
            session = ReplayingSession(driver)
            await session.start()
            yield session

    async def check(self, theorem: Theorem, tactics: Sequence[str], *, timeout_s: float) -> Verification:
        """Verify a whole proof; see ProofEnvironment."""
        return await self._check(TracedTheorem.read(theorem), "\n".join(map(normalise_tactic, tactics)), timeout_s)

    async def check_source(self, source: Theorem, *, against: Theorem | None, timeout_s: float) -> Verification:
        """Verify `FILE.lean::FULL.NAME := by PROOF`; with `against`, of the theorem that it names."""
        try:
            given = TracedTheorem.read(source)
        except InvalidTheoremError as error:
            return self._verification(False, error.reason, source.source)
        if against is not None and TracedTheorem.read(against).reference != given.reference:
            return self._verification(False, "it is a proof of another theorem", source.source)
        return await self._check(given, normalise_tactic(given.proof or ""), timeout_s)

    async def close(self) -> None:
        """Nothing runs: processes end with their sessions and verifications."""

    def _entry(self, api: Any, traced: TracedTheorem) -> Any:
        try:
            if self._opened_repo is None:
                self._opened_repo = api.LeanGitRepo(self._repo, self._commit)
            return api.Theorem(self._opened_repo, Path(traced.file), traced.name)
        except Exception as error:  # the network, GitHub's limits, a commit that is none
            raise EnvironmentUnavailableError(f"{self._repo} cannot be opened ({error}). {ADVICE}") from error

    async def _check(self, traced: TracedTheorem, proof: str, timeout_s: float) -> Verification:
        started = time.monotonic()
        proof = bare_proof(proof)
        source = f"{traced.reference} := by\n  " + proof.replace("\n", "\n  ") + "\n"
        if problem := proof_problem(proof):
            return self._verification(False, problem.reason, source)
        command = (*self._checking, self._repo, self._commit, traced.file, traced.name)
        limit_s = timeout_s + self._start_timeout_s
        run = await run_to_end(command, limit_s=limit_s, text=proof, with_errors=False)
        if run.status is None:
            return self._verification(False, f"not verified within {limit_s:.3g} s", source, timed_out=True)
        return self._judged(run.output, traced, source, time.monotonic() - started)

    def _judged(self, output: str, traced: TracedTheorem, source: str, elapsed_s: float) -> Verification:
        lines = output.strip().splitlines()
        try:
            verdict = json.loads(lines[-1]) if lines else {}
        except ValueError:
            verdict = {}
        if verdict.get("accepted") is True:
            theorems = (TheoremVerdict(name=traced.name, axioms=(), rests_on_library=True),)
            return self._verification(True, None, source, theorems=theorems, elapsed_s=elapsed_s)
        if verdict.get("accepted") is False:
            return self._verification(False, REFUSED, source, elapsed_s=elapsed_s)
        fault = verdict.get("fault", "its process ended without a word")
        raise EnvironmentUnavailableError(f"LeanDojo cannot check a proof ({fault}). {ADVICE}")

    def _verification(
        self,
        accepted: bool,
        reason: str | None,
        source: str,
        *,
        theorems: tuple[TheoremVerdict, ...] = (),
        timed_out: bool = False,
        elapsed_s: float = 0.0,
    ) -> Verification:
        return Verification(
            accepted=accepted,
            tier="A",
            environment=self.identity,
            reason=reason,
            theorems=theorems,
            source=source,
            timed_out=timed_out,
            elapsed_s=elapsed_s,
        )
