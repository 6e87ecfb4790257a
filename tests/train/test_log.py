"""A run's log and TensorBoard's event file are whole after every line, also where the disk was full for a while."""

from __future__ import annotations

import json
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.train
pytest.importorskip("tensorboard")
pytest.importorskip("torch")

from prover.train.board import TensorBoard  # noqa: E402
from prover.train.log import RunLog  # noqa: E402
from prover.train.run import train  # noqa: E402
from tests.train.runs import Seen, corpus, tiny  # noqa: E402


@contextmanager
def full(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes: a write above it is cut off, and the next one fails."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def shown(folder: Path) -> Any:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder))
    found.Reload()
    return found


def test_a_full_disk_loses_lines_and_what_comes_later_is_read(tmp_path: Path) -> None:
    log = RunLog(tmp_path, Seen())
    threads = threading.active_count()
    log.figures(1, {"loss": 4.0, "source_loss": {"web": 3.0}, "learning_rate": 1e-3})
    with full((tmp_path / "log.jsonl").stat().st_size + 9):
        for step in range(2, 30):
            log.figures(step, {"loss": 3.0})
            log.event(step, "checkpoint_failed", "no room")
    log.figures(30, {"loss": 2.0})
    log.event(30, "checkpoint", "step-00000030")
    log.close()
    assert [json.loads(line)["step"] for line in (tmp_path / "log.jsonl").read_text().splitlines()] == [1, 30, 30]
    board = shown(tmp_path / "tensorboard")
    assert {"step/loss", "step/source_loss/web", "step/learning_rate"} <= set(board.Tags()["scalars"])
    steps = [(event.step, event.value) for event in board.Scalars("step/loss")]
    assert (steps[0], steps[-1]) == ((1, 4.0), (30, 2.0))
    assert "event/checkpoint/text_summary" in board.Tags()["tensors"]
    assert threading.active_count() == threads


def test_the_event_file_is_cut_back_to_its_last_whole_line(tmp_path: Path) -> None:
    board = TensorBoard(tmp_path)
    board.scalars(1, {"loss": 1.0})
    (file,) = tmp_path.glob("events*")
    size = file.stat().st_size
    with full(size + 5), pytest.raises(OSError, match="File too large"):
        board.scalars(2, {"loss": 2.0})
    assert file.stat().st_size == size
    board.scalars(3, {"loss": 3.0})
    assert [event.step for event in shown(tmp_path).Scalars("loss")] == [1, 3]


def test_a_run_at_weights_and_biases_goes_on_when_it_is_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("wandb", reason="extra [wandb]")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    recipe = tiny(steps=2)
    for steps in (2, 3):
        changed = recipe.model_copy(update={"steps": steps})
        train(changed, corpus(changed), tmp_path / "run", resume=steps == 3, watcher=Seen(), wandb="prover-tests")
    known = (tmp_path / "run" / "wandb-id").read_text().strip()
    written = list((tmp_path / "run").glob("wandb/offline-run-*/*.wandb"))
    assert len(written) == 2
    assert all(file.name == f"run-{known}.wandb" for file in written)
    assert b"step/gradient_norm" in written[1].read_bytes()
    assert list((tmp_path / "run" / "tensorboard").glob("events*"))
