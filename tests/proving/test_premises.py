"""Which theorems are named for a printed goal."""

from __future__ import annotations

import pytest

from prover.assembly.environments import lean_library
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.errors import InvalidTheoremError
from prover.policies.premises.retrieval import PremiseSource
from prover.proving.premises import UNREAD, PremiseFinder
from prover.settings import Settings


@pytest.fixture(scope="module")
def finder(lean: LeanWasmEnvironment) -> PremiseFinder:
    return PremiseFinder(lean, PremiseSource(lean_library(Settings())))


@pytest.mark.parametrize(
    ("state", "header"),
    [
        ("xs ys : List Nat\n⊢ (xs ++ ys).length = xs.length + ys.length", ""),
        ("case h\nα : Type\nxs ys : List α\n⊢ (xs ++ ys).length = xs.length + ys.length", "import Mathlib\n"),
        ("xs ys : List ℕ\n⊢ (xs ++ ys).length = xs.length + ys.length", "import Mathlib\nopen Nat\n"),
    ],
)
async def test_theorem_that_states_the_goal_is_among_the_first(finder: PremiseFinder, state: str, header: str) -> None:
    found = await finder.for_state(state, header=header, n=8)
    assert ("List.length_append", "Init.") in [(each.name, each.module[:5]) for each in found.premises]
    assert len(found.premises) == 8
    assert found.notes == ()


async def test_goal_that_cannot_be_read_says_so(finder: PremiseFinder) -> None:
    found = await finder.for_state("x : ℝ\n⊢ x + 1 = 1 + x", n=8)
    assert (found.premises, found.notes) == ((), (UNREAD,))
    with pytest.raises(InvalidTheoremError, match="no goal"):
        await finder.for_state("x : Nat", n=8)
