"""The training loop."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prover.errors import TrainingError
from prover.train.batch import micro_batch
from prover.train.checkpoint import CheckpointStore, Progress, read_progress
from prover.train.distributed import World
from prover.train.guard import Judgement, StepAction, StepGuard
from prover.train.log import RunLog
from prover.train.network import Gradient, Network
from prover.train.optimizer import configure, learning_rate
from prover.train.recipe import Recipe
from prover.train.run_folder import CHECKPOINTS, Rollback, add_rollback, read_rollbacks
from prover.train.stream import TrainingCorpus
from prover.train.throughput import Throughput
from prover.train.validation import validate

_RETRIES = 10  # of a checkpoint that could not be written, before the next is due


@dataclass(frozen=True, slots=True)
class Finished:
    """How a run, or this part of it, ended.

    tokens: trained on since the first step
    loss: of the last good step, nats per token
    held_out: final loss of each held-out source, nats per token
    """

    step: int
    tokens: int
    stopped: bool
    loss: float
    held_out: Mapping[str, float]


class Trainer:
    """One rank of a run. `log`: on the first rank only. All methods are collective."""

    def __init__(self, recipe: Recipe, corpus: TrainingCorpus, folder: Path, world: World, log: RunLog | None) -> None:
        self._recipe = recipe
        self._corpus = corpus
        self._folder = folder
        self.world = world
        self._log = log
        self.network = Network(recipe, world)
        self._store = CheckpointStore(folder / CHECKPOINTS, recipe.checkpoints, world, self.network.model)
        self._stream = corpus.training(rank=world.data_rank, world_size=world.data_ranks)
        self._guard = StepGuard(recipe.recovery)
        self._throughput = Throughput(recipe, world)
        self._accumulation = recipe.accumulation(world.ranks)
        self.progress = Progress()
        self._loss = math.nan
        self._held_out: dict[str, float] = {}
        self._validated_at = -1
        self._save_at = recipe.checkpoints.every_steps
        self._warned_of_disk = False

    def run(self, should_stop: Callable[[], bool] = lambda: False) -> Finished:
        """Train to the recipe's last step, from the newest checkpoint if there is one.

        `should_stop` is called after every step; if it is true on any rank, all write a checkpoint and return.

        Raises:
            TrainingError: too many rollbacks, no room for checkpoints.
        """
        self._begin()
        stopped = False
        while self.progress.step < self._recipe.steps and not stopped:
            self._step()
            stop, save = self.world.largest([int(should_stop()), int(self._wants_checkpoint())])
            stopped = bool(stop) and self.progress.step < self._recipe.steps
            if save and not stopped and self.progress.step < self._recipe.steps:
                self._save()
            self._settle()
            if self._due(self._recipe.validate_every):
                self._validate()
        self._end(stopped)
        return Finished(self.progress.step, self.progress.tokens, stopped, self._loss, self._held_out)

    def _begin(self) -> None:
        newest = self._store.newest()
        if newest is None:
            for note in self.network.start():
                self._event("started", note)
            self._write_now()  # so there is always a checkpoint to go back to, and a full disk shows at once
        else:
            self._load(newest)
            self._event("resumed", f"from step {self.progress.step}")
        self._schedule_save()
        self._throughput.start()

    def _end(self, stopped: bool) -> None:
        if self._store_has_not_this_step():
            self._write_now()
        self._store.finish()
        if stopped:
            self._event("stopped", f"at step {self.progress.step}; --resume goes on")
        elif self._validated_at != self.progress.step:
            self._validate()

    def _step(self) -> None:
        step = self.progress.step + 1
        rate = learning_rate(self._recipe.optimizer, step)
        sequences = self._recipe.batch.micro_sequences
        batches = [
            micro_batch(
                [next(self._stream) for _ in range(sequences)],
                separate=self._recipe.data.separate,
                device=self.world.device,
                vocabulary=self._recipe.model.vocab_size,
            )
            for _ in range(self._accumulation)
        ]
        gradient = self.network.gradient(batches)
        if gradient.tokens:
            judgement = self._guard.judge(gradient.loss, gradient.norm)
        else:  # only prompts: nothing is wrong with the numbers
            judgement = Judgement(StepAction.SKIP, "no token to learn")
        good = judgement.action is StepAction.APPLY
        self.progress = self.progress.model_copy(
            update={
                "step": step,
                "sequences": self.progress.sequences + self._recipe.batch.sequences,
                "tokens": self.progress.tokens + self._recipe.tokens_per_step * good,
                "skipped_steps": self.progress.skipped_steps + (not good),
            }
        )
        if good:
            self.network.update(gradient, rate)
            self._loss = gradient.loss
        else:
            self.network.forget()
            self._event("step_skipped", judgement.reason, loss=_number(gradient.loss), norm=_number(gradient.norm))
        self._throughput.add(gradient, good=good)
        if judgement.action is StepAction.ROLL_BACK:
            self._roll_back(judgement.reason)
        elif self._due(self._recipe.log_every) or step == self._recipe.steps:
            self._log_figures(gradient, rate)

    def _roll_back(self, reason: str) -> None:
        done = read_rollbacks(self._folder) if self.world.first else []
        if self.world.agree(len(done)) >= self._recipe.recovery.most_rollbacks:
            raise TrainingError(
                f"step {self.progress.step}: {reason}; the run has gone back {self._recipe.recovery.most_rollbacks} "
                "times already. Lower the learning rate or look at the data, then --resume"
            )
        try:
            self._store.finish()
        except TrainingError as error:
            self._event("checkpoint_failed", str(error))
        newest = self._store.newest()
        if newest is None:
            raise TrainingError(f"step {self.progress.step}: {reason}; and there is no checkpoint to go back to")
        step, sequences = self.progress.step, self.progress.sequences
        before = read_progress(newest)
        rollback = Rollback(step, before.step, sequences - before.sequences, reason)
        if self.world.first:
            add_rollback(self._folder, rollback)
        self.world.wait()
        self._load(newest)
        self._event(
            "rolled_back",
            f"from step {step} to {before.step}, past {rollback.sequences} sequences: {reason}",
            from_step=step,
            sequences=rollback.sequences,
        )
        self._schedule_save()
        self._throughput.start()

    def _load(self, path: Path) -> None:
        """Load a checkpoint, and the position in the data after everything that was skipped since."""
        self.progress = self._store.load(path, self.network.model, self.network.optimizer)
        configure(self.network.optimizer, self._recipe.optimizer)
        self._guard.load_state_dict(self.progress.guard)
        self._loss = self._guard.last_loss
        self._stream.load_state_dict(self.progress.data)
        rollbacks = self.world.agree(read_rollbacks(self._folder) if self.world.first else [])
        skipped = [rollback.sequences for rollback in rollbacks if rollback.checkpoint == self.progress.step]
        if skipped:
            self._stream.skip(skipped[-1])
            sequences = self.progress.sequences + skipped[-1]
            self.progress = self.progress.model_copy(update={"sequences": sequences})

    # Checkpoints.

    def _wants_checkpoint(self) -> bool:
        """On the first rank: is one due, and is there room for it?"""
        if not self.world.first or not self._guard.clean:
            return False
        room = self._store.room()
        if room < self._store.bytes_needed and not self._warned_of_disk:
            self._warned_of_disk = True
            self._event(
                "disk_low",
                f"{(room + self._store.bytes_needed) / 1e9:.1f} GB free; a checkpoint needs "
                f"{self._store.bytes_needed / 1e9:.1f} GB, and the one before it is kept until it is complete",
            )
        self._warned_of_disk &= room < self._store.bytes_needed
        if self.progress.step < self._save_at:
            return False
        if room < 0:
            self._retry("no room on the disk")
            return False
        return True

    def _save(self) -> None:
        try:
            self._store.save(self.network.model, self.network.optimizer, self._now())
            self._schedule_save()
        except TrainingError as error:
            self._retry(str(error))

    def _write_now(self) -> None:
        if self.world.agree(self._store.room()) < 0:
            raise TrainingError(
                f"no room for a checkpoint in {self._folder}: it takes {self._store.bytes_needed / 1e9:.1f} GB. "
                "Make room, then --resume goes on from the last one"
            )
        self._store.save(self.network.model, self.network.optimizer, self._now())
        self._store.finish()

    def _settle(self) -> None:
        if not self.world.first:
            return
        try:
            path = self._store.settle()
            if path is not None:
                self._event("checkpoint", path.name)
        except TrainingError as error:
            self._retry(str(error))

    def _retry(self, problem: str) -> None:
        self._save_at = self.progress.step + max(1, self._recipe.checkpoints.every_steps // _RETRIES)
        self._event("checkpoint_failed", f"{problem}; training goes on, next try at step {self._save_at}")

    def _schedule_save(self) -> None:
        every = self._recipe.checkpoints.every_steps
        self._save_at = (self.progress.step // every + 1) * every

    def _store_has_not_this_step(self) -> bool:
        try:
            self._store.finish()
        except TrainingError as error:
            self._event("checkpoint_failed", str(error))
        newest = self._store.newest()
        return newest is None or read_progress(newest).step != self.progress.step

    def _now(self) -> Progress:
        return self.progress.model_copy(update={"data": self._stream.state_dict(), "guard": self._guard.state_dict()})

    # What is logged.

    def _due(self, every: int | None) -> bool:
        return every is not None and self.progress.step % every == 0

    def _validate(self) -> None:
        began = time.monotonic()
        self._validated_at = self.progress.step
        losses = self._held_out = validate(self.network, self._corpus, self._recipe, self.world)
        if losses and self._log:
            perplexities = {source: math.exp(min(loss, 700.0)) for source, loss in losses.items()}
            figures = {"loss": losses, "perplexity": perplexities}
            self._log.figures(self.progress.step, figures, kind="validation")
            shown = ", ".join(f"{source} {value:.2f}" for source, value in perplexities.items())
            self._event("validated", f"perplexity {shown}")
        self._throughput.leave_out(time.monotonic() - began)

    def _log_figures(self, gradient: Gradient, rate: float) -> None:
        figures = self._throughput.figures()
        if self._log:
            self._log.figures(
                self.progress.step,
                {
                    "loss": _number(self._loss),
                    "learning_rate": rate,
                    "gradient_norm": _number(gradient.norm),
                    "tokens": self.progress.tokens,
                    "skipped_steps": self.progress.skipped_steps,
                    **figures,
                },
            )

    def _event(self, event: str, text: str, **details: Any) -> None:
        if self._log:
            self._log.event(self.progress.step, event, text, **details)


def _number(value: float) -> float | str:
    """Return a number for JSON: as text if it is not finite."""
    return value if math.isfinite(value) else str(value)
