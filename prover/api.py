"""Five lines to a proof.

>>> from prover import prove
>>> record = prove("theorem t (a b : Nat) : a + b = b + a")
>>> record.proved
True
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from prover.budget import SearchBudget
from prover.environments.environment import ProofEnvironment
from prover.policy.generator import TacticGenerator
from prover.proving import prove_theorem
from prover.record import ProofRecord, Verification
from prover.settings import Settings
from prover.theorem import Theorem
from prover.verification.verify import verify_source
from prover.wiring import closers, lean_environment

T = TypeVar("T")


def prove(
    statement: str,
    *,
    budget: SearchBudget | None = None,
    seed: int = 0,
    generator: TacticGenerator | None = None,
) -> ProofRecord:
    """Search for a proof of a Lean statement with the embedded Lean, and verify it.

    Starts and ends its own processes (about half a second). For many theorems keep an environment and call
    `prover.proving.prove_theorem`; inside an event loop, await that as well.

    Raises:
        InvalidTheoremError: the statement cannot be used.
        EnvironmentUnavailableError: the embedded Lean is not installed (`prover setup`).
    """
    theorem = Theorem.from_text(statement)
    chosen = generator or closers()
    return _run(lambda lean: prove_theorem(theorem, environment=lean, generator=chosen, budget=budget, seed=seed))


def verify(source: str, *, against: str | None = None) -> Verification:
    """Verify a Lean text with the embedded Lean; with `against`, that it proves exactly that statement.

    Raises:
        InvalidTheoremError: a text is empty, or `against` is not a statement.
        EnvironmentUnavailableError: the embedded Lean is not installed (`prover setup`).
    """
    text = Theorem.from_text(source)
    statement = Theorem.from_text(against) if against is not None else None
    return _run(lambda lean: verify_source(text, lean, against=statement, timeout_s=Settings().verify_timeout_s))


def _run(work: Callable[[ProofEnvironment], Awaitable[T]]) -> T:
    async def run() -> T:
        environment = lean_environment(Settings())
        try:
            return await work(environment)
        finally:
            await environment.close()

    return asyncio.run(run())
