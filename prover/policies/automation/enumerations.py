"""One sequence that has all values of several: two by turns, and countably many along the pairs of numbers.

What it has to hit is stated in this form, `∃ k, h k = f n`, for which the rest is a matter of rewriting.
"""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.automation.bijections import PAIRING
from prover.policies.scope import bare, fresh, function_variables
from prover.policies.terms import GoalView, Term, Weighted

BY_TURNS = """\
obtain ⟨{h}, hits⟩ : ∃ {h} : Nat → _, ∀ n, (∃ m, {h} m = {f} n) ∧ ∃ m, {h} m = {g} n :=
  ⟨fun n => if n % 2 = 0 then {f} (n / 2) else {g} (n / 2), fun n => ⟨⟨2 * n, by grind⟩, ⟨2 * n + 1, by grind⟩⟩⟩"""
ALONG_PAIRS = """\
obtain ⟨{h}, hits⟩ : ∃ {h} : Nat → _, ∀ m n, ∃ k, {h} k = {f} m n :=
  ⟨fun n => {f} (unpair n).1 (unpair n).2, fun m n => ⟨pair (m, n), by simp only [hpair]⟩⟩"""
FINISH = (
    "refine ⟨{h}, ?_⟩\nfirst | (simp [or_imp, forall_and, hits]; done) | (rintro x ⟨m, n, rfl⟩; exact hits m n) | grind"
)


def enumerations(view: GoalView) -> Iterator[Weighted]:
    """`∃ h : Nat → α, …` where sequences of elements of α are in scope."""
    match view.target:
        case Term("∃", (Term("→", (Term("Nat"), result)), _)):
            h = fresh("all", view.variables)
            wanted, finish = bare(result), FINISH.format(h=h)
            functions = [(f, len(given)) for f, given, value in function_variables(view) if value == wanted and all(
                argument.head == "Nat" for argument in given)]  # fmt: skip
            one = [f for f, arity in functions if arity == 1]
            if len(one) == 2:
                yield f"{BY_TURNS.format(h=h, f=one[0], g=one[1])}\n{finish}", 0.12
            for f in [f for f, arity in functions if arity == 2]:
                yield f"{PAIRING}\n{ALONG_PAIRS.format(h=h, f=f)}\n{finish}", 0.12
