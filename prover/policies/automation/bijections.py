"""`∃ f : A → B` that is one to one, onto or both: bijections that the types give.

Types built from numbers, options, sums and pairs are numbered one by one, and f goes by way of the numbers. Between
other types a function and its inverse are what their types determine (`(A × B → C) → A → B → C`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from textwrap import indent

from prover.policies.scope import bare, fresh, function_variables
from prover.policies.terms import GoalView, Term, Weighted, literals
from prover.policies.texts import accessible, listed, type_text, written
from prover.policies.typed_functions import typed_functions

MOST_WAYS = 3  # in each direction
SHIFTS = 3
PROPERTIES = {"∀", "∃", "∧", "=", "↔", "→"}
INVERSES = "(∀ x, {g} ({f} x) = x) ∧ ∀ y, {f} ({g} y) = y"
PAIRS = """\
have twice : ∀ a b : Nat, 2 ^ (a + 1) * b = 2 * (2 ^ a * b) := fun a b => by
  rw [Nat.pow_succ, Nat.mul_comm (2 ^ a) 2, Nat.mul_assoc]
have apart : ∀ a b c d : Nat, 2 ^ a * (2 * b + 1) = 2 ^ c * (2 * d + 1) → a = c ∧ b = d := by
  intro a b c d h
  induction a generalizing c with
  | zero => cases c <;> simp only [twice, Nat.pow_zero] at h <;> omega
  | succ a ih =>
    cases c with
    | zero => simp only [twice, Nat.pow_zero] at h; omega
    | succ c => have := ih c (by simp only [twice] at h; omega); omega
have reached : ∀ n : Nat, 0 < n → ∃ a b, 2 ^ a * (2 * b + 1) = n := by
  intro n
  induction n using Nat.strongRecOn with
  | ind n ih =>
    intro h
    rcases Nat.mod_two_eq_zero_or_one n with h2 | h2
    · obtain ⟨a, b, hab⟩ := ih (n / 2) (by omega) (by omega)
      exact ⟨a + 1, b, by rw [twice]; omega⟩
    · exact ⟨0, n / 2, by omega⟩
have above : ∀ a b : Nat, 0 < 2 ^ a * (2 * b + 1) := fun a b => Nat.mul_pos (Nat.two_pow_pos a) (by omega)"""
"""Every positive number is `2 ^ a * (2 * b + 1)` for just one pair of a and b."""
PAIRING = f"""\
have pairing : ∃ (e : Nat × Nat → Nat) (d : Nat → Nat × Nat), (∀ x, d (e x) = x) ∧ ∀ n, e (d n) = n := by
{indent(PAIRS, "  ")}
  have each : ∀ n : Nat, ∃ p : Nat × Nat, 2 ^ p.1 * (2 * p.2 + 1) - 1 = n := fun n => by
    obtain ⟨a, b, h⟩ := reached (n + 1) (by omega)
    exact ⟨(a, b), by rw [h]; rfl⟩
  obtain ⟨d, hd⟩ := Classical.axiomOfChoice each
  refine ⟨fun p => 2 ^ p.1 * (2 * p.2 + 1) - 1, d, fun x => ?_, hd⟩
  have h := hd (2 ^ x.1 * (2 * x.2 + 1) - 1)
  have := apart _ _ _ _ (Nat.sub_one_cancel (above _ _) (above _ _) h)
  exact Prod.ext this.1 this.2
obtain ⟨pair, unpair, hpair, hunpair⟩ := pairing"""


def bijections(view: GoalView) -> Iterator[Weighted]:
    """A function with its inverse; that it is one to one and onto follows, and closes the goal."""
    match view.target:
        case Term("∃", (Term("→", (a, b)), body)) if b.head != "Sort" and _is_about_functions(view, body):
            with suppress(ValueError):
                f, g, there, back, one, onto = (
                    fresh(stem, view.variables) for stem in ("f", "g", "there", "back", "one", "onto")
                )
                types = (_type(view, a), _type(view, b))
                found = f"obtain ⟨{f}, {g}, {there}, {back}⟩ : ∃ (f : {types[0]} → {types[1]}) (g : {types[1]} → "
                found += f"{types[0]}), {INVERSES.format(f='f', g='g')}"
                follows = [
                    f"have {one} : ∀ x y, {f} x = {f} y → x = y := fun x y h => by rw [← {there} x, h, {there}]",
                    f"have {onto} : ∀ y, ∃ x, {f} x = y := fun y => ⟨{g} y, {back} y⟩",
                    _finish(view, f, g, there, back, one, onto),
                ]
                for lines, weight in (
                    (_by_numbers(view, a, b), 0.15),
                    (_by_types(view, a, b), 0.12),
                    (_by_inverse(view, a, b), 0.12),
                ):
                    if lines:
                        yield "\n".join([*lines[:-1], f"{found} := by", f"  {lines[-1]}", *follows]), weight


def _is_about_functions(view: GoalView, body: Term) -> bool:
    """Does it state a property of a function alone, such as `Bijective f` or `∀ x y, f x = f y → x = y`?"""
    return body.head in PROPERTIES or body.head in view.definitions


def _finish(view: GoalView, f: str, g: str, there: str, back: str, one: str, onto: str) -> str:
    injective = f"(by intro x y h; exact {one} x y h)"
    names = f" [{listed(view.cited)}]" if view.cited else ""
    ways = [
        f"exact ⟨{f}, And.intro {injective} {onto}⟩",
        f"exact ⟨{f}, {injective}⟩",
        f"exact ⟨{f}, {onto}⟩",
        f"exact ⟨{f}, {g}, {there}, {back}⟩",
        f"exact ⟨{f}, {g}, funext {there}, funext {back}⟩",
        f"exact ⟨{f}, by grind{names}⟩",
        f"exact ⟨{f}, {g}, by grind{names}⟩",
    ]
    return "first | " + " | ".join(ways)


def _by_numbers(view: GoalView, a: Term, b: Term) -> list[str]:
    """Return lines that number both types, and the bijection by way of the numbers."""
    lines: dict[Term, str] = {}
    i, j = (_numbered(view, type_, lines) for type_ in (a, b))
    if i is None or j is None or i == j:
        return []
    return [
        *([PAIRING] if any("unpair " in line for line in lines.values()) else []),
        *lines.values(),
        f"exact ⟨fun x => d{j} (e{i} x), fun y => d{i} (e{j} y), by simp [t{i}, b{j}], by simp [t{j}, b{i}]⟩",
    ]


def _numbered(view: GoalView, type_: Term, lines: dict[Term, str]) -> int | None:
    """Add lines that number a type by `e7` with the inverse `d7`, and return 7; None: it cannot be numbered."""
    if bare(type_) in lines:
        return list(lines).index(bare(type_))
    parts: list[int] = []
    for part in _components(type_):
        number = _numbered(view, part, lines)
        if number is None:
            return None
        parts.append(number)
    codes = _codes(view, type_, *parts)
    if not codes:
        return None
    ways = [f"exact ⟨fun x => {e}, fun n => {d}, fun x => by {there}, fun n => by grind⟩" for e, d, there in codes]
    number, text = len(lines), _type(view, type_)
    lines[bare(type_)] = (
        f"obtain ⟨e{number}, d{number}, t{number}, b{number}⟩ : ∃ (e : {text} → Nat) (d : Nat → {text}), "
        f"{INVERSES.format(f='e', g='d')} := by first | {' | '.join(ways)}"
    )
    return number


def _components(type_: Term) -> tuple[Term, ...]:
    match type_:
        case Term("Prod", (Term("Bool"), part)) | Term("Prod", (part, Term("Bool"))) | Term("Option", (part,)):
            return (part,)
        case Term("Sum", (Term("Unit" | "PUnit"), part)) | Term("Sum", (part, Term("Unit" | "PUnit"))):
            return (part,)
        case Term("Sum" | "Prod", (left, right)):
            return (left, right)
        case _:
            return ()


def _codes(view: GoalView, type_: Term, *parts: int) -> list[tuple[str, str, str]]:
    """Return ways to number the type: the number of x, the element of number n, and why that is x again."""
    i, j = (*parts, *parts, 0, 0)[:2]
    cases = "cases x <;> grind"
    match type_:
        case Term("Nat"):
            return [("x", "n", "rfl")]
        case Term("Int"):
            whole = "if 0 ≤ x then 2 * x.toNat else 2 * (-x).toNat - 1"
            return [(whole, "if n % 2 = 0 then n / 2 else -((n + 1) / 2)", "grind")]
        case Term("Option"):
            return [(f"x.elim 0 (fun y => e{i} y + 1)", f"if n = 0 then none else some (d{i} (n - 1))", cases)]
        case Term("Sum", (Term("Unit" | "PUnit"), _)):
            return [(f"x.elim (fun _ => 0) (fun y => e{i} y + 1)",
                     f"if n = 0 then .inl () else .inr (d{i} (n - 1))", cases)]  # fmt: skip
        case Term("Sum", (_, Term("Unit" | "PUnit"))):
            return [(f"x.elim (fun y => e{i} y + 1) (fun _ => 0)",
                     f"if n = 0 then .inr () else .inl (d{i} (n - 1))", cases)]  # fmt: skip
        case Term("Sum"):
            halves = f"x.elim (fun y => 2 * e{i} y) (fun y => 2 * e{j} y + 1)"
            return [(halves, f"if n % 2 = 0 then .inl (d{i} (n / 2)) else .inr (d{j} (n / 2))", cases)]
        case Term("Prod", (Term("Bool"), _)):
            return [
                (
                    f"2 * e{i} x.2 + (if x.1 then 1 else 0)",
                    f"(n % 2 == 1, d{i} (n / 2))",
                    "rcases x with ⟨_ | _, _⟩ <;> grind",
                )
            ]
        case Term("Prod", (_, Term("Bool"))):
            return [
                (
                    f"2 * e{i} x.1 + (if x.2 then 1 else 0)",
                    f"(d{i} (n / 2), n % 2 == 1)",
                    "rcases x with ⟨_, _ | _⟩ <;> grind",
                )
            ]
        case Term("Prod"):
            components = f"(d{i} (unpair n).1, d{j} (unpair n).2)"
            return [(f"pair (e{i} x.1, e{j} x.2)", components, f"simp [hpair, t{i}, t{j}]")]
        case Term("Subtype", (Term("Nat"), condition)):
            steps = [(m, r) for m in literals([condition]) if m > 1 for r in (*literals([condition]), 0) if r < m]
            steps += [(1, r) for r in dict.fromkeys([*literals([condition]), *range(SHIFTS)])]
            return [(f"(x.1 - {r}) / {m}", f"⟨{m} * n + {r}, by grind⟩", "grind") for m, r in dict.fromkeys(steps)]
        case _:
            return []


def _by_types(view: GoalView, a: Term, b: Term) -> list[str]:
    """Return a line that gives a function and its inverse as their types say."""
    holds = "fun x => by first | rfl | grind | (funext; grind) | (funext; simp)"
    pairs = [*_decided(a, b), *itertools.product(_typed(view, a, b), _typed(view, b, a))]
    ways = [f"exact ⟨{f}, {g}, {holds}, {holds}⟩" for f, g in pairs]
    return [f"first | {' | '.join(ways)}"] if ways else []


def _by_inverse(view: GoalView, a: Term, b: Term) -> list[str]:
    """Return lines that turn a function `B → A` around, one to one and onto by the hypotheses."""
    for f, given, result in function_variables(view):
        if given == [bare(b)] and result == bare(a):
            for fact in view.facts:
                match fact.term:
                    case Term("∀", (_, Term("∃", (_, Term("=", (left, right))))), name=y) if right.is_variable(y):
                        if left.argument_of(f) is not None and accessible(fact.name):
                            choice = f"obtain ⟨c, hc⟩ := Classical.axiomOfChoice {fact.name}"
                            return [choice, f"exact ⟨c, {f}, hc, fun y => by grind⟩"]
    return []


def _decided(a: Term, b: Term) -> Iterator[tuple[str, str]]:
    """Predicates are functions to Bool: to decide is classical."""
    ends = ("@decide (p x) (Classical.propDecidable _)", "(p x = true)")
    match bare(a), bare(b):
        case Term("→", (domain, Term("Sort"))), Term("→", (same, Term("Bool"))) if domain == same:
            yield f"fun p x => {ends[0]}", f"fun p x => {ends[1]}"
        case Term("→", (domain, Term("Bool"))), Term("→", (same, Term("Sort"))) if domain == same:
            yield f"fun p x => {ends[1]}", f"fun p x => {ends[0]}"


def _typed(view: GoalView, a: Term, b: Term) -> list[str]:
    return typed_functions(view, Term("→", (a, b)), MOST_WAYS)


def _type(view: GoalView, type_: Term) -> str:
    """Return the text of a type, which may be a function type or a subtype."""
    match type_:
        case Term("→", (a, b)):
            return f"({_type(view, a)} → {_type(view, b)})"
        case Term("Sort"):
            return "Prop"
        case Term("Sum" | "Prod" | "Option", parts):
            return f"({' '.join([type_.head, *(_type(view, part) for part in parts)])})"
        case Term("Subtype", (domain, Term("λ", (_, body), name=x))):
            inner = replace(view, variables={**view.variables, x: domain})
            return f"{{{x} : {_type(view, domain)} // {written(inner, body)}}}"
        case _:
            return type_text(type_)
