"""Finite sets given by what is in them: their elements listed, then counted or summed.

For a header's `structure Finset` with fields `val : List α` and `nodup`, as problem sets in core Lean define it, and a
hypothesis `∀ a, a ∈ S ↔ P a`: the numbers with P are found by evaluation, and Lean proves that the list is a
permutation of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.terms import Fact, GoalView, Term, Weighted, evaluate, show

REACH = 400  # numbers tried, on each side of zero
MOST_ELEMENTS = 60
SLACK = 8


def finite_sets(view: GoalView) -> Iterator[Weighted]:
    """Yield tactics for goals about sets whose elements a hypothesis determines."""
    if not {"Finset.card", "Finset.sum"} & set(view.definitions):
        return
    # Recursive definitions are left out: unfolding them at a number may run away, which `try` does not catch.
    plain = [name for name in view.definitions if name != "Finset" and not name.startswith("Nat.")]
    rules = ", ".join([*plain, *(f.name for f in view.facts if _equation(f))])
    for fact in view.facts:
        found = _elements(view, fact)
        if found is None:
            continue
        name, elements = found
        listed = f"[{', '.join(map(str, elements))}]"
        low, high = min(elements), max(elements)
        cases = " | ".join(["rfl"] * len(elements))
        beyond = high + SLACK  # linear arithmetic sees less than the exact bound
        divides = "(exact Nat.le_trans (Nat.le_of_dvd (by decide) h) (by decide))"
        bound = f"have hb : a ≤ {beyond} := by first | omega | {divides} | grind"
        values = [f"try rw [{value}] at h" for value in _closed_values(fact.term)]
        forward = [*values, f"try simp [{rules}] at h" if rules else "skip"]
        forward += [bound] if low >= 0 else []
        lines = [
            f"have hm : ∀ a, a ∈ {name}.val ↔ a ∈ {listed} := fun a => ({fact.name} a).trans (by",
            f"  first | (simp [{rules}]; omega) | skip" if rules else "  first | (simp; omega) | skip",
            "  all_goals (constructor",
            "             · intro h",
            *(f"               {line}" for line in forward),
            f"               {_interval(min(low, 0), beyond)}",
            "             · intro h",
            "               simp only [List.mem_cons, List.not_mem_nil, or_false] at h",
            f"               rcases h with {cases} <;> first | decide +kernel | simp [{rules}]))",
            f"have hp : {name}.val.Perm {listed} := by",
            "  rw [List.perm_iff_count]",
            "  intro a",
            f"  rw [List.Nodup.count {name}.nodup, List.Nodup.count (by decide)]",
            "  simp only [hm a]",
        ]
        yield "\n".join([*lines, "simp [Finset.card, hp.length_eq]"]), 0.10
        yield "\n".join([*lines, "simp [Finset.sum, (hp.map _).sum_nat, hp.sum_nat]"]), 0.08


def _closed_values(term: Term) -> Iterator[str]:
    """Equations that give closed parts, such as `Nat.sqrt 196`, their value."""
    for part in term:
        if part.head.startswith("Nat.") and part.args and not part.variables:
            value = evaluate(part, {})
            if value is not None:
                yield f"show {show(part)} = {value} by decide +kernel"


def _interval(low: int, high: int) -> str:
    """Close `a ∈ list` from `h` for a number between `low` and `high`: each value in turn."""
    if high - low > 60:
        return "omega"
    values = " ∨ ".join(f"a = {value}" for value in range(low, high + 1))
    cases = " | ".join(["rfl"] * (high - low + 1))
    return f"rcases (by omega : {values}) with {cases} <;> first | decide | (revert h; decide) | simp_all"


def _equation(fact: Fact) -> bool:
    """Does it define a function: `∀ x, f x = ...`?"""
    match fact.term:
        case Term("∀", (_, Term("=", (Term("apply"), _)))):
            return True
        case _:
            return False


def _elements(view: GoalView, fact: Fact) -> tuple[str, list[int]] | None:
    """Return the set's name and its elements, if the hypothesis determines a finite set of numbers."""
    match fact.term:
        case Term(
            "∀",
            (
                Term(("Nat" | "Int") as kind),
                Term("↔", (Term("∈", (element, elements)), condition)),
            ),
            name=variable,
        ):
            name = (elements.args[-1] if elements.head == "Finset.val" else elements).head
        case _:
            return None
    if not element.is_variable(variable) or view.variables.get(name, Term("")).head != "Finset":
        return None
    numbers = range(REACH) if kind == "Nat" else range(-REACH, REACH)
    found: list[int] = []
    for number in numbers:
        value = evaluate(condition, {**view.functions, variable: number})
        if value is None:
            return None
        if value:
            found.append(number)
    if not found or len(found) > MOST_ELEMENTS or max(map(abs, found)) >= REACH - 10:
        return None
    return name, found
