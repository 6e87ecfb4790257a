"""Mathlib's automation, for theorems of projects that have it. The weights are guesses; nothing was measured here.

That they come first is owed to the published proofs of the Llemma models on miniF2F, most of which are a single tactic.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

from prover.core.proof_state import Goal, ProofState
from prover.policies.generator import Proposal, TacticCandidate, portion

AUTOMATION = (
    ("norm_num", 0.20),
    ("linarith", 0.18),
    ("nlinarith", 0.10),
    ("ring", 0.09),
    ("positivity", 0.05),
    ("norm_num at *", 0.05),
    ("field_simp", 0.03),
    ("aesop", 0.06),
    ("ring_nf", 0.03),
    ("push_cast", 0.01),
    ("norm_num <;> linarith", 0.04),
    ("norm_num at * <;> linarith", 0.03),
    ("norm_num [*] at *", 0.02),
    ("ring_nf at *", 0.015),
    ("subst_vars <;> norm_num", 0.03),
    ("simp_all <;> linarith", 0.02),
    ("simp_all <;> ring_nf", 0.01),
    ("field_simp at * <;> nlinarith", 0.01),
    ("constructor <;> norm_num", 0.01),
    ("constructor <;> linarith", 0.01),
    ("push_neg", 0.005),
    ("gcongr", 0.005),
)
ORDERED = frozenset({"Real", "Rat", "Int", "Nat"})
MOST_VARIABLES = 3
SLOW = 5.0  # units of effort


class MathlibClosersPolicy:
    """Mathlib's tactics, and squares of differences for `nlinarith`; deterministic, `seed` changes nothing."""

    reproducible = True

    identity = "mathlib-closers@1"

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        """Return candidates for each state."""
        return [portion(_candidates(state), n, tried) for state in states]


def _candidates(state: ProofState) -> list[TacticCandidate]:
    steps = [*AUTOMATION, *(_squares(state.goals[0]) if state.goals else ())]
    return sorted(
        (TacticCandidate(tactic, math.log(weight), "mathlib", SLOW) for tactic, weight in dict(steps).items()),
        key=lambda candidate: -candidate.logprob,
    )


def _squares(goal: Goal) -> Iterator[tuple[str, float]]:
    numbers = [h.name for h in goal.hypotheses if h.head in ORDERED][:MOST_VARIABLES]
    if numbers:
        squares = [f"sq_nonneg {name}" for name in numbers]
        pairs = [f"sq_nonneg ({a} - {b})" for a, b in itertools.combinations(numbers, 2)]
        sums = [f"sq_nonneg ({a} + {b})" for a, b in itertools.combinations(numbers, 2)]
        yield f"nlinarith [{', '.join(pairs or squares)}]", 0.04
        yield f"nlinarith [{', '.join(squares + pairs + sums)}]", 0.02
    for name in (h.name for h in goal.hypotheses if h.head in {"Nat", "Int"}):
        yield f"interval_cases {name} <;> simp_all", 0.004
        yield f"interval_cases {name} <;> omega", 0.004
