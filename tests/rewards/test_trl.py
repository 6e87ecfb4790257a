"""The verifier and recorded searches with the real TRL: a few steps of GRPO and DPO on a tiny model."""

from __future__ import annotations

from pathlib import Path

import pytest

from prover.environments.lean_wasm.install import Installation

pytest.importorskip("trl", reason="extra [trl]: make test-trl")
pytestmark = [pytest.mark.trl, pytest.mark.filterwarnings("ignore")]  # of TRL and its libraries


def test_grpo_learns_what_lean_accepts(installation: Installation, tmp_path: Path) -> None:
    from benchmarks.reinforcement import SAMPLES, THEOREMS, grpo

    steps = 20
    assert installation.manifest.exists()
    found = grpo(tmp_path, steps=steps, epochs=40, seed=0)
    assert len(found["rewards"]) == steps
    assert 0 < found["verified"] < steps * SAMPLES * len(THEOREMS)  # equal proofs are verified once
    assert sum(found["rewards"][-5:]) > sum(found["rewards"][:5])


def test_dpo_reads_pairs_of_real_searches(installation: Installation, tmp_path: Path) -> None:
    from benchmarks.reinforcement import dpo

    assert installation.manifest.exists()
    found = dpo(tmp_path, steps=8, epochs=20, seed=0)
    assert found["pairs"] > 8
    assert found["margins"][-1] > found["margins"][0]
    assert found["accuracies"][-1] > 0.6
