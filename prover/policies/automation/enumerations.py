"""One sequence that has all values of several: two by turns, and countably many along the pairs of numbers.

What it has to hit is stated in this form, `∃ k, h k = f n`, for which the rest is a matter of rewriting. In the same
way pairs and sums of countable types are numbered, and listed.
"""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.automation.bijections import PAIRING
from prover.policies.scope import bare, fresh, function_variables
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible

BY_TURNS = """\
obtain ⟨{h}, hits⟩ : ∃ {h} : Nat → _, ∀ n, (∃ m, {h} m = {f} n) ∧ ∃ m, {h} m = {g} n :=
  ⟨fun n => if n % 2 = 0 then {f} (n / 2) else {g} (n / 2), fun n => ⟨⟨2 * n, by grind⟩, ⟨2 * n + 1, by grind⟩⟩⟩"""
ALONG_PAIRS = """\
obtain ⟨{h}, hits⟩ : ∃ {h} : Nat → _, ∀ m n, ∃ k, {h} k = {f} m n :=
  ⟨fun n => {f} (unpair n).1 (unpair n).2, fun m n => ⟨pair (m, n), by simp only [hpair]⟩⟩"""
NUMBERED = {
    "Prod": """\
refine ⟨fun p => pair ({f} p.1, {g} p.2), fun x y e => ?_⟩
have := congrArg unpair e
simp only [hpair] at this
grind""",
    "Sum": """\
refine ⟨fun s => s.elim (fun x => 2 * {f} x) (fun y => 2 * {g} y + 1), fun x y e => ?_⟩
rcases x with x | x <;> rcases y with y | y <;> grind""",
}
LISTED = {
    "Prod": """\
refine ⟨fun n => ({f} (unpair n).1, {g} (unpair n).2), fun y => ?_⟩
obtain ⟨m, hm⟩ := {hf} y.1
obtain ⟨n, hn⟩ := {hg} y.2
exact ⟨pair (m, n), by simp only [hpair]; grind⟩""",
    "Sum": """\
refine ⟨fun n => if n % 2 = 0 then .inl ({f} (n / 2)) else .inr ({g} (n / 2)), fun y => ?_⟩
rcases y with y | y
· obtain ⟨x, rfl⟩ := {hf} y
  exact ⟨2 * x, by grind⟩
· obtain ⟨x, rfl⟩ := {hg} y
  exact ⟨2 * x + 1, by grind⟩""",
}
"""How `A × B` and `A ⊕ B` are numbered where A and B are by f and g, and listed where f and g list these."""
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
    yield from _composed(view)


def _composed(view: GoalView) -> Iterator[Weighted]:
    """Pairs and sums, by functions that number or list the parts."""
    match view.target:
        case Term("∃", (Term("→", (Term("Prod" | "Sum" as kind, parts), Term("Nat"))), _)):
            f, g = (_function(view, bare(part), Term("Nat")) for part in parts)
            text = NUMBERED[kind].format(f=f, g=g)
        case Term("∃", (Term("→", (Term("Nat"), Term("Prod" | "Sum" as kind, parts))), _)):
            f, g = (_function(view, Term("Nat"), bare(part)) for part in parts)
            hf, hg = (_onto(view, name) for name in (f, g))
            text = LISTED[kind].format(f=f, g=g, hf=hf, hg=hg) if hf and hg else ""
        case _:
            return
    if f and g and text:
        yield f"{PAIRING}\n{text}" if kind == "Prod" else text, 0.15


def _function(view: GoalView, domain: Term, codomain: Term) -> str:
    found = (f for f, given, result in function_variables(view) if given == [domain] and result == codomain)
    return next(found, "")


def _onto(view: GoalView, f: str) -> str:
    """Return the hypothesis `∀ y, ∃ x, f x = y`."""
    for fact in view.facts:
        match fact.term:
            case Term("∀", (_, Term("∃", (_, Term("=", (left, right)), *_), name=x)), name=y) if f:
                if left.argument_of(f) == Term(x, variable=True) and right.is_variable(y) and accessible(fact.name):
                    return fact.name
    return ""
