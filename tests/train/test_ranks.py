"""Real processes that share a run: sharded weights and data, shared matrices."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip("torch")

from prover.train.run_folder import CHECKPOINTS, read_rollbacks  # noqa: E402
from tests.train.runs import lines, losses, run_here, run_processes, tiny  # noqa: E402

WAYS = {"sharded": {}, "matrices": {"tensor": 2}, "replicated": {"replicate": 2}}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alone") / "run"
    run_here(tiny(validate_every=12, checkpoints={"keep": 9}), folder)
    return folder


@pytest.mark.parametrize("way", WAYS)
def test_two_ranks_come_to_the_losses_of_one(alone: Path, tmp_path: Path, way: str) -> None:
    recipe = tiny(parallel=WAYS[way], validate_every=12)
    run_processes(recipe, tmp_path / "run", ranks=2)
    assert losses(tmp_path / "run") == pytest.approx(losses(alone), rel=2e-5)
    norms, wanted = ([line["gradient_norm"] for line in lines(folder)] for folder in (tmp_path / "run", alone))
    assert norms == pytest.approx(wanted, rel=1e-3)
    for figure in ("loss", "perplexity"):
        ours, theirs = (lines(folder, "validation")[-1][figure] for folder in (tmp_path / "run", alone))
        assert ours == pytest.approx(theirs, rel=1e-3)
    sources = [lines(folder)[-1]["source_loss"] for folder in (tmp_path / "run", alone)]
    assert sources[0] == pytest.approx(sources[1], rel=1e-3)


@pytest.mark.parametrize("way", ["sharded", "matrices"])
def test_compiled_layers_with_checkpointed_activations_come_to_the_same(alone: Path, tmp_path: Path, way: str) -> None:
    """Compiled on shared matrices, torch 2.13 drops the embedding's gradient without our copy of its output."""
    compute = {"compile": True, "activation_checkpointing": "selective"}
    run_processes(tiny(steps=4, parallel=WAYS[way], compute=compute), tmp_path / "run", ranks=2)
    assert losses(tmp_path / "run") == pytest.approx(losses(alone)[:4], rel=2e-5)


def test_shared_matrices_in_bf16(alone: Path, tmp_path: Path) -> None:
    run_processes(tiny(parallel={"tensor": 2}, compute={"precision": "bf16"}), tmp_path / "run", ranks=2)
    assert losses(tmp_path / "run") == pytest.approx(losses(alone), rel=0.03)


def back_to_step_4(run: Path, folder: Path) -> Path:
    shutil.copytree(run, folder)
    for step in (8, 12):
        shutil.rmtree(folder / CHECKPOINTS / f"step-{step:08d}")
    return folder


@pytest.mark.parametrize("way", ["sharded", "matrices"])
def test_a_checkpoint_of_one_rank_goes_on_with_two_and_back(alone: Path, tmp_path: Path, way: str) -> None:
    parallel: dict[str, Any] = WAYS[way]
    folder = back_to_step_4(alone, tmp_path / "run")
    run_processes(tiny(steps=8, parallel=parallel, checkpoints={"keep": 9}), folder, ranks=2, resume=True)
    run_here(tiny(checkpoints={"keep": 9}), folder, resume=True)
    resumed = [event["text"] for event in lines(folder, "event") if event["event"] == "resumed"]
    assert resumed == ["from step 4", "from step 8"]
    assert losses(folder) == pytest.approx(losses(alone), rel=2e-5)
    assert losses(folder) != losses(alone)  # it was computed anew


def test_a_bad_number_on_one_rank_is_met_by_all(tmp_path: Path) -> None:
    run_processes(tiny(), tmp_path / "run", ranks=2, fault="gradient:1:5:9:10")
    events = lines(tmp_path / "run", "event")
    skipped = [event["step"] for event in events if event["event"] == "step_skipped"]
    assert skipped == [5, 9, 10]
    (rollback,) = read_rollbacks(tmp_path / "run")
    assert (rollback.step, rollback.checkpoint) == (10, 8)
    assert losses(tmp_path / "run")[-1] < losses(tmp_path / "run")[0] - 0.5
