"""Runs with one rank: repeatable, resumable, and not to be ended by bad numbers, kills or full disks."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.train,
    pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning"),  # inside torch.compile
]
torch = pytest.importorskip("torch")

from prover.errors import RunConflictError, TrainingError  # noqa: E402
from prover.train.checkpoint import newest_checkpoint, read_progress  # noqa: E402
from prover.train.recipe import Recipe  # noqa: E402
from prover.train.run import train  # noqa: E402
from prover.train.run_folder import CHECKPOINTS, read_rollbacks  # noqa: E402
from prover.train.trainer import Finished  # noqa: E402
from tests.train.runs import (  # noqa: E402
    Seen,
    corpus,
    lines,
    losses,
    run_here,
    run_processes,
    start_worker,
    tiny,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "train" / "tiny-losses.json"


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run without any interruption."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    run_here(tiny(validate_every=6), folder)
    return folder


def after(steps: int) -> Callable[[], bool]:
    left = iter(range(steps - 1))
    return lambda: next(left, None) is None


def test_the_loss_curve_is_the_golden_one(whole: Path, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(json.dumps([round(loss, 6) for loss in losses(whole)]) + "\n")
    golden = json.loads(GOLDEN.read_text())
    assert losses(whole) == pytest.approx(golden, rel=1e-4)
    assert golden[-1] < golden[0] - 0.5


def test_it_repeats_bit_for_bit(whole: Path, tmp_path: Path) -> None:
    run_here(tiny(validate_every=6), tmp_path / "run")
    assert losses(tmp_path / "run") == losses(whole)


@pytest.mark.parametrize("asynchronous", [True, False], ids=["asynchronous", "synchronous"])
def test_a_resumed_run_is_the_same_bit_for_bit(whole: Path, tmp_path: Path, asynchronous: bool) -> None:
    recipe = tiny(validate_every=6, checkpoints={"asynchronous": asynchronous})
    assert "stopped" in run_here(recipe, tmp_path / "run", should_stop=after(7)).events
    assert len(losses(tmp_path / "run")) == 7
    seen = run_here(recipe, tmp_path / "run", resume=True)
    assert "resumed" in seen.events
    assert losses(tmp_path / "run") == losses(whole)
    assert lines(tmp_path / "run", "validation")[-1]["loss"] == lines(whole, "validation")[-1]["loss"]


def test_going_back_to_a_checkpoint_from_before_is_the_same_bit_for_bit(whole: Path, tmp_path: Path) -> None:
    """An asynchronous checkpoint holds the weights of its step, not of those that went on meanwhile."""
    run_here(tiny(checkpoints={"keep": 9}), tmp_path / "run")
    checkpoints = tmp_path / "run" / CHECKPOINTS
    for step in (8, 12):
        shutil.rmtree(checkpoints / f"step-{step:08d}")
    run_here(tiny(checkpoints={"keep": 9}), tmp_path / "run", resume=True)
    events = lines(tmp_path / "run", "event")
    assert [event["text"] for event in events if event["event"] == "resumed"] == ["from step 4"]
    assert losses(tmp_path / "run") == losses(whole)


def test_logs_say_what_they_should(whole: Path) -> None:
    last = lines(whole)[-1]
    assert set(last["source_loss"]) == {"text", "code"}
    assert last["tokens"] == 12 * 4 * 32
    assert last["tokens_per_s"] > 0
    assert last["gradient_norm"] > 0
    first, end = (lines(whole, "validation")[i] for i in (0, -1))
    assert set(first["perplexity"]) == {"text", "code"}
    assert all(end["perplexity"][source] < first["perplexity"][source] for source in ("text", "code"))
    assert list((whole / "tensorboard").glob("events*"))


def test_a_finished_run_that_is_resumed_has_the_loss_it_ended_with(tmp_path: Path) -> None:
    recipe = tiny(validate_every=6)
    first = finished(recipe, tmp_path / "run", resume=False)
    assert (first.step, first.tokens) == (12, 12 * 4 * 32)
    assert finished(recipe, tmp_path / "run", resume=True) == first


def finished(recipe: Recipe, folder: Path, *, resume: bool) -> Finished:
    return train(recipe, corpus(recipe), folder, resume=resume, watcher=Seen())


def test_old_checkpoints_go_and_milestones_stay(tmp_path: Path) -> None:
    run_here(tiny(checkpoints={"every_steps": 2, "keep": 2, "keep_every_steps": 6}), tmp_path / "run")
    names = sorted(path.name for path in (tmp_path / "run" / CHECKPOINTS).iterdir())
    assert names == ["step-00000006", "step-00000010", "step-00000012"]


@pytest.mark.parametrize("kind", ["loss", "gradient"])
def test_a_bad_step_is_skipped_and_changes_no_weight(whole: Path, tmp_path: Path, kind: str) -> None:
    run_processes(tiny(), tmp_path / "run", ranks=1, fault=f"{kind}:0:7")
    skipped = [event for event in lines(tmp_path / "run", "event") if event["event"] == "step_skipped"]
    assert [event["step"] for event in skipped] == [7]
    assert "nan" in skipped[0]["text"]
    found = losses(tmp_path / "run")
    assert found[:6] == losses(whole)[:6]
    assert lines(tmp_path / "run")[-1]["skipped_steps"] == 1
    assert found[-1] < found[0] - 0.5  # no weight is not a number


@pytest.mark.parametrize("kind", ["loss", "spike"])
def test_bad_steps_in_a_row_go_back_and_past_the_data(tmp_path: Path, kind: str) -> None:
    run_processes(tiny(), tmp_path / "run", ranks=1, fault=f"{kind}:0:6:7")
    (rollback,) = read_rollbacks(tmp_path / "run")
    assert (rollback.step, rollback.checkpoint, rollback.sequences) == (7, 4, 12)
    names = [event["event"] for event in lines(tmp_path / "run", "event")]
    assert "rolled_back" in names
    newest = newest_checkpoint(tmp_path / "run" / CHECKPOINTS)
    assert newest is not None
    progress = read_progress(newest)
    assert (progress.step, progress.sequences) == (12, 12 * 4 + 12)
    assert progress.data["position"] == progress.sequences
    assert losses(tmp_path / "run")[-1] < losses(tmp_path / "run")[0] - 0.5


def test_a_run_that_is_killed_after_going_back_does_not_meet_the_bad_data_again(tmp_path: Path) -> None:
    run_processes(tiny(), tmp_path / "run", ranks=1, fault="loss:0:6:7")
    uninterrupted = losses(tmp_path / "run")
    checkpoints = tmp_path / "run" / CHECKPOINTS
    run_processes(tiny(checkpoints={"keep": 9}), tmp_path / "again", ranks=1, fault="loss:0:6:7")
    for path in (tmp_path / "again" / CHECKPOINTS).iterdir():
        if path.name > "step-00000004":
            shutil.rmtree(path)
    run_here(tiny(), tmp_path / "again", resume=True)
    assert losses(tmp_path / "again") == uninterrupted
    assert checkpoints.exists()


def test_a_run_that_never_gets_well_ends_with_a_sentence(tmp_path: Path) -> None:
    recipe = tiny(recovery={"most_rollbacks": 1})
    process = start_worker(recipe, tmp_path / "run", ranks=1, fault="loss:0:" + ":".join(map(str, range(3, 30))))
    output, _ = process.communicate(timeout=300)
    assert process.returncode != 0
    assert "gone back 1 times already" in output


def test_kill_at_any_moment_loses_at_most_the_steps_since_the_last_checkpoint(tmp_path: Path) -> None:
    recipe = tiny(steps=30, checkpoints={"every_steps": 3})
    run_here(recipe, tmp_path / "whole")
    folder = tmp_path / "run"
    for enough in (8, 19):
        process = start_worker(recipe, folder, ranks=1, resume=True)
        end = time.monotonic() + 200
        while process.poll() is None and time.monotonic() < end:
            if (folder / "log.jsonl").exists() and len(losses_so_far(folder)) >= enough:
                break
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        reached = max(losses_so_far(folder))
        newest = newest_checkpoint(folder / CHECKPOINTS)
        assert newest is not None
        # One checkpoint may be on its way while the steps to the next are done.
        assert read_progress(newest).step >= reached - 2 * 3
    run_here(recipe, folder, resume=True)
    assert losses(folder) == losses(tmp_path / "whole")
    assert not list((folder / CHECKPOINTS).glob("*.partial"))


def losses_so_far(folder: Path) -> set[int]:
    """The steps in the log, whose last line a kill may have cut."""
    found = set()
    for text in (folder / "log.jsonl").read_text().splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if line["kind"] == "step":
            found.add(line["step"])
    return found


def test_a_damaged_checkpoint_is_passed_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    run_here(tiny(checkpoints={"keep": 9}), tmp_path / "run")
    checkpoints = tmp_path / "run" / CHECKPOINTS
    (part,) = (checkpoints / "step-00000012").glob("*.distcp")
    part.write_bytes(part.read_bytes()[:100])
    newest = newest_checkpoint(checkpoints)
    assert newest is not None
    assert newest.name == "step-00000008"
    assert "not as long" in caplog.text


def test_a_disk_that_fills_is_told_of_and_costs_checkpoints_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writes fail for real: the process may make no file above a size."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    steps = iter(range(1, 100))

    def fill_and_empty() -> bool:
        step = next(steps)
        if step == 2:
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, most))
        if step == 9:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        return False

    try:
        seen = run_here(tiny(), tmp_path / "run", should_stop=fill_and_empty)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    assert "checkpoint_failed" in seen.events
    names = sorted(path.name for path in (tmp_path / "run" / CHECKPOINTS).iterdir())
    assert names[-1] == "step-00000012"
    assert len(losses(tmp_path / "run")) == 12


def test_a_disk_that_is_nearly_full_is_noticed_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = {"bytes": 10**9}
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=free["bytes"]))
    steps = iter(range(1, 100))

    def fill() -> bool:
        free["bytes"] = {2: 10**8, 3: 10**6, 10: 10**9}.get(next(steps), free["bytes"])
        return False

    events = run_here(tiny(), tmp_path / "run", should_stop=fill).events
    assert events.count("disk_low") == 1
    assert events.index("disk_low") < events.index("checkpoint_failed")
    free["bytes"] = 10**6
    with pytest.raises(TrainingError, match="no room for a checkpoint"):
        run_here(tiny(), tmp_path / "other")


def test_a_folder_with_a_run_is_not_written_over(whole: Path) -> None:
    with pytest.raises(RunConflictError, match="--resume"):
        run_here(tiny(), whole)


@pytest.mark.parametrize("compute", [{"precision": "bf16"}, {"compile": True}, {"activation_checkpointing": "full"}])
def test_other_ways_to_compute_come_to_nearly_the_same(whole: Path, tmp_path: Path, compute: dict[str, Any]) -> None:
    run_here(tiny(compute=compute), tmp_path / "run")
    close = 0.03 if "precision" in compute else 1e-4
    assert losses(tmp_path / "run") == pytest.approx(losses(whole), rel=close)


@pytest.mark.parametrize("compute", [{}, {"activation_checkpointing": "full"}])
def test_attention_over_variable_lengths_comes_to_the_losses_of_a_mask(tmp_path: Path, compute: dict[str, Any]) -> None:
    found = {}
    for way in ("mask", "varlen"):
        recipe = tiny(steps=4, data={"separate": True}, compute={"document_attention": way, **compute})
        run_here(recipe, tmp_path / way)
        found[way] = losses(tmp_path / way)
    assert found["varlen"] == pytest.approx(found["mask"], rel=1e-5)


def test_master_weights_are_float32_in_bf16(tmp_path: Path) -> None:
    run_here(tiny(compute={"precision": "bf16"}), tmp_path / "run")
    from torch.distributed.checkpoint import FileSystemReader

    newest = newest_checkpoint(tmp_path / "run" / CHECKPOINTS)
    metadata = FileSystemReader(str(newest)).read_metadata().state_dict_metadata
    types = {about.properties.dtype for name, about in metadata.items() if name.startswith("model.")}
    assert types == {torch.float32}
