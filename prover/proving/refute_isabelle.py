"""From a statement of Isabelle to what its tools claim, and to a verified refutation where the claim can be shown."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from prover.core.record import Refutation
from prover.core.theorem import Theorem
from prover.environments.isabelle.counterexamples import Suggestion
from prover.environments.isabelle.environment import IsabelleEnvironment
from prover.environments.syntax.isabelle.statement import isabelle_theorem
from prover.proving.verify import verify
from prover.search.cancelling import cancelled_by


@dataclass(frozen=True, slots=True)
class Claims:
    """What became of a search for counterexamples. `unchecked`: claims of tools; they refute nothing."""

    refutation: Refutation | None
    unchecked: tuple[Suggestion, ...]
    silent: tuple[str, ...]


async def refute_in_isabelle(
    theorem: Theorem,
    environment: IsabelleEnvironment,
    *,
    effort: float,
    verify_timeout_s: float,
    cancel: asyncio.Event | None = None,
) -> Claims:
    """Ask quickcheck and nitpick, each for `effort` seconds, and verify what can be shown.

    Raises:
        InvalidTheoremError: the statement cannot be used.
        ProofEnvironmentError: the proof assistant failed.
        CancelledError: `cancel` was set.
    """
    with cancelled_by(cancel):
        found = await environment.counterexamples(theorem, tool_s=effort)
        denial = found.denial
        if denial is None:
            return Claims(None, found.suggestions, found.silent)
        negation = isabelle_theorem(denial.text, environment.imports)
        verification = await verify(negation, denial.tactics, environment, timeout_s=verify_timeout_s)
        if not verification.accepted:
            return Claims(None, found.suggestions, found.silent)
        refutation = Refutation(
            counterexample=dict(denial.suggestion.values), tactics=denial.tactics, verification=verification
        )
        unchecked = tuple(claim for claim in found.suggestions if claim is not denial.suggestion)
        return Claims(refutation, unchecked, found.silent)
