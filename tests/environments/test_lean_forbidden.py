"""Problems made from the library: the theorem itself and its aliases may not be used."""

from __future__ import annotations

import pytest

from prover.core.proof_state import Closed, Rejected
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.automation.closers import ClosersPolicy
from prover.policies.premises.retrieval import PremiseIndex, Premises
from prover.proving.prove import prove_theorem
from prover.proving.verify import verify

ADD_COMM = "theorem lib (n m : Nat) : n + m = m + n"


@pytest.fixture(scope="module")
async def index(lean: LeanWasmEnvironment) -> PremiseIndex:
    return PremiseIndex(await lean.library(("Init",)))


async def test_library_lists_its_theorems(index: PremiseIndex) -> None:
    assert len(index.library.theorems) > 20_000
    theorem = index.library.theorems[index.number["Nat.add_comm"]]
    assert index.library.modules[theorem.module][0].startswith("Init")
    assert theorem.head == "Eq"
    assert theorem.explicit == 2
    assert not any("_private" in t.name or ".match_" in t.name for t in index.library.theorems)


async def test_forbidden_theorem_and_its_aliases_close_nothing(lean: LeanWasmEnvironment) -> None:
    theorem = await lean.forbidding(Theorem.from_text(ADD_COMM, forbid=("Nat.add_comm",)))
    assert "Nat.add_comm" in theorem.forbid
    async with lean.open(theorem) as session:
        for tactic in ["exact Nat.add_comm n m", "rw [Nat.add_comm]", "simp [Nat.add_comm]"]:
            (outcome,) = await session.apply(session.initial, [tactic], timeout_s=300)
            assert isinstance(outcome, Rejected), (tactic, outcome)
            assert "forbidden" in outcome.message
        assert await session.apply(session.initial, ["induction n <;> grind"], timeout_s=300) == [Closed()]


async def test_verification_refuses_what_is_forbidden(lean: LeanWasmEnvironment) -> None:
    theorem = await lean.forbidding(Theorem.from_text(ADD_COMM, forbid=("Nat.add_comm",)))
    assert not (await verify(theorem, ["exact Nat.add_comm n m"], lean, timeout_s=300)).accepted
    smuggled = "have h : ∀ a b : Nat, a + b = b + a := Nat.add_comm\nexact h n m"
    verdict = await verify(theorem, [smuggled], lean, timeout_s=300)
    assert not verdict.accepted
    assert "forbidden" in (verdict.reason or "")


async def test_forbidden_simp_theorem_is_erased(lean: LeanWasmEnvironment) -> None:
    statement = "theorem lib {α : Type} (xs : List α) : xs ++ [] = xs"
    theorem = await lean.forbidding(Theorem.from_text(statement, forbid=("List.append_nil",)))
    assert "attribute [-simp] List.append_nil" in theorem.body
    record = await prove_theorem(theorem, environment=lean, generator=ClosersPolicy())
    assert record.proved
    assert "attribute [-simp] List.append_nil" in (record.proof or "")


async def test_side_condition_that_the_statement_itself_proves_is_allowed(lean: LeanWasmEnvironment) -> None:
    """`Vector.extract_mk` says `Vector.mk (xs.extract i j) Vector.extract_mk._proof_1`: no proof can do without."""
    statement = (
        "theorem lib {α : Type} {n : Nat} {xs : Array α} {h : xs.size = n} {i j : Nat} :\n"
        "    (Vector.mk xs h).extract i j = Vector.mk (xs.extract i j) (@Vector.extract_mk._proof_1 α n xs h i j)"
    )
    theorem = await lean.forbidding(Theorem.from_text(statement, forbid=("Vector.extract_mk",)))
    assert "Vector.extract_mk" in theorem.forbid
    assert (await verify(theorem, ["rfl"], lean, timeout_s=300)).accepted
    verdict = await verify(theorem, ["exact Vector.extract_mk"], lean, timeout_s=300)
    assert verdict.reason == "the proof uses Vector.extract_mk, which is forbidden here"


async def test_other_auxiliary_lemma_of_what_is_forbidden_is_refused(lean: LeanWasmEnvironment) -> None:
    statement = "theorem mine {n a b : Nat} (h : a = n) : min b n - a = min b n - a"
    theorem = Theorem.from_text(statement, forbid=("Vector.extract_mk",))
    verdict = await verify(theorem, ["have := @Vector.extract_mk._proof_1.{0}\nrfl"], lean, timeout_s=300)
    assert verdict.reason == "the proof uses Vector.extract_mk._proof_1, which is forbidden here"


async def test_statement_of_another_name_is_found_by_its_key(lean: LeanWasmEnvironment) -> None:
    theorem = await lean.forbidding(Theorem.from_text("theorem mine (a b : Nat) : a + b = b + a", forbid=("Nat.zero",)))
    assert "Nat.add_comm" in theorem.forbid


async def test_premises_fit_the_goal_and_come_from_allowed_modules(
    lean: LeanWasmEnvironment, index: PremiseIndex
) -> None:
    statement = "theorem t {α : Type} (xs ys : List α) : (xs ++ ys).reverse = ys.reverse ++ xs.reverse"
    async with lean.open(Theorem.from_text(statement)) as session:
        goal = session.initial.goals[0]
    found = index.retrieve(goal, 16, modules=None, forbidden=set())
    assert "List.reverse_append" in {index.library.theorems[i].name for i, _ in found}
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    own = index.library.theorems[index.number["List.reverse_append"]].module
    premises = Premises.of(index, Theorem.from_text(statement, forbid=("List.reverse_append",)))
    allowed = premises.for_goal(goal, 20)
    assert "List.reverse_append" not in allowed
    assert allowed
    imported, earlier = index.visible_from(own), index.earlier_than(index.number["List.reverse_append"])
    numbers = [index.number[name] for name in allowed]
    assert all(index.library.theorems[i].module in imported or i in earlier for i in numbers)


async def test_earlier_theorems_of_the_own_module_may_be_cited_and_later_ones_not(index: PremiseIndex) -> None:
    # `grind` and `simp` extensions keep the order of declaration, which is where the order is read from.
    order = next(order for order in index.library.orders if len(order) > 2)
    assert index.earlier_than(order[1]) >= {order[0]}
    assert order[2] not in index.earlier_than(order[1])
