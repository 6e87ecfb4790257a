"""`∃ w, P n w` by induction: the witness of a case comes from the one of the hypothesis, or is what the case adds.

Largest elements, bounds, square roots: suppose that there is none; then it is not the old one, nor the old one and 1,
nor the new element. With a number d in the goal, the hypothesis is the one for n / d or n - d (powers, sums of coins).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from prover.policies.scope import bare, fresh, function_variables, several_fresh
from prover.policies.terms import GoalView, Term, Weighted, literals, put
from prover.policies.texts import accessible, listed, written

MOST_VARIABLES = 2
MOST_STEPS = 3
MOST_DENIED = 25
MOST_STEP = 100
NUMBERS = {"Nat", "Int"}


class Case(NamedTuple):
    """A case of an induction, what it adds, and what its hypothesis is about."""

    pattern: str
    adds: str = ""
    smaller: str = ""


class Smaller(NamedTuple):
    """A smaller number, when its witness helps, and what x is then."""

    text: str
    when: str
    whole: str


CASES = {
    "Nat": (Case("| zero =>"), Case("| succ {x} ih =>", "{x}", "{x}")),
    "List": (Case("| nil =>"), Case("| cons head tail ih =>", "head", "tail")),
}


def inductive_existence(view: GoalView) -> Iterator[Weighted]:
    """Induction on a number or list, with witnesses made of those of the hypothesis."""
    domains = _domains(view.target)
    if not domains or any(domain.head in {"→", "Sort"} for domain in domains):
        return
    occurring = view.target.variables
    variables = [name for name, kind in view.variables.items() if kind.head in CASES and accessible(name)]
    variables.sort(key=lambda name: (name not in occurring, view.variables[name].head != "List"))
    for place, x in enumerate(variables[:MOST_VARIABLES]):
        with suppress(ValueError):  # a hypothesis about x cannot be written
            yield _by_cases(view, x, domains), 0.06 * 0.6**place
            if view.variables[x].head == "Nat" and x in occurring:
                powers = any(part.head == "^" and part.args[0].number for part in view.target)
                for smaller in itertools.islice(_smaller(view, x), MOST_STEPS):
                    likely = powers and "/" in smaller.text  # d ^ k for n is d times that for n / d
                    yield _from_smaller(view, x, smaller, domains), (0.15 if likely else 0.04) * 0.6**place


def _domains(term: Term) -> list[Term]:
    domains = []
    while term.head == "∃" and term.args:
        domains.append(bare(term.args[0]))
        term = term.args[1]
    return domains


def _by_cases(view: GoalView, x: str, domains: Sequence[Term]) -> str:
    base, step = CASES[view.variables[x].head]
    old = several_fresh("w", len(domains), view.variables)
    new = step.adds.format(x=x)
    given = [_given(view, x, domain) for domain in domains]
    added = [_added(view, x, new, domain) + others for domain, others in zip(domains, given, strict=True)]
    further = [_from(name, domain) for name, domain in zip(old, domains, strict=True)]
    with_old = [
        olds + [_sum(olds[0], text) for text in texts[:1] if domain.head in NUMBERS and text != x] + texts
        for domain, olds, texts in zip(domains, further, added, strict=True)
    ]
    premises = _premises(view, x, step.smaller.format(x=x))
    lines = [_opened(old, "ih", _parts(len(premises))), *_compared(view, old, domains, new), *_denied(view, with_old)]
    if premises:
        lines = [f"by_cases hp : {' ∧ '.join(premises)}", *_bullet(lines), *_bullet(_denied(view, added))]
    blocks = [base.pattern, *_indented(_denied(view, given)), step.pattern.format(x=x), *_indented(lines)]
    return "\n".join([f"induction {x} with", *blocks])


def _sum(old: str, new: str) -> str:
    """Return what is no less than either, and more than both where the new one is an element."""
    return f"({old} + {new})" if " " in new else f"({old} + {new} + 1)"


def _compared(view: GoalView, old: Sequence[str], domains: Sequence[Term], new: str) -> Iterator[str]:
    """Yield that the old witness and the new element are comparable, where any two elements are."""
    for fact in view.facts:
        match fact.term:
            case Term("∀", (domain, Term("∀", (_, Term("∨"))))) if accessible(fact.name):
                for w, kind in zip(old, domains, strict=True):
                    if kind == bare(domain):
                        yield f"try have := {fact.name} {w} {new}"


def _opened(names: Sequence[str], hypothesis: str, premises: Sequence[str]) -> str:
    return f"obtain ⟨{', '.join(names)}, h_{names[0]}⟩ := {' '.join([hypothesis, *premises])}"


def _parts(number: int) -> list[str]:
    """Return how to write each of so many statements, of whose conjunction `hp` is a proof."""
    return [f"hp{'.2' * place}{'.1' * (place < number - 1)}" for place in range(number)]


def _premises(view: GoalView, x: str, smaller: str) -> list[str]:
    """Return the hypotheses about x, of a smaller one: the premises of the induction's hypothesis."""
    about = [fact.term for fact in view.facts if x in fact.term.variables]
    return [written(_with(view, smaller), put(term, x, Term(smaller, variable=True))) for term in about]


def _with(view: GoalView, name: str) -> GoalView:
    return replace(view, variables={**view.variables, name: Term("?")})


def _given(view: GoalView, x: str, domain: Term) -> list[str]:
    """Return what is at hand in every case."""
    start = {"Nat": ["0"], "Int": ["0"], "List": ["[]"]}.get(domain.head, [])
    return start + [name for name, kind in view.variables.items() if name != x and bare(kind) == domain]


def _added(view: GoalView, x: str, new: str, domain: Term) -> list[str]:
    """Return what the step adds: what a function says of the new element, the element, and the next number."""
    kind = view.variables[x]
    element = bare(kind.args[0]) if kind.head == "List" else bare(kind)
    found = [f"({f} {new})" for f, given, result in function_variables(view) if given == [element] and result == domain]
    if element == domain:
        found += [new, f"({new} + 1)"] if kind.head == "Nat" else [new]
    return [*found, "tail"] if bare(kind) == domain and kind.head == "List" else found


def _from(name: str, domain: Term) -> list[str]:
    if domain.head in NUMBERS:
        return [name, f"({name} + 1)"]
    return [name, f"(head :: {name})"] if domain.head == "List" else [name]


def _denied(view: GoalView, choices: Sequence[Sequence[str]]) -> list[str]:
    """Lines that suppose that there is no witness, in particular none of these."""
    given = [" ".join(texts) for texts in itertools.islice(itertools.product(*choices), MOST_DENIED)]
    names = listed([*view.cited, "Nat.pow_succ"])
    return [
        "refine Classical.byContradiction fun hc => ?_",
        "simp only [not_exists] at hc",
        *(f"try have := hc {text}" for text in given),
        *(["clear hc"] if len(choices) > 1 else []),
        f"grind [{names}]",
    ]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _bullet(lines: Sequence[str]) -> list[str]:
    return [f"· {lines[0]}", *_indented(lines[1:])]


def _smaller(view: GoalView, x: str) -> Iterator[Smaller]:
    """Yield a smaller number whose witness may help, and when it does: n / d for multiples of d, n - d."""
    divides = any(part.head in {"%", "∣", "/", "^"} for part in view.target)
    for number in (number for number in literals([view.target]) if 1 < number < MOST_STEP):
        if divides:
            quotient = f"({x} / {number})"
            yield Smaller(quotient, f"{x} % {number} = 0", f"{number} * {quotient}")
        yield Smaller(f"({x} - {number})", f"{number} ≤ {x}", f"({x} - {number}) + {number}")


def _from_smaller(view: GoalView, x: str, smaller: Smaller, domains: Sequence[Term]) -> str:
    """Strong induction: the smaller number's witnesses, each as it is or and 1; where there is none, small ones."""
    old = several_fresh("w", len(domains), view.variables)
    further = [_from(name, domain) for name, domain in zip(old, domains, strict=True)]
    starts = [["0", "1", "2", "3", x] if domain.head in NUMBERS else _given(view, x, domain) for domain in domains]
    conditions = [f"{smaller.text} < {x}", *_premises(view, x, smaller.text), smaller.when]
    opened = _opened(old, f"ih {smaller.text}", _parts(len(conditions))[:-1])  # the case is no premise
    forgotten = [
        f"have hx : {x} = {smaller.whole} := by omega",
        "clear ih",
        f"generalize {smaller.text} = {fresh('q', view.variables)} at *",
    ]
    lines = [
        f"by_cases hp : {' ∧ '.join(conditions)}",
        *_bullet([opened, *forgotten, *_denied(view, further)]),
        *_bullet(["clear ih", *_denied(view, starts)]),
    ]
    return "\n".join([f"induction {x} using Nat.strongRecOn with", f"| ind {x} ih =>", *_indented(lines)])
