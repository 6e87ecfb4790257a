"""Single calls: each starts what it needs and ends it again.

>>> from prover import prove
>>> prove("theorem t (a b : Nat) : a + b = b + a").proved
True
"""

from __future__ import annotations

from typing import Unpack

from prover.api.assistant import Policy
from prover.api.assistants import Lean
from prover.api.options import Limits
from prover.core.budget import SearchBudget
from prover.core.record import ProofRecord, Refutation, Verification
from prover.core.theorem import Theorem
from prover.proving.refute import EFFORT


def prove(
    statement: str | Theorem,
    *,
    model: str | None = None,
    policy: Policy | None = None,
    budget: SearchBudget | None = None,
    seed: int = 0,
    **limits: Unpack[Limits],
) -> ProofRecord:
    """Search for a proof of a Lean statement with the embedded Lean, and verify it; also in a notebook.

    Starts and ends processes of its own (about half a second); for several statements keep a `Lean`. The keywords, and
    what is raised: see `Lean` and `Lean.prove`.
    """
    with Lean(model=model, policy=policy) as lean:
        return lean.prove(statement, budget=budget, seed=seed, **limits)


async def aprove(
    statement: str | Theorem,
    *,
    model: str | None = None,
    policy: Policy | None = None,
    budget: SearchBudget | None = None,
    seed: int = 0,
    **limits: Unpack[Limits],
) -> ProofRecord:
    """Do what `prove` does, on the running event loop."""
    async with Lean(model=model, policy=policy) as lean:
        return await lean.prove(statement, budget=budget, seed=seed, **limits)


def refute(statement: str | Theorem, *, effort: float = EFFORT) -> Refutation | None:
    """Look for a counterexample of a Lean statement with the embedded Lean; see `Lean.refute`."""
    with Lean() as lean:
        return lean.refute(statement, effort=effort)


def verify(text: str, *, against: str | Theorem | None = None) -> Verification:
    """Verify a Lean text with the embedded Lean; with `against`, that it proves exactly that statement.

    Raises:
        InvalidTheoremError: a text is empty, or `against` is not a statement.
        EnvironmentUnavailableError: the embedded Lean is not installed (`prover setup`).
    """
    with Lean() as lean:
        return lean.verify(text, against=against)
