"""Bounded properties have a greatest element, and so have bounded sequences a greatest value.

The dual of least numbers, stated once and proved by induction on the bound. Sequences of natural numbers have a least
value without any bound. Monotone ones get there and stay there.
"""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.automation.existence import LEAST
from prover.policies.automation.iteration import laws
from prover.policies.scope import fresh, function_variables
from prover.policies.terms import Fact, GoalView, Term, Weighted, put
from prover.policies.texts import accessible

MOST_SEQUENCES = 2
GREATEST = """\
have greatest : ∀ (b : Nat) (q : Nat → Prop), (∃ n, q n) → (∀ n, q n → n ≤ b) → ∃ n, q n ∧ ∀ m, q m → m ≤ n := by
  intro b q hq hb
  induction b with
  | zero => exact hq.elim fun n hn => ⟨n, hn, fun m hm => Nat.le_trans (hb m hm) (Nat.zero_le n)⟩
  | succ b ih =>
    by_cases hs : q (b + 1)
    · exact ⟨b + 1, hs, hb⟩
    · exact ih fun n hn => Nat.le_of_lt_succ (Nat.lt_of_le_of_ne (hb n hn) fun he => by subst he; exact hs hn)"""


def bounded(view: GoalView) -> Iterator[Weighted]:
    """Greatest elements of the hypotheses' properties, extreme values of sequences."""
    yield from _of_properties(view)
    yield from _of_sequences(view)


def _of_properties(view: GoalView) -> Iterator[Weighted]:
    for fact in view.facts:
        match fact.term:
            case Term(
                "∀",
                (Term("Nat"), Term("→", (claim, Term("≤" | "<" as relation, (Term(variable=True) as x, limit))))),
                name=n,
            ) if accessible(fact.name) and x.head == n and n not in limit.variables:
                above = fact.name if relation == "≤" else f"(fun n hn => Nat.le_of_lt ({fact.name} n hn))"
                for some in _some(view, n, claim):
                    name = fresh("top", view.variables)
                    found = f"obtain ⟨{name}, h_{name}, {name}_is_greatest⟩ := greatest _ _ {some} {above}"
                    yield f"{GREATEST}\nexact greatest _ _ {some} {above}", 0.10
                    yield f"{GREATEST}\n{found}\nclear greatest\ngrind", 0.06
                    yield f"{GREATEST}\n{found}\nclear greatest", 0.01


def _some(view: GoalView, n: str, claim: Term) -> Iterator[str]:
    """Yield proofs that some number has the property."""
    names = [x for x, kind in view.numbers.items() if kind == "Nat" and accessible(x)]
    at_names = {put(claim, n, Term(x, variable=True)): x for x in names}
    for fact in view.facts:
        match fact.term:
            case Term("∃", (Term("Nat"), body), name=x) if put(body, x, Term(n, variable=True)) == claim:
                yield fact.name
            case term if term in at_names:
                yield f"⟨{at_names[term]}, {fact.name}⟩"
    known = {fact.term for fact in view.facts}
    if claim.head == "∧":  # facts are the parts of conjunctions
        yield from (f"⟨{x}, by grind⟩" for x in names if put(claim.args[0], n, Term(x, variable=True)) in known)


def _of_sequences(view: GoalView) -> Iterator[Weighted]:
    """Sequences with a bound, and all of natural numbers: the place where the extreme value is."""
    monotone = list(laws(view))
    for f, arguments, result in list(function_variables(view))[:MOST_SEQUENCES]:
        if len(arguments) != 1 or result.head != "Nat":
            continue
        x = "0" if arguments[0].head == "Nat" else _element(view, arguments[0])
        if not x:
            continue
        place = fresh("place", view.variables)
        values = f"(fun v => ∃ n, {f} n = v) ⟨_, {x}, rfl⟩"
        bound = next(filter(None, (_bound(fact, f) for fact in view.facts)), "")
        lemma, claim = LEAST, f"{f} {place} ≤ {f} n"
        found = f"least {values}"
        if bound:
            lemma, claim = GREATEST, f"{f} n ≤ {f} {place}"
            found = f"greatest _ {values} (fun _ ⟨n, hn⟩ => hn ▸ {bound})"
        lines = [
            *(line for law in monotone for line in law.lines),
            f"have ⟨{place}, extreme⟩ : ∃ {place}, ∀ n, {claim} := by",
            *(f"  {line}" for line in lemma.splitlines()),
            f"  obtain ⟨_, ⟨{place}, rfl⟩, extreme⟩ := {found}",
            f"  exact ⟨{place}, fun n => extreme _ ⟨n, rfl⟩⟩",
        ]
        forgotten = [f"clear {law.step}" for law in monotone]
        further = [f"have := extreme ({place} + 1)"] if arguments[0].head == "Nat" else []
        witness = f"first | exact ⟨{place}, extreme⟩ | exact ⟨{place}, by grind⟩ | grind"
        yield "\n".join([*lines, *forgotten, *further, witness]), _weight(view, bound, bool(monotone))


def _weight(view: GoalView, bound: str, monotone: bool) -> float:
    if view.target.head not in {"∃", "False"}:
        return 0.01
    if bound and monotone:
        return 0.25
    return 0.08 if bound else 0.03


def _element(view: GoalView, type_: Term) -> str:
    return next((name for name, kind in view.variables.items() if kind == type_ and accessible(name)), "")


def _bound(fact: Fact, f: str) -> str:
    """Return a proof that `f n` is at most some number, if that is what the hypothesis says."""
    match fact.term:
        case Term("∀", (_, Term("≤" | "<" as relation, (left, limit))), name=n) if accessible(fact.name):
            argument = left.argument_of(f)
            if argument is not None and argument.is_variable(n) and n not in limit.variables:
                return f"{fact.name} n" if relation == "≤" else f"Nat.le_of_lt ({fact.name} n)"
    return ""
