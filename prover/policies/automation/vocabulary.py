"""The words of set theory: properties of functions and relations, operations on sets.

What `Injective f`, `image f S` and `Sub A B` abbreviate is first-order once they are unfolded, and sets are equal when
they have the same elements; equivalences are three laws. Nothing is lost by that, so it comes before all else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from prover.environments.syntax.lean.signatures import Signature
from prover.policies.header import Header
from prover.policies.scope import fresh, function_variables
from prover.policies.terms import GoalView, Term, distinct, is_proposition
from prover.policies.texts import accessible, listed, type_text

DATA = frozenset({"List", "Nat", "Int", "Rat", "Bool", "Option", "Fin", "Unit", "String", "Char", "Array"})
LAWS = """\
have {laws} : ∀ r : {type} → {type} → Prop,
    Equivalence r ↔ (∀ x, r x x) ∧ (∀ x y, r x y → r y x) ∧ ∀ x y z, r x y → r y z → r x z := fun _ =>
  ⟨fun e => ⟨e.refl, fun _ _ => e.symm, fun _ _ _ => e.trans⟩, fun e => ⟨e.1, e.2.1 _ _, e.2.2 _ _ _⟩⟩"""
ARROWS = ("→", "->")


def vocabulary(view: GoalView) -> Iterator[str]:
    """Yield what can be done at once: definitions unfolded, equal sets compared by their elements."""
    words = [name for name in words_of(view.header) if name not in view.header.rules]
    if any(name in view.definitions for name in words):
        yield f"simp +unfoldPartialApp only [{listed(words)}] at *"
    yield from _equivalences(view)
    if (structure := view.header.structures.get(view.target.head)) and structure.proposition:  # a goal for each law
        yield "constructor <;> try dsimp only"
    match view.target:
        case Term("=", (left, right), type="→") if _is_predicate(view, left) or _is_predicate(view, right):
            yield f"funext {fresh('x', view.variables)}"
        case Term("=", _, type="Sort"):
            yield "refine propext ?_"


def _equivalences(view: GoalView) -> Iterator[str]:
    """Replace hypotheses about equivalences by the three laws, wherever they stand."""
    types = distinct(
        part.args[0] for fact in view.facts for part in fact.term if part.head == "Equivalence" and len(part.args) == 2
    )
    for type_ in types:
        with suppress(ValueError):
            name = fresh("laws", view.variables)
            text = type_text(type_)
            yield "\n".join([LAWS.format(laws=name, type=text), f"simp only [{name}] at *", f"clear {name}"])


def words_of(header: Header) -> list[str]:
    """Return the definitions that say something of functions, predicates or relations, and recurse on nothing."""
    return [each.name for each in header.signatures if _is_word(each, header)]


def _is_word(signature: Signature, header: Header) -> bool:
    further = [argument.split()[0].strip("()") for argument in signature.arguments[signature.named :] if argument]
    return (
        signature.result == "Prop"
        and any(arrow in argument for argument in signature.arguments for arrow in ARROWS)
        and not any(head in DATA or head in header.types for head in further)
    )


def _is_predicate(view: GoalView, term: Term) -> bool:
    """Is it a set or a relation, as far as its form tells?"""
    match term:
        case Term("λ", (_, body)):
            return body.head in {"∀", "→"} or is_proposition(body, body.head) or _is_predicate(view, body)
        case Term(variable=True, head=name):
            given = 0
        case Term("apply", (Term(variable=True, head=name), *arguments)):
            given = len(arguments)
        case Term(head=head):
            return head in view.header.rules or head in words_of(view.header)
    return any(
        name == function and result.head == "Sort" and given < len(arguments) and accessible(name)
        for function, arguments, result in function_variables(view)
    )
