"""The means by which one statement is shown to follow from the other, from the weakest to the strongest.

True theorems imply each other, so an implication says something only if its proof is less than a proof of the
conclusion: what such means show counts only if they cannot do the same without the other statement (see
equivalence.py). After BEq (Liu et al. 2025, "Rethinking and Improving Autoformalization"), whose proofs are held to a
few tactics as well.
"""

from __future__ import annotations

from dataclasses import dataclass

from prover.bench.formalisation.statements import PREMISE
from prover.core.budget import SearchBudget
from prover.policies.generator import TacticGenerator
from prover.policies.scripted import ScriptedPolicy

MOST_VARIABLES = 6  # that are introduced one by one, in the order of both statements
SMALL = SearchBudget(expansions=12, candidates=64, effort=20.0, tactic_effort=3.0)


@dataclass(frozen=True, slots=True)
class Means:
    """A policy and what it may spend. `proves`: conclusions, perhaps without the premise; `refutes`: the premise."""

    name: str
    policy: TacticGenerator
    budget: SearchBudget
    proves: bool = True
    refutes: bool = True


def _structure() -> tuple[str, ...]:
    applied = f"apply {PREMISE} <;> assumption"
    packed = f"apply {PREMISE} <;> first | assumption | (symm; assumption) | (and_intros <;> assumption)"
    return (
        f"(intros; {applied})",
        f"(intros; symm; {applied})",
        f"(intros; {packed})",
        f"(intros; repeat (obtain ⟨_, _⟩ := ‹_ ∧ _›); {packed})",
        f"(intros; apply And.left; {applied})",
        f"(intros; apply And.right; {applied})",
        f"(intros; apply Iff.mp; {applied})",
        f"(intros; apply Iff.mpr; {applied})",
        f"(cases {PREMISE} <;> assumption)",
        "constructor",
        "intro",
        "(intros; repeat (obtain ⟨_, _⟩ := ‹_ ∧ _›); and_intros <;> assumption)",
    )


def _automation() -> tuple[str, ...]:
    ends = ("omega", "simp_all", "grind")
    found = [f"simpa using {PREMISE}", *(f"(intros; {end})" for end in ends)]
    found += [f"(intros; apply {PREMISE} <;> {end})" for end in ends]
    for count in range(1, MOST_VARIABLES + 1):
        variables = " ".join(f"x{number}" for number in range(1, count + 1))
        given = f"intro {variables}; have := @{PREMISE} {variables}; intros"
        found.append(f"({given}; first | {' | '.join(ends)})")
    return (*found, "constructor")


def means(policy: TacticGenerator, budget: SearchBudget) -> tuple[Means, ...]:
    """Return all four; `policy` with its `budget` is the last."""
    same = ScriptedPolicy((f"exact @{PREMISE}", f"exact {PREMISE}"), name="definition")
    return (
        Means("definition", same, SMALL, proves=False, refutes=False),
        Means("structure", ScriptedPolicy(_structure(), name="structure"), SMALL, refutes=False),
        Means("automation", ScriptedPolicy(_automation(), name="automation"), SMALL),
        Means("search", policy, budget),
    )
