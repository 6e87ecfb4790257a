"""What the log says of the last steps: tokens per second, model FLOPs utilisation, loss of each source."""

from __future__ import annotations

import time
from typing import Any

import torch

from prover.train.distributed import World
from prover.train.flops import operations_6n, operations_with_attention, peak_of
from prover.train.network import Gradient
from prover.train.recipe import Recipe


class Throughput:
    """Adds up steps until its figures are asked for."""

    def __init__(self, recipe: Recipe, world: World) -> None:
        self._recipe = recipe
        self._world = world
        cuda = world.device.type == "cuda"
        self._peak = peak_of(torch.cuda.get_device_name(world.device)) if cuda else None
        self.start()

    def start(self) -> None:
        """Start over; the clock starts now."""
        self._began = time.monotonic()
        self._steps = 0
        self._losses: dict[str, tuple[float, int]] = {}

    def leave_out(self, seconds: float) -> None:
        """Leave out so many seconds, in which there was no training."""
        self._began += seconds

    def add(self, gradient: Gradient, *, good: bool) -> None:
        """Count a step. Of a skipped one only the time counts."""
        self._steps += 1
        if good:
            for source, loss, tokens in gradient.own_losses:
                before, count = self._losses.get(source, (0.0, 0))
                self._losses[source] = before + loss, count + tokens

    def figures(self) -> dict[str, Any]:
        """Return the figures since the last call, of all ranks together, and start over."""
        seconds = time.monotonic() - self._began
        tokens_s = self._steps * self._recipe.tokens_per_step / seconds
        figures: dict[str, Any] = {
            "source_loss": self._source_losses(),
            "tokens_per_s": round(tokens_s, 1),
            "step_s": round(seconds / self._steps, 4),
        }
        if self._peak is not None:
            shape = self._recipe.model
            share = tokens_s / (self._peak * self._world.ranks)
            figures["mfu_6n"] = round(share * operations_6n(shape), 4)
            figures["mfu_attention"] = round(
                share * operations_with_attention(shape, self._recipe.data.context_length), 4
            )
            figures["memory_gb"] = round(torch.cuda.max_memory_allocated(self._world.device) / 1e9, 2)
        self.start()
        return figures

    def _source_losses(self) -> dict[str, float]:
        """Return the mean loss of each source. Ranks that share data count it alike, which changes no mean."""
        total: dict[str, tuple[float, int]] = {}
        for part in self._world.gather(self._losses):
            for source, (loss, tokens) in part.items():
                before, count = total.get(source, (0.0, 0))
                total[source] = before + loss, count + tokens
        return {source: loss / tokens for source, (loss, tokens) in sorted(total.items()) if tokens}
