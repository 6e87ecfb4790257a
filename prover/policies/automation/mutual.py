"""Several claims in one induction: functions that are defined by each other, and one function with a sign.

A claim about one function of a `mutual` block needs a claim about the others, which is mostly its image: the same with
these functions, perhaps denied (a formula, and its negation pushed inwards). Likewise for `f true x` and `f false x`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from prover.environments.syntax.lean.signatures import Signature
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, defined, listed, written

TRUTHS = {"Bool.true": "Bool.false", "Bool.false": "Bool.true"}
MOST_TOGETHER = 3
MOST_DRIVERS = 2


def mutual(view: GoalView) -> Iterator[Weighted]:
    """Induction as mutual functions recurse, and induction over both signs."""
    names = listed(view.cited)
    ways = (
        f"(simp_all [{names}]; done)",
        f"(simp_all [{names}]; omega)",
        f"grind [{names}]",
        f"(simp_all [{names}, Bool.eq_iff_iff]; omega)",
    )
    closing = f"first | {' | '.join(ways)}"
    blocks = [signature for signature in view.header.signatures if 1 < len(signature.together) <= MOST_TOGETHER]
    with suppress(ValueError):
        if blocks:
            yield from _recursion(view, blocks, closing)
            yield from _opposites(view, blocks, names, closing)
        yield from _signs(view, closing)


def _recursion(view: GoalView, blocks: list[Signature], closing: str) -> Iterator[Weighted]:
    """The function that is applied to a variable says how to recurse, and what is claimed of the others is guessed."""
    drivers = (
        (signature, variable)
        for part in view.target
        for signature in blocks
        if part.head == signature.name
        and (variable := _last_variable(part))
        and len(signature.arguments) - signature.named == 1
    )
    for signature, variable in itertools.islice(dict.fromkeys(drivers), MOST_DRIVERS):
        own = signature.together.index(signature.name)
        images = [
            [view.target] if place == own else list(_images(view.target, _renamed(blocks, own, place), variable))
            for place in range(len(signature.together))
        ]
        for number, claims in enumerate(itertools.product(*images)):
            motives = " ".join(
                f"(motive_{place + 1} := fun {variable} => {_claim(view, claim)})" for place, claim in enumerate(claims)
            )
            opening = f"apply {defined(signature.name)}.induct {motives}"
            yield f"{opening} <;> intros <;> {closing}", 0.15 * 0.8**number


def _opposites(view: GoalView, blocks: list[Signature], names: str, closing: str) -> Iterator[Weighted]:
    """Two tests of which always one holds, such as even and odd: one is the other's denial, then induction as usual."""
    for signature in blocks:
        f, *others = map(defined, signature.together)
        same = {(each.arguments, each.result) for each in blocks if each.together == signature.together}
        if len(others) != 1 or same != {(signature.arguments, "Bool")} or len(signature.arguments) != 1:
            continue
        g = others[0]
        motives = f"(motive_1 := fun x => {g} x = !{f} x) (motive_2 := fun x => {f} x = !{g} x)"
        law = f"have opposite : ∀ x, {g} x = !{f} x := by\n  apply {f}.induct {motives} <;> intros <;> {closing}"
        numbers = [name for name in view.target.variables & view.numbers.keys() if accessible(name)]
        for variable in sorted(numbers):
            steps = f"simp_all [{names}, Nat.mul_add, ← Nat.add_assoc, Bool.eq_iff_iff]"
            yield f"{law}\ninduction {variable} <;> first | ({steps}; done) | ({steps}; grind)", 0.10
        return


def _last_variable(call: Term) -> str | None:
    last = call.args[-1] if call.args else call
    return last.head if last.variable and accessible(last.head) else None


def _renamed(blocks: list[Signature], own: int, place: int) -> Mapping[str, str]:
    """Return what every function becomes where the one at a place of its block stands for the one at another."""
    return {
        signature.together[own]: signature.together[place]
        for signature in blocks
        if max(own, place) < len(signature.together)
    }


def _images(target: Term, renamed: Mapping[str, str], variable: str) -> Iterator[Term]:
    """Yield what a claim may become: the same of other functions at that variable, its denial, nothing."""
    image = _replaced(target, renamed, variable)
    yield image
    yield from _denials(image)
    yield Term("True")


def _replaced(term: Term, renamed: Mapping[str, str], variable: str) -> Term:
    if term.variable or variable not in term.variables:
        return term
    args = tuple(_replaced(arg, renamed, variable) for arg in term.args)
    return replace(term, head=renamed.get(term.head, term.head), args=args)


def _denials(claim: Term) -> Iterator[Term]:
    """Yield the claim with its right side denied."""
    match claim:
        case Term("=", (left, Term(head)), type="Bool") if head in TRUTHS:
            yield replace(claim, args=(left, Term(TRUTHS[head])))
        case Term("=", (left, right), type="Bool"):
            yield replace(claim, args=(left, Term("Bool.not", (right,))))
        case Term("↔", (left, right)):
            yield replace(claim, args=(left, Term.negation(right)))
        case _:
            return


def _claim(view: GoalView, claim: Term) -> str:
    return "True" if claim.head == "True" else written(view, claim)


def _signs(view: GoalView, closing: str) -> Iterator[Weighted]:
    """A function of the header that is given `true` or `false`: both claims, by induction on its last argument."""
    for part in view.target:
        signs = [arg.head for arg in part.args if arg.head in TRUTHS]
        variable = _last_variable(part)
        if part.variable or part.head not in view.definitions or len(signs) != 1 or variable is None:
            continue
        sign = signs[0]
        flipped = replace(part, args=tuple(Term(TRUTHS[sign]) if arg.head == sign else arg for arg in part.args))
        other = _put(view.target, part, flipped)
        for image in (*_denials(other), other):
            both = f"have both : ∀ {variable}, {written(view, view.target)} ∧ {written(view, image)} := by"
            steps = f"  intro {variable}\n  induction {variable} <;> {closing}"
            yield f"{both}\n{steps}\nexact (both {variable}).1", 0.15
        return


def _put(term: Term, old: Term, new: Term) -> Term:
    if term == old:
        return new
    return replace(term, args=tuple(_put(arg, old, new) for arg in term.args))
