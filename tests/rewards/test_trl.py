"""The verifier and recorded searches with the real TRL: a few steps of GRPO and DPO on a tiny model."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import ROOT

pytest.importorskip("trl", reason="extra [trl]: make test-trl")
pytestmark = [pytest.mark.trl, pytest.mark.usefixtures("installation")]


def learn(method: str, steps: int, epochs: int) -> dict[str, Any]:
    """Run the example in a process of its own: TRL takes `tests/vllm` on the path of these tests for vLLM."""
    options = ["--steps", str(steps), "--epochs", str(epochs)]
    command = [sys.executable, "-m", "benchmarks.reinforcement", method, *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout[done.stdout.rindex("\n{\n") :])  # behind what TRL prints
    return found


def test_grpo_learns_what_lean_accepts() -> None:
    found = learn("grpo", steps=20, epochs=40)
    assert len(found["rewards"]) == 20
    assert 0 < found["verified"] < 20 * 8 * 8  # equal proofs are verified once
    assert sum(found["rewards"][-5:]) > sum(found["rewards"][:5])


def test_dpo_reads_pairs_of_real_searches() -> None:
    found = learn("dpo", steps=8, epochs=20)
    assert found["pairs"] > 8
    assert found["margins"][-1] > found["margins"][0]
    assert found["accuracies"][-1] > 0.6
