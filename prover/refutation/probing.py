"""Asking in a session itself whether a goal is false for some values.

What Lean says here is not verified. A probe never closes a goal: it fails, and how it fails tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prover.core.proof_state import ProofState, Rejected
from prover.environments.environment import ProofSession
from prover.refutation.counterexamples import QUICK, Instance, portions
from prover.refutation.reading import TACTIC_S
from prover.refutation.variables import named, variables_of

_FALSE = "this goal is false"


async def false_instance(
    session: ProofSession, state: ProofState, tried: Iterable[Instance], *, effort: float, place: int = 0
) -> tuple[Instance | None, float]:
    """Return the first instance for which the goal at `place` is false by computation, and the effort that it took."""
    variables, new_names = named(variables_of(state.goals[place]))
    names = [variable.name for variable in variables]
    spent = 0.0
    for portion in portions(tried):
        outcomes = await session.apply(
            state,
            [_probe(instance, names, new_names, place) for instance in portion],
            timeout_s=TACTIC_S,
            effort=effort,
            effort_left=effort - spent,
        )
        spent += sum(outcome.effort for outcome in outcomes)
        for instance, outcome in zip(portion, outcomes, strict=False):
            if isinstance(outcome, Rejected) and outcome.message.startswith(_FALSE):
                return instance, spent
        if spent >= effort or len(outcomes) < len(portion):
            break
    return None, spent


def _probe(instance: Instance, names: Sequence[str], new_names: Sequence[str], place: int) -> str:
    """Return a tactic that fails, with our own message if the goal is false at the instance."""
    steps = []
    if place:
        steps.append(f"rotate_left {place}")
    if new_names:
        steps.append(f"rename_i {' '.join(new_names)}")
    if names:
        steps.append(f"revert {' '.join(names)}")
    steps += [
        "apply Classical.byContradiction\nintro negation",  # `refine` would introduce implicit variables
        f"have : type_of% negation := by intro statement; exact {instance.absurd(QUICK)}",
        f'fail "{_FALSE}"',
    ]
    return "\n".join(steps)
