"""A number above 1 is a product of two smaller ones, or its only divisors are 1 and itself.

Either case settles the claim, perhaps by strong induction: what holds of both factors is put together.
"""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.scope import fresh
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, defined, listed

SPLIT = """\
have split : (∃ a b, 1 < a ∧ 1 < b ∧ a < {n} ∧ b < {n} ∧ {n} = a * b) ∨ ∀ {d}, {d} ∣ {n} → {d} = 1 ∨ {d} = {n} := by
  refine Classical.or_iff_not_imp_left.mpr fun none {d} ⟨{e}, he⟩ => Classical.byContradiction fun hne => ?_
  refine none ⟨{d}, {e}, ?_⟩
  have : {d} ≠ 0 := by rintro rfl; simp at he; omega
  have : {e} ≠ 0 := by rintro rfl; simp at he; omega
  have : {e} ≠ 1 := by rintro rfl; simp at he; omega
  have := Nat.mul_le_mul_left {d} (by omega : 2 ≤ {e})
  have := Nat.mul_le_mul_right {e} (by omega : 2 ≤ {d})
  omega
rcases split with ⟨{d}, {e}, h_{d}, h_{e}, lt_{d}, lt_{e}, h_eq⟩ | prime"""
CASES = """\
{split}
· have left : {d} ∣ {n} := ⟨{e}, h_eq⟩
  have right : {e} ∣ {n} := ⟨{d}, by rw [h_eq, Nat.mul_comm]⟩
  first | grind [{names}] | {ways}
· grind [{names}]"""
LISTS = """\
{laws}
induction {n} using Nat.strongRecOn with
| ind {n} ih =>
  by_cases one : {n} = 1
  · exact ⟨[], by grind [{names}]⟩
{split}
  · obtain ⟨u, hu⟩ := ih {d} lt_{d}{premises}
    obtain ⟨v, hv⟩ := ih {e} lt_{e}{premises}
    exact ⟨u ++ v, by grind⟩
  · exact ⟨[{n}], by grind [{names}]⟩"""
WAYS = ("⟨{d}, {e}, by grind⟩", "⟨{d}, by grind⟩", "Or.inr ⟨{d}, {e}, by grind⟩", "Or.inr ⟨{d}, by grind⟩")


def factoring(view: GoalView) -> Iterator[Weighted]:
    """Claims about a number that is prime or has factors."""
    names = listed(view.cited)
    taken = [*view.variables, *(fact.name for fact in view.facts)]
    d = fresh("d", taken)
    e = fresh("e", [*taken, d])
    for n in _subjects(view):
        split = SPLIT.format(n=n, d=d, e=e)
        match view.target:
            case Term("∃", (Term("List", (Term("Nat"),)), _)):
                about = [fact for fact in view.facts if n in fact.term.variables]
                laws = "\n".join(_product_laws(view, names))
                inside = "\n".join(f"  {line}" for line in split.splitlines())
                given = " (by omega)" * len(about)
                yield LISTS.format(laws=laws, n=n, d=d, e=e, names=names, split=inside, premises=given).lstrip(), 0.20
            case _:
                ways = " | ".join(f"exact {way.format(d=d, e=e)}" for way in WAYS)
                yield CASES.format(split=split, n=n, d=d, e=e, names=names, ways=ways), 0.12


def _subjects(view: GoalView) -> Iterator[str]:
    """Yield the numbers that are said to be prime or not, or to be a product."""
    predicates = {each.name for each in view.header.signatures if each.arguments == ("Nat",) and each.result == "Prop"}
    inner = any(part.head in predicates or _is_about_divisors(part) for part in view.target)
    denied = [
        part.args[0].head
        for term in (view.target, *(fact.term for fact in view.facts if fact.term.head == "¬"))
        for part in term
        if part.head in predicates and part.args[0].variable
    ]
    named = [name for name, kind in view.numbers.items() if kind == "Nat" and accessible(name)]
    found = [name for name in named if name in denied]
    if not found and inner and view.target.head in {"∃", "∨"}:
        found = named[:1]
    yield from found[:1]


def _is_about_divisors(term: Term) -> bool:
    match term:
        case Term("∀", (Term("Nat"), Term("→", (Term("∣"), _)))):
            return True
        case _:
            return False


def _product_laws(view: GoalView, names: str) -> Iterator[str]:
    """Yield what the header's functions from lists to numbers make of lists that are put together."""
    for number, each in enumerate(view.header.signatures):
        if each.arguments == ("List Nat",) and each.result == "Nat" and each.name in view.definitions:
            f = defined(each.name)
            yield f"have law_{number} : ∀ x y, {f} (x ++ y) = {f} x * {f} y := by"
            yield f"  intro x y\n  induction x <;> simp_all [{names}] <;> grind"
