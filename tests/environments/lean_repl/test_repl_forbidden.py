"""Problems made from a project's library: the theorem itself and its aliases may not be used."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from prover.core.library import Library
from prover.core.proof_state import Closed, Rejected
from prover.core.theorem import Theorem
from prover.environments.lean_repl.environment import LeanProjectEnvironment
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.errors import EnvironmentUnavailableError
from prover.proving.verify import verify
from tests.environments.lean_repl.projects import standin_project
from tests.environments.lean_repl.repl import serving

ADD_COMM = "theorem lib (n m : Nat) : n + m = m + n"


@pytest.fixture(scope="module")
async def project(lean: LeanWasmEnvironment) -> AsyncIterator[LeanProjectEnvironment]:
    """One whose library is the embedded Lean's, with the type of one theorem, as a listing has them."""

    async def library(imports: tuple[str, ...]) -> Library:
        found = await lean.library(imports)
        types = {"Nat.add_comm": "∀ (n m : Nat), n + m = m + n"}
        theorems = (replace(theorem, type=types.get(theorem.name, "")) for theorem in found.theorems)
        return replace(found, theorems=tuple(theorems))

    async with serving(lean) as command:
        environment = standin_project(command, library=library)
        yield environment
        await environment.close()


async def test_theorem_that_states_the_same_is_forbidden_too(project: LeanProjectEnvironment) -> None:
    theorem = await project.forbidding(Theorem.from_text(ADD_COMM, forbid=("Nat.zero_add",)))
    assert {"Nat.zero_add", "Nat.add_comm"} <= set(theorem.forbid)
    assert "attribute [-simp] Nat.zero_add" in theorem.body
    assert await project.forbidding(theorem) == theorem
    assert await project.forbidding(Theorem.from_text(ADD_COMM)) == Theorem.from_text(ADD_COMM)


async def test_forbidden_theorem_closes_nothing(project: LeanProjectEnvironment) -> None:
    theorem = await project.forbidding(Theorem.from_text(ADD_COMM, forbid=("Nat.add_comm",)))
    async with project.open(theorem) as session:
        named, other = await session.apply(session.initial, ["exact Nat.add_comm n m", "omega"], timeout_s=300)
        assert isinstance(named, Rejected)
        assert "forbidden" in named.message
        assert isinstance(other, Closed)


@pytest.mark.parametrize(
    "proof",
    [
        "exact Nat.add_comm n m",
        "have h : ∀ a b : Nat, a + b = b + a := Nat.add_comm\nexact h n m",
        "have := @Nat.add_comm\nexact this n m",
        "have h : ∀ a b : Nat, a + b = b + a := by\n  intro a b\n  exact Nat.add_comm a b\nexact h n m",
    ],
)
async def test_verification_refuses_what_is_forbidden(project: LeanProjectEnvironment, proof: str) -> None:
    theorem = await project.forbidding(Theorem.from_text(ADD_COMM, forbid=("Nat.add_comm",)))
    verdict = await verify(theorem, [proof], project, timeout_s=300)
    assert not verdict.accepted
    assert "Nat.add_comm" in (verdict.reason or "")


async def test_verification_accepts_what_is_not_forbidden(project: LeanProjectEnvironment) -> None:
    theorem = await project.forbidding(Theorem.from_text(ADD_COMM, forbid=("Nat.mul_comm",)))
    verdict = await verify(theorem, ["exact Nat.add_comm n m"], project, timeout_s=300)
    assert "Nat.add_comm" in theorem.forbid  # it states the same as the theorem itself
    assert not verdict.accepted
    other = await project.forbidding(
        Theorem.from_text("theorem t (n : Nat) (h : 0 < n) : n ≠ 0", forbid=("Nat.mul_comm",))
    )
    accepted = await verify(other, ["exact Nat.ne_of_gt h"], project, timeout_s=300)
    assert accepted.accepted, accepted.reason


async def test_without_a_list_of_the_library_nothing_can_be_forbidden(lean: LeanWasmEnvironment) -> None:
    async with serving(lean) as command:
        environment = standin_project(command)
        with pytest.raises(EnvironmentUnavailableError, match="setup --lean-project"):
            await environment.forbidding(Theorem.from_text(ADD_COMM, forbid=("Nat.add_comm",)))
        await environment.close()
