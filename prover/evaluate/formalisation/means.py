"""With what one statement is shown to follow from the other, from the humblest to the strongest.

True theorems imply each other, so an implication says something only if its proof is less than a proof of the
conclusion. `structure` links the two and can prove nothing of its own; what the others show counts only if they cannot
do the same without the other statement (see equivalence.py). After BEq (Liu et al. 2025, "Rethinking and Improving
Autoformalization"), whose proofs are held to such tactics as well.
"""

from __future__ import annotations

from dataclasses import dataclass

from prover.budget import SearchBudget
from prover.evaluate.formalisation.statements import PREMISE
from prover.policy.generator import TacticGenerator
from prover.policy.scripted import ScriptedPolicy

MOST_VARIABLES = 6  # that are introduced one by one, in the order of both statements
SMALL = SearchBudget(expansions=12, candidates=64, timeout_s=20.0, tactic_timeout_s=3.0)


@dataclass(frozen=True, slots=True)
class Means:
    """A policy and what it may spend. `controlled`: it proves things by itself, so that has to be looked at."""

    name: str
    policy: TacticGenerator
    budget: SearchBudget
    controlled: bool


def _structure() -> tuple[str, ...]:
    applied = f"apply {PREMISE} <;> assumption"
    packed = f"apply {PREMISE} <;> first | assumption | (symm; assumption) | (and_intros <;> assumption)"
    return (
        f"exact {PREMISE}",
        f"(intros; {applied})",
        f"(intros; symm; {applied})",
        f"(intros; {packed})",
        f"(intros; repeat (obtain ⟨_, _⟩ := ‹_ ∧ _›); {packed})",
        f"simpa using {PREMISE}",
        f"(intros; apply And.left; {applied})",
        f"(intros; apply And.right; {applied})",
        f"(intros; apply Iff.mp; {applied})",
        f"(intros; apply Iff.mpr; {applied})",
        f"(cases {PREMISE} <;> assumption)",
        "constructor",
        "intro",
    )


def _automation() -> tuple[str, ...]:
    ends = ("omega", "simp_all", "grind")
    found = [f"(intros; {end})" for end in ends]
    found += [f"(intros; apply {PREMISE} <;> {end})" for end in ends]
    for count in range(1, MOST_VARIABLES + 1):
        variables = " ".join(f"x{number}" for number in range(1, count + 1))
        given = f"intro {variables}; have := @{PREMISE} {variables}; intros"
        found.append(f"({given}; first | {' | '.join(ends)})")
    return (*found, "constructor")


def means(policy: TacticGenerator, budget: SearchBudget) -> tuple[Means, ...]:
    """Return the three means; `policy` with its `budget` is the last."""
    return (
        Means("structure", ScriptedPolicy(_structure(), name="structure"), SMALL, controlled=False),
        Means("automation", ScriptedPolicy(_automation(), name="automation"), SMALL, controlled=True),
        Means("search", policy, budget, controlled=True),
    )
