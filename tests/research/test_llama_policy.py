"""The Llama in a search: with random weights, so what it writes is nonsense, but it is asked and nothing breaks."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.research
pytest.importorskip("tokenizers", reason="extra [research]: make test-research")
pytest.importorskip("threadpoolctl", reason="extra [research]: make test-research")

from prover.core.budget import SearchBudget  # noqa: E402
from prover.core.theorem import Theorem  # noqa: E402
from prover.environments.lean_wasm.environment import LeanWasmEnvironment  # noqa: E402
from prover.errors import InvalidPolicyError  # noqa: E402
from prover.policies.learned import SHIPPED  # noqa: E402
from prover.policies.premises.retrieval import PremiseSource  # noqa: E402
from prover.proving.prove import prove_theorem  # noqa: E402
from research.policy import llama_policy  # noqa: E402
from tests.conftest import ROOT  # noqa: E402

SWAPPED = Theorem.from_text("theorem t (p q : Prop) (h : p ∧ q) : q ∧ p")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "tests" / "golden" / "llama", tmp_path / "llama")
    return tmp_path / "llama"


async def test_it_takes_turns_with_the_closers_in_the_order_of_its_folder(
    lean: LeanWasmEnvironment, folder: Path
) -> None:
    shutil.copy(SHIPPED / "order.json", folder)
    async with llama_policy(folder, PremiseSource(lean.library), turns="model:4,closers:1000") as policy:
        record = await prove_theorem(SWAPPED, environment=lean, generator=policy, budget=SearchBudget(expansions=8))
    assert record.proved
    assert "pointers, 32×" in record.policy
    assert "order@" in record.policy


async def test_alone_it_needs_no_order(lean: LeanWasmEnvironment, folder: Path) -> None:
    async with llama_policy(folder, PremiseSource(lean.library), turns=None) as policy:
        record = await prove_theorem(SWAPPED, environment=lean, generator=policy, budget=SearchBudget(expansions=1))
    assert not record.proved
    assert record.search.statistics.expansions == 1
    with pytest.raises(InvalidPolicyError, match="no learned order"):
        async with llama_policy(folder, PremiseSource(lean.library)):
            pass
