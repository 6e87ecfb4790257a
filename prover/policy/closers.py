"""Tactics that need no model: Lean's own automation, and the steps that a goal's shape suggests.

Log-probabilities are priors: what closes many goals cheaply comes first, what only rearranges comes later.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from prover.policy.generator import TacticCandidate
from prover.proof_state import Goal, Hypothesis, ProofState

# Cheap and likely first: a search stops at the first that closes.
AUTOMATION = (
    ("rfl", 0.10),
    ("simp", 0.16),
    ("omega", 0.14),
    ("assumption", 0.05),
    ("contradiction", 0.03),
    ("decide", 0.06),
    ("simp_all", 0.12),
    ("grind", 0.18),
    ("exact?", 0.03),
)
# Applied to each variable that the goal or a hypothesis of these types gives.
DATA_CASES = {"Nat", "List", "Bool", "Option", "Fin", "Int", "Prod", "Sum", "Unit", "Subtype", "Sigma"}
INDUCTIONS = {
    "Nat": "induction {x} with\n| zero => ?_\n| succ {x} ih => ?_",
    "List": "induction {x} with\n| nil => ?_\n| cons head tail ih => ?_",
}
PROOF_CASES = {"And", "Or", "Exists", "Iff", "False", "Eq", "HEq", "Nonempty", "PProd"}
FINISH = ("simp_all", "omega", "grind")


class ClosersPolicy:
    """Lean's automation and structural steps. Deterministic: `seed` changes nothing."""

    identity = "closers@1"

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int) -> list[list[TacticCandidate]]:
        """Return candidates for the first goal of each state."""
        return [self._candidates(state.goals[0])[:n] for state in states]

    def _candidates(self, goal: Goal) -> list[TacticCandidate]:
        found = [TacticCandidate(tactic, math.log(weight), "automation") for tactic, weight in AUTOMATION]
        seen = {candidate.tactic for candidate in found}
        for tactic, weight in structural_steps(goal):
            if tactic not in seen:
                seen.add(tactic)
                found.append(TacticCandidate(tactic, math.log(weight), "structure"))
        return found


def structural_steps(goal: Goal) -> Iterator[tuple[str, float]]:
    """Yield steps for a goal by the head symbols of its target and hypotheses, with their weights."""
    yield from _introductions(goal)
    yield from _unfoldings(goal)
    variables = [h for h in goal.hypotheses if h.head in INDUCTIONS]
    for hypothesis in variables[:3]:
        yield from _inductions(hypothesis)
    for hypothesis in goal.hypotheses:
        if hypothesis.head in PROOF_CASES:
            yield f"cases {hypothesis.name}", 0.05
        elif hypothesis.head == "→":
            yield f"apply {hypothesis.name}", 0.03
        elif hypothesis.head == "Not":
            yield f"apply {hypothesis.name}", 0.015
        elif hypothesis.head in DATA_CASES:
            yield f"cases {hypothesis.name}", 0.01
            yield f"cases {hypothesis.name} <;> simp_all", 0.01
    if goal.target not in {"→", "Not"}:
        yield "split", 0.02
        yield "ext", 0.005
        yield "exfalso", 0.004


def _introductions(goal: Goal) -> Iterator[tuple[str, float]]:
    taken = {hypothesis.name for hypothesis in goal.hypotheses}
    match goal.target:
        case "→" | "Not":
            name = next(name for name in ("h", *(f"h{i}" for i in range(1, len(taken) + 2))) if name not in taken)
            yield "intros", 0.04
            yield f"intro {name}", 0.20
        case "And" | "Iff":
            yield "constructor", 0.20
            yield "refine ⟨?_, ?_⟩ <;> simp_all", 0.01
        case "Or":
            yield "left", 0.08
            yield "right", 0.08
            yield "by_cases h : _ <;> simp_all", 0.002
        case "Exists":
            names = [h.name for h in goal.hypotheses if h.head not in {"Sort", "variable"}]
            for witness in ("0", "1", "2", *names[:4]):
                yield f"exists {witness}", 0.04
            yield "constructor", 0.02
        case "Eq":
            yield "funext x", 0.01
            yield "congr", 0.005
            yield "symm", 0.002
        case _:
            yield "constructor", 0.01


def _unfoldings(goal: Goal) -> Iterator[tuple[str, float]]:
    if not goal.definitions:
        return
    names = ", ".join(goal.definitions)
    yield f"simp [{names}]", 0.10
    yield f"grind [{names}]", 0.10
    yield f"simp_all [{names}]", 0.06
    yield f"unfold {' '.join(goal.definitions)}", 0.05
    for variable in [h.name for h in goal.hypotheses if h.head in INDUCTIONS][:2]:
        yield f"induction {variable} <;> simp_all [{names}]", 0.04
        yield f"induction {variable} <;> grind [{names}]", 0.04
        yield f"induction {variable} <;> simp_all [{names}] <;> omega", 0.03


def _inductions(variable: Hypothesis) -> Iterator[tuple[str, float]]:
    for finish in FINISH:
        yield f"induction {variable.name} <;> {finish}", 0.03
    yield INDUCTIONS[variable.head].format(x=variable.name), 0.06
