"""Terms as policies read them: what Lean says about a goal, and that our arithmetic is Lean's."""

from __future__ import annotations

import pytest

from prover.core.proof_state import Advanced, Closed
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.terms import GoalView, Term, evaluate, literals, read, show


async def view_of(lean: LeanWasmEnvironment, statement: str) -> GoalView:
    async with lean.open(Theorem.from_text(statement)) as session:
        return GoalView.of(session.initial.goals[0])


async def test_variables_facts_and_target(lean: LeanWasmEnvironment) -> None:
    view = await view_of(
        lean, "theorem t (f : Nat → Int) (n : Nat) (h : 2 ≤ n ∧ f n > 3) (k : ∀ m, f (m + 1) = f m - 1) : ¬ (n ∣ 4)"
    )
    assert view.numbers == {"n": "Nat"}
    assert set(view.variables) == {"f", "n"}
    assert [(fact.name, show(fact.term)) for fact in view.facts[:2]] == [("h.1", "(2 ≤ n)"), ("h.2", "(3 < (f n))")]
    assert view.facts[2].term.head == "∀"
    assert show(view.target) == "(¬(n ∣ 4))"


async def test_large_numbers_and_casts_are_exact(lean: LeanWasmEnvironment) -> None:
    view = await view_of(lean, f"theorem t (n : Nat) : (n : Int) + {2**80} = {10**30}")
    assert view.target.args[1].number == 10**30
    assert evaluate(view.target, {"n": 10**30 - 2**80}) is True
    assert show(view.target) == f"(((↑n : Int) + {2**80}) = {10**30})"


async def test_terms_that_are_too_large_are_cut_off(lean: LeanWasmEnvironment) -> None:
    view = await view_of(lean, f"theorem t (n : Nat) : {' + '.join(['n'] * 500)} = 500 * n")
    assert any(term.head == "…" for term in view.target)
    assert evaluate(view.target, {"n": 1}) is None


async def test_bound_variables_keep_apart(lean: LeanWasmEnvironment) -> None:
    view = await view_of(lean, "theorem t (n : Nat) : ∀ n m : Nat, (∀ n, n = m) → n = m")
    outer = view.target
    assert outer.name != "n"
    inner = outer.args[1].args[1].args[0]
    assert inner.name not in {"n", outer.name}


CLOSED = [
    *("(7 : Int) / 2", "(-7 : Int) / 2", "(7 : Int) / -2", "(-7 : Int) / -2", "(7 : Int) / 0", "(-7 : Int) % 3"),
    *("(7 : Int) % -3", "(-7 : Int) % -3", "(7 : Int) % 0", "(3 : Nat) - 5", "(3 : Int) - 5", "(17 : Nat) / 5"),
    *("(17 : Nat) % 5", "(17 : Nat) / 0", "(17 : Nat) % 0", "Nat.gcd 12 18", "Nat.lcm 4 6", "(2 : Nat) ^ 10"),
    *("(-2 : Int) ^ 3", "((5 : Nat) - 7 : Nat) + (3 : Nat)", "(((3 - 5 : Nat)) : Int) - 1", "(0 : Nat) ^ 0"),
]


@pytest.mark.parametrize("expression", CLOSED)
async def test_values_are_those_of_lean(lean: LeanWasmEnvironment, expression: str) -> None:
    view = await view_of(lean, f"theorem t : {expression} = 12345")
    value = evaluate(view.target.args[0], {})
    assert isinstance(value, int)
    async with lean.open(Theorem.from_text(f"theorem t : {expression} = {value}")) as session:
        assert await session.apply(session.initial, ["decide"], timeout_s=300) == [Closed()]


RELATIONS = [
    "3 ∣ 12",
    "5 ∣ 12",
    "0 ∣ 3",
    "0 ∣ 0",
    "2 < 2",
    "2 ≤ 2",
    "1 ≠ 2",
    "1 = 1 ∧ 2 = 3",
    "1 = 1 ∨ 2 = 3",
    "¬ 1 = 2",
]


@pytest.mark.parametrize("relation", [*RELATIONS, "1 = 2 → 3 = 4", "1 = 1 ↔ 2 = 3", "3 > 2", "3 ≥ 4"])
async def test_truth_is_that_of_lean(lean: LeanWasmEnvironment, relation: str) -> None:
    value = evaluate((await view_of(lean, f"theorem t : ({relation} : Prop)")).target, {})
    assert isinstance(value, bool)
    statement = relation if value else f"¬ ({relation})"
    async with lean.open(Theorem.from_text(f"theorem t : {statement}")) as session:
        assert await session.apply(session.initial, ["decide"], timeout_s=300) == [Closed()]


async def test_what_is_shown_means_the_same_to_lean(lean: LeanWasmEnvironment) -> None:
    statement = (
        "theorem t (a b : Nat) (x : Int) (h : a * (b - 2) ^ 3 % 5 = Nat.gcd a b) (k : -x * a ≤ 3 - x / 2) : False"
    )
    async with lean.open(Theorem.from_text(statement)) as session:
        view = GoalView.of(session.initial.goals[0])
        for fact in view.facts:
            (outcome,) = await session.apply(
                session.initial, [f"have : {show(fact.term)} := {fact.name}"], timeout_s=300
            )
            assert isinstance(outcome, Advanced), outcome


def test_unknown_terms_have_neither_value_nor_text() -> None:
    assert evaluate(read(None), {}) is None
    with pytest.raises(ValueError, match="beyond arithmetic"):
        show(read(["f", ["λ", "x", ["Nat"], "x"]]))


@pytest.mark.parametrize("text", ["#", "#12", "x", ""])
def test_string_is_neither_a_number_nor_a_variable(text: str) -> None:
    term = read(["text", text])
    assert term == Term("text", name=text)
    assert not term.variables
    assert literals([term]) == []


@pytest.mark.parametrize(("raw", "number"), [("#1234567890123456", 1234567890123456), ("#", None), ("#x", None)])
def test_only_digits_make_a_large_number(raw: str, number: int | None) -> None:
    assert read(raw).number == number
