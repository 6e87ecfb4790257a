"""A solver's numbers are suggestions that follow Lean's conventions; Lean decides about them."""

from __future__ import annotations

import pytest

from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.terms import Fact, GoalView, Term, evaluate
from prover.proving.refute import refute
from prover.refutation.solver import models

pytest.importorskip("z3", reason="needs the extra [z3]")

NAT, INT = Term("Nat"), Term("Int")
X, Y = Term("x", variable=True), Term("y", variable=True)


def number(value: int) -> Term:
    return Term.integer(value)


def op(head: str, *args: Term, type_: str = "Nat") -> Term:
    return Term(head, args, type=type_)


FALSE = {
    "a large number": GoalView(
        {"x": NAT}, (Fact("h", op("<", number(10**6), X)),), op("≠", op("%", X, number(1000)), number(7))
    ),
    "subtraction of naturals": GoalView({"x": NAT, "y": NAT}, (), op("=", op("+", op("-", X, Y), Y), X)),
    "division by zero": GoalView({"x": INT}, (), op("≠", op("/", number(5), X, type_="Int"), number(0), type_="Int")),
    "negative remainders": GoalView(
        {"x": INT}, (), op("≤", op("%", X, number(3), type_="Int"), number(1), type_="Int")
    ),
    "a power": GoalView(
        {"x": INT}, (), op("≠", op("^", X, number(3), type_="Int"), op("neg", number(343), type_="Int"))
    ),
    "False": GoalView({"x": NAT}, (Fact("h", op("<", number(500), X)),), Term("False")),
}


@pytest.mark.parametrize("what", FALSE)
async def test_suggestions_are_counterexamples(what: str) -> None:
    view = FALSE[what]
    found = await models(view)
    assert found
    for values in found:
        numbers = {name: int(text.strip("()")) for name, text in values.items()}
        assert all(evaluate(fact.term, numbers) for fact in view.facts)
        assert not evaluate(view.target, numbers)


@pytest.mark.parametrize(
    "view",
    [
        GoalView({"x": NAT}, (), op("≤", number(0), X)),
        GoalView({"x": NAT}, (), Term("P", (X,))),
        GoalView({}, (), op("=", number(1), number(2))),
        GoalView({"x": Term("Rat")}, (), op("=", X, number(0), type_="Rat")),
    ],
)
async def test_nothing_is_suggested_without_reason(view: GoalView) -> None:
    assert await models(view) == []


@pytest.mark.lean
async def test_what_is_suggested_is_verified(lean: LeanWasmEnvironment) -> None:
    statement = "theorem t (x y : Int) (h : 1000 < x) (k : x < y) (l : x + y = 4003) : 2 * x + 2 < y"
    found = await refute(Theorem.from_text(statement), lean)
    assert found is not None
    assert found.verification.accepted
