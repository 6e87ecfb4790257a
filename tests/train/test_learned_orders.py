"""Orders that are learned from outcomes: of the closers' candidates, and of retrieved premises."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

pytestmark = pytest.mark.train
pytest.importorskip("torch")

from prover.core.held_out import is_held_out  # noqa: E402
from prover.policies.learned.premise_order import FEATURES, LearnedPremiseOrder  # noqa: E402
from prover.policies.learned.tactic_order import TacticOrder  # noqa: E402
from prover.train.outcomes import read_states  # noqa: E402
from prover.train.premise_order import main as learn_premise_order  # noqa: E402
from prover.train.premise_order import read_citing  # noqa: E402
from prover.train.tactic_order import main as learn_tactic_order  # noqa: E402


def outcomes(folder: Path, count: int = 120) -> Path:
    """Write outcomes in which `simp` closes every second goal, `omega` every fifth; a premise closes what it covers."""
    chance = random.Random(0)
    folder.mkdir()
    rows: list[dict[str, Any]] = []
    for number in range(count):
        covered = [round(chance.random(), 3) for _ in range(4)]
        seen = [0.0] * len(FEATURES)
        retrieved = []
        for at, share in enumerate(covered):
            seen[FEATURES.index("goal covered")] = share
            seen[FEATURES.index("equation")] = float(chance.random() < 0.5)  # says nothing
            retrieved.append([f"A.p{at}", list(seen)])
        attempts: list[list[Any]] = [
            ["automation: simp", 0, "simp", "closed" if number % 2 else "failed", 0.01, -1.0],
            ["automation: omega", 0, "omega", "failed" if number % 5 else "closed", 0.01, -0.5],
            ["structure: constructor", 0, "constructor", "advanced", 0.01, -2.0],
        ]
        for at, share in enumerate(covered):
            status = "closed" if share > 0.6 else "timed_out"
            attempts.append(["premises: grind [1]", at, f"grind [A.p{at}]", status, 0.5, -3.0])
        state = {"state": "⊢ p = q", "premises": ["A.p0"], "retrieved": retrieved, "attempts": attempts}
        rows.append({"problem": f"T.t{number}", "error": None, "states": [state]})
    (folder / "results.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture(scope="module")
def mined(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return outcomes(tmp_path_factory.mktemp("orders") / "mined")


def test_what_closes_more_a_second_is_tried_first(mined: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(learn_tactic_order, [str(mined), "--output", str(tmp_path)])
    assert result.exit_code == 0, result.output
    order = TacticOrder.read(tmp_path)
    assert {family for family, _ in order.ranked} == {  # others only lead on
        "automation: omega",
        "automation: simp",
        "premises: grind [1]",
    }
    families = ["premises: grind [1]", "automation: omega", "structure: constructor", "automation: simp"]
    assert order.order(families, [0, 0, 0, 0]) == [3, 1, 0]
    about = json.loads((tmp_path / "order.json").read_text())["about"]
    assert about["states"] == len(about["theorems"]) > 100
    assert not any(is_held_out(name) for name in about["theorems"])


def test_a_feature_that_tells_gets_a_weight_and_one_that_does_not_gets_none(mined: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(learn_premise_order, [str(mined), "--output", str(tmp_path)])
    assert result.exit_code == 0, result.output
    weights = dict(zip(FEATURES, LearnedPremiseOrder.read(tmp_path).weights, strict=True))
    assert weights["goal covered"] > 2
    assert abs(weights["equation"]) < 0.2 * weights["goal covered"]
    about = json.loads((tmp_path / "premises.json").read_text())["about"]
    assert about["held_out_nats"]["premises"] < 0.8 * about["held_out_nats"]["families"]


def test_what_is_held_out_is_not_read(mined: Path) -> None:
    held_out = {f"T.t{n}" for n in range(120) if is_held_out(f"T.t{n}")}
    assert held_out
    assert not held_out & {state.theorem for state in read_states([mined])}
    assert not held_out & {attempt.theorem for attempt in read_citing([mined])}


def test_nothing_to_learn_from_is_said(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_text("")
    for main in (learn_tactic_order, learn_premise_order):
        result = CliRunner().invoke(main, [str(tmp_path), "--output", str(tmp_path / "out")])
        assert result.exit_code == 2
        assert "mine more" in result.output
