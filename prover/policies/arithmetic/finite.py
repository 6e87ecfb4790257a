"""Bounded variables: all cases at once, by evaluation in the kernel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from prover.policies.arithmetic.bounds import bound_of, bound_proof
from prover.policies.arithmetic.divisors import MOST_DIVISOR, divisibilities, divisor_lemma
from prover.policies.terms import EVALUATED, FALSE, Fact, GoalView, Term, Weighted, evaluate, show, showable

MOST_CASES = 40_000  # evaluations in one `decide`
MOST_VALUES = 2_500  # of one variable: Lean's recursion depth


def finite(view: GoalView) -> Iterator[Weighted]:
    """Bounded variables: check every value in the kernel. Also from the negated goal, which may bound them."""
    yield from _finite(view, view.target, [])
    match view.target:
        case Term("≤" | "<" | "=" | "≠" | "∨") if view.numbers:
            hypothesis = Fact("hcontra", Term.negation(view.target))
            for tactic, weight in _finite(view, FALSE, [hypothesis]):
                yield f"refine Classical.byContradiction fun hcontra => ?_\n{tactic}", weight / 2


@dataclass(frozen=True, slots=True)
class Domain:
    """The values a variable can have: how to write them as a list, and what proves membership."""

    values: Sequence[int]
    listed: str
    membership: str
    lines: tuple[str, ...] = ()


def _finite(view: GoalView, target: Term, more: list[Fact]) -> Iterator[Weighted]:
    known = {name for name, kind in view.numbers.items() if kind in {"Nat", "Int"}}
    facts = showable([f for f in [*view.facts, *more] if f.term.variables and decidable(f.term, known)])
    if not decidable(target, known):
        return
    occurring = set().union(target.variables, *(fact.term.variables for fact in facts))
    names = [name for name in view.numbers if name in occurring]
    if not names or len(names) > 4:
        return
    domains: dict[str, Domain] = {}
    for name in names:
        domain = _domain(view, name, facts)
        if domain is None:
            return
        domains[name] = domain
    order, cases = _order(facts, domains)
    if cases > MOST_CASES:
        return
    binders: dict[str, tuple[str, str]] = {}
    lines = list(dict.fromkeys(line for name in order for line in domains[name].lines))
    lines.sort(key=lambda line: line.startswith("obtain"))  # first all bounds, then the variables are replaced
    for name in order:
        binders[name] = (name, name)
        if view.numbers[name] == "Int":
            low = domains[name].values[0]
            binders[name] = (f"k_{name}", f"({low} + (k_{name} : Int))")
    try:
        statement, arguments = _all_cases(facts, order, domains, binders, target)
    except ValueError:
        return
    lines += [
        f"have key : ({statement}) = true := by decide +kernel",
        "simp only [List.all_eq_true, List.mem_filter, List.mem_range, decide_eq_true_eq] at key",
        f"exact key {arguments}",
    ]
    yield "\n".join(lines), 0.12 if cases < 3000 else 0.05


def _domain(view: GoalView, name: str, facts: Sequence[Fact]) -> Domain | None:
    for divisor, value, proof in divisibilities(facts):
        if divisor == name and 1 < value <= MOST_DIVISOR:
            values = [d for d in range(1, value + 1) if value % d == 0]
            listed = f"[{', '.join(map(str, values))}]"
            proofs = (divisor_lemma(value, listed), f"have hm_{name} := divisors_{value} {name} {proof}")
            return Domain(values, listed, f"hm_{name}", proofs)
    low, high = bound_of(name, facts)
    low = 0 if view.numbers[name] == "Nat" else -high if low is None else low
    if high < low or high - low > MOST_VALUES:
        return None
    lines: tuple[str, ...] = (f"have hb_{name} : {name} ≤ {high} := by {bound_proof(name, facts)}",)
    if view.numbers[name] == "Int":
        shifted = f"∃ k_{name} : Nat, {name} = {low} + (k_{name} : Int)"
        if low < 0 and not any(_bounds_from_below(f.term, name) for f in facts):
            lines = (*lines, f"have hl_{name} : {low} ≤ {name} := by {bound_proof(name, facts)}")
        lines = (*lines, f"obtain ⟨k_{name}, rfl⟩ : {shifted} := ⟨({name} - ({low})).toNat, by omega⟩")
    return Domain(range(low, high + 1), f"(List.range {high - low + 1})", "(by omega)", lines)


def _bounds_from_below(term: Term, name: str) -> bool:
    match term:
        case Term("≤" | "<", (_, larger)):
            return larger.is_variable(name)
        case _:
            return False


def _all_cases(
    facts: Sequence[Fact],
    order: Sequence[str],
    domains: dict[str, Domain],
    binders: dict[str, tuple[str, str]],
    target: Term,
) -> tuple[str, str]:
    """Return a Boolean that says the target holds in all cases, and how to apply what it proves.

    Facts about the first variables alone filter their values before the others are looked at.
    """
    opening, left = "", list(facts)
    arguments: list[str] = []
    for i, name in enumerate(order):
        variable, domain = binders[name][0], domains[name]
        known = set(order[: i + 1])
        now = [f for f in left if f.term.variables <= known]
        if i < len(order) - 1 and now:
            left = [f for f in left if f not in now]
            conditions = " ∧ ".join(_with(f.term, binders) for f in now)
            opening += (
                f"({domain.listed}.filter fun ({variable} : Nat) => decide ({conditions})).all fun {variable} => "
            )
            arguments.append(f"{variable} ⟨{domain.membership}, {', '.join(f.name for f in now)}⟩")
        else:
            opening += f"{domain.listed}.all fun ({variable} : Nat) => "
            arguments.append(f"{variable} {domain.membership}")
    goal = "False" if target == FALSE else _with(target, binders)
    if left:
        goal = f"{' ∧ '.join(_with(f.term, binders) for f in left)} → {goal}"
        arguments.append(f"⟨{', '.join(f.name for f in left)}⟩" if len(left) > 1 else left[0].name)
    return f"{opening}decide ({goal})", " ".join(arguments)


def _order(facts: Sequence[Fact], domains: dict[str, Domain]) -> tuple[list[str], int]:
    """Return an order in which facts prune early, and how many cases are looked at then."""
    order: list[str] = []
    rows: list[dict[str, int]] = [{}]
    total = 0
    while len(order) < len(domains):

        def usefulness(name: str) -> tuple[bool, int]:
            known = {*order, name}
            return not any(name in f.term.variables <= known for f in facts), len(domains[name].values)

        name = min((n for n in domains if n not in order), key=usefulness)
        order.append(name)
        total += len(rows) * len(domains[name].values)
        if total > MOST_CASES:
            return order, total
        now = [f.term for f in facts if name in f.term.variables <= set(order)]
        rows = [
            {**row, name: value}
            for row in rows
            for value in domains[name].values
            if all(evaluate(term, {**row, name: value}) is not False for term in now)
        ]
    return order, total


def _with(term: Term, binders: dict[str, tuple[str, str]]) -> str:
    """Show a term with variables replaced."""
    if term.variable and term.head in binders:
        return binders[term.head][1]
    if not term.args:
        return show(term)
    inner = tuple(Term(_with(arg, binders), variable=True) for arg in term.args)
    return show(replace(term, args=inner))


def decidable(term: Term, names: Iterable[str]) -> bool:
    """Can Lean decide it once these variables are numbers? Functions of numbers count as computable."""
    if term.number is not None:
        return True
    if term.variable:
        return term.head in names
    if term.head in EVALUATED or (term.head[:1].isalpha() and term.args and "Prime" not in term.head):
        return all(decidable(arg, names) for arg in term.args)
    return term == FALSE
