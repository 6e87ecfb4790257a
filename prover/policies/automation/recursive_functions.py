"""`∃ f : Nat → α, f 0 = a ∧ ∀ n, R (f n) (f (n + 1))`: f by recursion.

An equation `f (n + 1) = …` says how to go on, and so does one of `f (n + 2)` for pairs; else a hypothesis
`∀ x, ∃ y, R x y` has a choice function (dependent choice), among the elements of which a hypothesis speaks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from prover.policies.scope import bare, fresh
from prover.policies.terms import Fact, GoalView, Term, Weighted, put
from prover.policies.texts import accessible, type_text, written

MOST_STARTS = 3


def recursive_functions(view: GoalView) -> Iterator[Weighted]:
    """Witnesses by recursion, for functions of natural numbers."""
    match view.target:
        case Term("∃", (Term("→", (Term("Nat"), result)), body), name=name) if result.head not in {"→", "Sort"}:
            with suppress(ValueError):
                yield from _by_equations(view, name, result, body)
            yield from _by_choice(view, name, result, body)


def _by_equations(view: GoalView, name: str, result: Term, body: Term) -> Iterator[Weighted]:
    parts = list(body.joined_by("∧"))
    starts = {argument.number: value for argument, value in _values(parts, name)}
    for part in parts:
        match part:
            case Term("∀", (Term("Nat"), Term("=", (left, right))), name=n):
                argument = left.argument_of(name)
                step = _after(argument, n)
                rest = ", ".join("rfl" if other.head != "∀" else "fun _ => rfl" for other in parts)
                if step == 1 and 0 in starts:
                    start, following = (_rewritten(view, side, name, n) for side in (starts[0], right))
                    yield f"exact ⟨fun k => Nat.rec {start} (fun {n} old => {following}) k, {rest}⟩", 0.5
                elif step == 2 and {0, 1} <= set(starts):
                    pair = ", ".join(_rewritten(view, starts[place], name, n) for place in (0, 1))
                    following = _rewritten(view, right, name, n, old="p.1", last="p.2")
                    type_ = type_text(result)
                    recursion = f"Nat.rec ({pair}) (fun {n} p => (p.2, {following})) k"
                    yield f"exact ⟨fun k => ({recursion} : {type_} × {type_}).1, {rest}⟩", 0.5


def _rewritten(view: GoalView, term: Term, name: str, n: str, old: str = "old", last: str = "") -> str:
    """Return the text of a term with names for the function's last values."""
    at_n, after = Term("apply", (Term(name, variable=True), Term(n, variable=True))), Term(last, variable=True)
    known = replace(view, variables={**view.variables, n: Term("Nat"), old: Term("?"), last: Term("?")})

    def changed(part: Term) -> Term:
        if part == at_n:
            return Term(old, variable=True)
        if last and _after(part.argument_of(name), n) == 1:
            return after
        return replace(part, args=tuple(map(changed, part.args))) if part.args else part

    return written(known, changed(term))


def _values(parts: list[Term], name: str) -> Iterator[tuple[Term, Term]]:
    for part in parts:
        if part.head == "=":
            argument = part.args[0].argument_of(name)
            if argument is not None:
                yield argument, part.args[1]


def _after(argument: Term | None, n: str) -> int | None:
    """Return k for `n + k`."""
    match argument:
        case Term("+", (Term(variable=True, head=base), Term(number=int() as k))) if base == n:
            return k
        case _:
            return None


def _by_choice(view: GoalView, name: str, result: Term, body: Term) -> Iterator[Weighted]:
    given = [value for argument, value in _values(list(body.joined_by("∧")), name) if argument.number == 0]
    if given:
        starts = [start.head for start in given if start.variable]
    else:
        starts = [x for x, kind in view.variables.items() if bare(kind) == bare(result) and accessible(x)]
    g = fresh("next", view.variables)
    beginnings = [*starts[:MOST_STARTS], *([f"({g} 0)"] if result.head == "Nat" and not given else [])]
    for fact in view.facts:
        match fact.term:
            case Term("∀", (domain, Term("∃"))) if bare(domain) == bare(result) and accessible(fact.name):
                for start in beginnings:
                    chosen = f"obtain ⟨{g}, h_{g}⟩ := Classical.axiomOfChoice {fact.name}"
                    witness = f"fun n => Nat.rec {start} (fun _ x => {g} x) n"
                    yield f"{chosen}\nrefine ⟨{witness}, ?_⟩\n{_finish(f'h_{g} _')}", 0.20
            case Term("∀", (domain, Term("→", (premise, Term("∃", (_, _)))))) if bare(domain) == bare(result):
                with suppress(ValueError):
                    yield from _within(view, fact, premise, starts[:MOST_STARTS])


def _within(view: GoalView, fact: Fact, premise: Term, starts: list[str]) -> Iterator[Weighted]:
    """Where every x with a property has a next one with it: the elements of that property have a choice function."""
    x, following = fact.term.name, fact.term.args[1].args[1]
    known = replace(view, variables={**view.variables, x: Term("?")})
    kept = written(known, premise)
    domain = type_text(fact.term.args[0])
    y, claim = following.name, following.args[1]
    parts = [put(part, y, Term("y.1", variable=True)) for part in claim.joined_by("∧")]
    named = replace(view, variables={**view.variables, "x.1": Term("?"), "y.1": Term("?")})
    claims = " ∧ ".join(written(named, put(part, x, Term("x.1", variable=True))) for part in parts)
    among = f"{{{x} : {domain} // {kept}}}"
    for start in starts:
        first = [f.name for f in view.facts if f.term == put(premise, x, Term(start, variable=True))]
        if first and accessible(fact.name):
            lines = [
                f"have serial : ∀ x : {among}, ∃ y : {among}, {claims} := by",
                "  rintro ⟨x, hx⟩",
                f"  obtain ⟨y, hy⟩ := {fact.name} x hx",
                "  exact ⟨⟨y, by grind⟩, by grind⟩",
                "obtain ⟨g, hg⟩ := Classical.axiomOfChoice serial",
                f"refine ⟨fun n => (Nat.rec ⟨{start}, {first[0]}⟩ (fun _ x => g x) n : {among}).1, ?_⟩",
                _finish("hg _"),
            ]
            yield "\n".join(lines), 0.15


def _finish(step: str) -> str:
    """Every part of the claim holds by definition, or is what the choice function promises."""
    promised = [step, f"({step}).1", f"({step}).2"]
    each = " | ".join(["rfl", *(f"exact fun _ => {proof}" for proof in promised), "exact fun _ => Subtype.property _"])
    at_each = " | ".join(f"exact {proof}" for proof in promised)
    return f"repeat' apply And.intro\nall_goals first | {each} | (intro n; cases n <;> first | {at_each}) | grind"
