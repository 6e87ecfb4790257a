"""A type whose elements a hypothesis lists: `∀ x, x = a ∨ x = b ∨ x = c`.

What is said of every element is said of a, b and c, and what of some element, of one of them. Written out like this
the hypotheses are propositional, which automation decides.
"""

from __future__ import annotations

from collections.abc import Iterator

from prover.policies.scope import fresh
from prover.policies.terms import Fact, GoalView, Term, Weighted
from prover.policies.texts import accessible

MOST_ELEMENTS = 5


def listed(view: GoalView) -> Iterator[Weighted]:
    """Write out every quantifier over the elements, then automation."""
    for fact in view.facts:
        elements = _elements(fact, view)
        if elements and accessible(fact.name):
            others = [other.name for other in view.facts if other.name != fact.name and accessible(other.name)]
            every, some = (fresh(name, [*view.variables, *others, fact.name]) for name in ("every", "some"))
            lines = [
                _rule(every, "∀", "∧", fact, elements, f"⟨fun at_all => ⟨{_times('at_all _', elements)}⟩, "
                f"fun at_each _at => by {_cases(fact, elements)} <;> simp only [at_each, here]⟩"),
                _rule(some, "∃", "∨", fact, elements, f"⟨fun ⟨_at, holds⟩ => by {_cases(fact, elements)} <;> "
                f"simp_all, fun any => by rcases any with {' | '.join(['h'] * len(elements))} <;> exact ⟨_, h⟩⟩"),
            ]  # fmt: skip
            places = " ".join([*dict.fromkeys(name for name in others if name.isidentifier()), "⊢"])
            yield "\n".join([*lines, f"simp only [{every}, {some}] at {places} <;> grind"]), 0.06


def _elements(fact: Fact, view: GoalView) -> list[str]:
    """Return what the hypothesis lists, if it lists something."""
    if fact.term.head != "∀":
        return []
    found: list[str] = []
    rest = [fact.term.args[1]]
    while rest:
        match rest.pop():
            case Term("∨", (left, right)):
                rest += [right, left]
            case Term("=", (Term(variable=True) as x, Term(variable=True) as element)) if x.head == fact.term.name:
                found.append(element.head)
            case _:
                return []
    of_the_type = all(element in view.variables and accessible(element) for element in found)
    return found if of_the_type and 1 < len(found) <= MOST_ELEMENTS else []


def _rule(name: str, quantifier: str, joint: str, fact: Fact, elements: list[str], proof: str) -> str:
    each = f" {joint} ".join(f"said {element}" for element in elements)
    return f"have {name} : ∀ said : _ → Prop, ({quantifier} at_ : _, said at_) ↔ {each} := fun said => {proof}"


def _times(text: str, elements: list[str]) -> str:
    return ", ".join([text] * len(elements))


def _cases(fact: Fact, elements: list[str]) -> str:
    return f"rcases {fact.name} _at with {' | '.join(['here'] * len(elements))}"
