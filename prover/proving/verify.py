"""The only place where something becomes proved."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from prover.core.axioms import STANDARD_AXIOMS
from prover.core.record import Verification
from prover.core.text import MAX_PROOF_BYTES, text_problem
from prover.core.theorem import Theorem
from prover.environments.environment import ProofEnvironment
from prover.errors import InvalidTheoremError


async def verify(
    theorem: Theorem, tactics: Sequence[str], environment: ProofEnvironment, *, timeout_s: float
) -> Verification:
    """Verify that `tactics` prove `theorem`: the whole proof, our statement, a fresh instance, standard axioms."""
    if problem := text_problem("\n".join(tactics), most_bytes=MAX_PROOF_BYTES):
        return Verification(accepted=False, environment=environment.identity, reason=problem)
    return _within_standard_axioms(await environment.check(theorem, tactics, timeout_s=timeout_s))


async def verify_source(
    source: Theorem, environment: ProofEnvironment, *, against: Theorem | None = None, timeout_s: float
) -> Verification:
    """Verify a whole text; with `against`, that it proves exactly the theorem stated there (with `sorry`).

    Raises:
        InvalidTheoremError: `against` is not a statement.
    """
    return _within_standard_axioms(await environment.check_source(source, against=against, timeout_s=timeout_s))


async def verify_text(
    text: str,
    environment: ProofEnvironment,
    *,
    read: Callable[[str], Theorem],
    against: Theorem | None = None,
    timeout_s: float,
) -> Verification:
    """Verify a text as `verify_source` does. With `against` it is an answer: one that cannot be read is rejected.

    Raises:
        InvalidTheoremError: `against` is not a statement; without it, the text has none.
    """
    try:
        source = read(text)
    except InvalidTheoremError as error:
        if against is None:
            raise
        return Verification(accepted=False, environment=environment.identity, reason=error.reason, source=text)
    return await verify_source(source, environment, against=against, timeout_s=timeout_s)


def _within_standard_axioms(verification: Verification) -> Verification:
    """Environments apply the axiom policy themselves; it is applied here again, whatever they say."""
    forbidden = sorted(set(verification.axioms) - STANDARD_AXIOMS)
    if verification.accepted and forbidden:
        reason = f"the proof rests on {', '.join(forbidden)}"
        return verification.model_copy(update={"accepted": False, "reason": reason})
    return verification
