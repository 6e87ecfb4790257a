"""Relations `P r` that rules make out of a relation r: chains of steps, closures, generated equivalences.

Whatever holds of them rests on a few laws: a step and its reverse are in it, it is transitive, symmetric, and within r
if r is transitive itself. Each is tried, those that hold are there for the rest, which is one more induction at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from prover.policies.scope import bare
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, defined, is_type, listed, written

MOST_RELATIONS = 2
MOST_HYPOTHESES = 3


def relations(view: GoalView) -> Iterator[Weighted]:
    """The laws of the relations that the goal is about, then automation or an induction."""
    found = _found(view)
    if not found:
        return
    names = listed(view.cited)
    laws = "\n".join(line for place, (r, many) in enumerate(found) for line in _laws(r, many, view.cited, place))
    yield f"{laws}\n{_each_direction(view)}grind [{names}]", 0.06
    for fact in view.facts:
        if _is_about_all_relations(fact.term) and accessible(fact.name):  # among them the one that the goal is about
            yield f"{laws}\napply {fact.name} <;> first | assumption | grind [{names}]", 0.15
    inductive = [fact.name for fact in view.facts if closure(view, fact.term) and accessible(fact.name)]
    for place, name in enumerate(inductive[:MOST_HYPOTHESES]):
        yield f"{laws}\ninduction {name} <;> first | grind [{names}] | solve_by_elim [{names}]", 0.10 * 0.7**place
    if view.target.head == "↔":
        finish = f"first | grind [{names}] | solve_by_elim [{names}]"
        yield f"{laws}\nconstructor <;> intro h <;> induction h <;> {finish}", 0.06


def _is_about_all_relations(term: Term) -> bool:
    """Is it `∀ S : α → α → Prop, … → S x y`?"""
    if term.head != "∀" or term.args[0].head != "→":
        return False
    name = term.name
    while term.head in {"∀", "→"}:
        term = term.args[1]
    return term.head == "apply" and term.args[0].is_variable(name)


def _found(view: GoalView) -> list[tuple[str, str]]:
    """Return r and `P r` for each relation of the header that the goal mentions, the innermost first."""
    found = dict.fromkeys(each for term in view.terms for part in term if (each := closure(view, part)))
    return sorted(found, key=lambda each: len(each[1]))[:MOST_RELATIONS]


def closure(view: GoalView, term: Term) -> tuple[str, str] | None:
    """Return r and `P r` as texts, if this is `P r x y` or `P r` for relations r and P r of one type."""
    given = [arg for arg in term.args if not is_type(view, arg)]
    if not term.variable and term.head in view.definitions and len(given) in {1, 3} and _is_relation(view, given[0]):
        with suppress(ValueError):
            r = written(view, given[0])
            return r, f"{defined(term.head)} {r}"
    return None


def _is_relation(view: GoalView, term: Term) -> bool:
    """Is it a variable `α → α → Prop`, or `P r` for such a variable r?"""
    if not term.variable:
        return closure(view, term) is not None and term.args[-1].head in view.variables
    match bare(view.variables.get(term.head, term)):
        case Term("→", (first, Term("→", (second, Term("Sort"))))):
            return first == second
    return False


def _laws(r: str, many: str, cited: Sequence[str], place: int) -> Iterator[str]:
    own = [name for name in cited if name.startswith(f"{many.split()[0]}.")]
    names = listed(own or cited)
    number = str(place or "")
    one = f"first | grind [{names}] | solve_by_elim [{names}]"
    chain = f"induction h <;> grind [{names}]"
    either = f"first | ({chain}) | (intro k; induction k <;> grind [{names}])"
    transitive = f"(∀ x y z, {r} x y → {r} y z → {r} x z)"
    for name, law, proof in (
        ("once", f"{r} x y → {many} x y", one),
        ("back", f"{r} x y → {many} y x", one),
        ("chain", f"{many} x y → {many} y z → {many} x z", either),
        ("reverse", f"{many} x y → {many} y x", chain),
    ):
        bound = "x y z" if "z" in law.split() else "x y"
        yield f"try have {name}{number} : ∀ {{{bound}}}, {law} := by intro {bound} h; {proof}"
    yield f"try have within{number} : {transitive} → ∀ {{x y}}, {many} x y → {r} x y := by intro k x y h; {chain}"


def _each_direction(view: GoalView) -> str:
    return "constructor <;> intro h <;> " if view.target.head == "↔" else ""
