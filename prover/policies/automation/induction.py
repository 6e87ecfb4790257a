"""Induction: on which variable, with what generalised, and how its cases are closed at once."""

from __future__ import annotations

from collections.abc import Iterator

from prover.core.proof_state import Goal
from prover.policies.terms import GoalView, Term
from prover.policies.texts import listed

PATTERNS = {
    "Nat": "induction {x} with\n| zero => ?_\n| succ {x} ih => ?_",
    "List": "induction {x} with\n| nil => ?_\n| cons head tail ih => ?_",
}
FINISH = ("simp_all", "grind", "omega", "simp_all <;> omega", "simp_all <;> grind")
# What turns `f (n + 1)` of powers, sums over ranges and products into `f n`.
STEP_RULES = ("Nat.pow_succ", "Nat.pow_add", "Nat.pow_mul", "Nat.mul_add", "List.range_succ", "List.sum_append_nat")
DIVISIBILITY = (
    "Nat.dvd_mul_left_of_dvd", "Nat.dvd_mul_right_of_dvd", "Nat.dvd_mul_left", "Nat.dvd_mul_right", "Nat.dvd_add",
)  # fmt: skip


def induction_steps(goal: Goal, view: GoalView) -> Iterator[tuple[str, float]]:
    """Yield inductions with their weights, the variables that occur in the target first."""
    occurring = view.target.variables
    inductive = {*PATTERNS, *_own_types(goal, view)} - _defined_propositions(view)
    variables = [h for h in goal.hypotheses if h.head in inductive]
    variables.sort(key=lambda h: h.name not in occurring)
    rules = listed([*view.cited, *STEP_RULES])
    names = listed(view.cited)
    for place, hypothesis in enumerate(variables[:3]):
        weight, x = 0.5**place, hypothesis.name
        if hypothesis.head in PATTERNS:
            yield PATTERNS[hypothesis.head].format(x=x), 0.015 * weight
        else:
            yield f"set_option tactic.hygienic false in induction {x}", 0.015 * weight  # cases with names
        for finish in FINISH:
            yield f"induction {x} <;> {finish}", 0.03 * weight
        others = [h.name for h in variables if h.name != x and h.name in occurring]
        if others:
            generalised = f"induction {x} generalizing {' '.join(others)}"
            yield f"{generalised} <;> simp_all", 0.02 * weight
            yield f"{generalised} <;> grind", 0.02 * weight
            yield generalised, 0.008 * weight
        if names:
            for finish in (f"simp_all [{names}]", f"grind [{names}]", f"simp_all [{names}] <;> omega"):
                yield f"induction {x} <;> {finish}", 0.04 * weight
            if others:
                yield f"induction {x} generalizing {' '.join(others)} <;> simp_all [{names}] <;> grind", 0.02 * weight
                yield f"induction {x} generalizing {' '.join(others)} <;> grind [{names}]", 0.02 * weight
        if hypothesis.head == "Nat" and names and any(part.head == "∣" for part in view.target):
            yield f"induction {x} <;> grind [{names}, {', '.join(DIVISIBILITY)}]", 0.05 * weight
        if view.target.head in {"≤", "<"}:
            yield from _to_polynomials(view, hypothesis.name, hypothesis.head, names, weight)
        if hypothesis.head == "Nat":
            yield f"induction {x} <;> simp_all [{rules}] <;> omega", 0.04 * weight
            yield f"induction {x} <;> simp_all [{rules}] <;> grind", 0.04 * weight
            if any(part.head == "List.range" for part in view.target):
                yield f"induction {x} <;> grind [{rules}]", 0.04 * weight
            yield from _from_a_base(view, x, rules, weight)
            yield from _strong(x, rules, weight, by_two=_steps_by_two(view))


def _defined_propositions(view: GoalView) -> set[str]:
    """Return what the header defines by `def` as a proposition: it is unfolded, and taken apart then."""
    return {each.name for each in view.header.signatures if each.result == "Prop"}


def _to_polynomials(view: GoalView, x: str, kind: str, names: str, weight: float) -> Iterator[tuple[str, float]]:
    """The step of an inequality with everything unfolded: powers and calls are what polynomials are about."""
    if any(part.head == "^" and x in part.args[1].variables for part in view.target):
        weight *= 3
    if kind != "Nat":
        unfolded = f"simp only [{', '.join(filter(None, [names, 'Nat.pow_succ']))}]"
        opening = f"set_option tactic.hygienic false in induction {x}"
        yield f"{opening}\nall_goals {unfolded}\nall_goals try omega", 0.04 * weight
        return
    unfolded = f"simp only [{', '.join(filter(None, [names, 'Nat.succ_eq_add_one', f'@Nat.pow_succ _ {x}']))}] at *"
    start = "· first | decide | simp | omega | grind"
    yield f"{PATTERNS['Nat'].format(x=x)}\n{start}\n{unfolded}", 0.05 * weight
    for fact in view.facts:
        match fact.term:
            case Term("≤" | "<", (Term(number=int()), Term(variable=True) as above)) if above.head == x:
                cases = f"induction {fact.name} with\n| refl => ?_\n| step hm ih => ?_"
                named = f"rename_i {x}\nhave h_{x} : _ ≤ {x} := hm\nclear hm"
                yield f"{cases}\n{start}\n{named}\n{unfolded}", 0.06 * weight


def _strong(x: str, rules: str, weight: float, *, by_two: bool) -> Iterator[tuple[str, float]]:
    """From all smaller numbers; also with the first two cases apart."""
    strong = f"induction {x} using Nat.strongRecOn with\n| ind {x} ih =>"
    yield f"{strong} grind [{rules}]", 0.015 * weight
    for finish in (f"grind [{rules}]", "simp_all <;> omega"):
        yield f"{strong}\n  rcases {x} with _ | _ | {x} <;> {finish}", (0.15 if by_two else 0.015) * weight
    yield f"{strong} ?_", 0.005 * weight


def _steps_by_two(view: GoalView) -> bool:
    """Does a hypothesis about all numbers mention `n + 2`, or subtract 2?"""
    return any(
        part.head in "+-" and len(part.args) == 2 and part.args[0].variable and part.args[1].number == 2
        for fact in view.facts
        if fact.term.head == "∀"
        for part in fact.term
    )


def _own_types(goal: Goal, view: GoalView) -> set[str]:
    """The header's own types: heads of variables that are among the header's definitions, and no predicates."""
    return {h.head for h in goal.hypotheses if h.head in goal.definitions and h.head not in view.header.rules}


def _from_a_base(view: GoalView, x: str, rules: str, weight: float) -> Iterator[tuple[str, float]]:
    """With `c ≤ x` among the hypotheses: forget it (it may not matter), or start there."""
    for fact in view.facts:
        term = fact.term
        if term.head not in {"≤", "<"} or not term.args[1].variable or term.args[1].head != x or "." in fact.name:
            continue
        if term.args[0].number is None:
            continue
        for finish in ("omega", "grind"):
            yield f"clear {fact.name}; induction {x} <;> simp_all [{rules}] <;> {finish}", 0.04 * weight
            yield f"induction {fact.name} <;> simp_all [{rules}] <;> {finish}", 0.03 * weight
        multiplied = "rename_i m\n  have := Nat.mul_le_mul_right m hm\n  grind"
        base = "first | decide | omega | grind"
        yield f"induction {fact.name} with\n| refl => {base}\n| step hm ih =>\n  {multiplied}", 0.03 * weight
        yield f"induction {fact.name} with\n| refl => ?_\n| step hm ih => ?_", 0.012 * weight
