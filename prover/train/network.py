"""Model and optimiser of one rank, with the two operations on them: a training step, and a loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
from torch.distributed.tensor import DTensor
from torch.distributed.tensor.parallel import loss_parallel

from prover.train.adapters import add_adapters, initialise_adapters
from prover.train.batch import MicroBatch
from prover.train.distributed import World
from prover.train.model import Llama, sequence_losses
from prover.train.optimizer import adamw, clip, gradient_norm, set_learning_rate
from prover.train.parallel import parallelise
from prover.train.recipe import Recipe
from prover.train.weights import folder_of, initialise, read_weights


@dataclass(frozen=True, slots=True)
class Gradient:
    """The result of one pass over a step's data. The gradient itself is in the parameters.

    loss: mean over all trained tokens of all ranks, nats per token; NaN if there are none
    norm: of the gradient before clipping
    own_losses: for each of this rank's sequences source, summed loss, trained tokens
    """

    loss: float
    norm: float
    tokens: int
    own_losses: list[tuple[str, float, int]]


class Network:
    """A model on its ranks with its optimiser. All methods are collective."""

    def __init__(self, recipe: Recipe, world: World) -> None:
        """Create the parameters of this rank, without values; `start` or a checkpoint sets them."""
        self._recipe = recipe
        self._world = world
        with torch.device("meta"):
            self.model = Llama(recipe.model)
            if recipe.lora is not None:
                add_adapters(self.model, recipe.lora)
        parallelise(self.model, world.mesh, recipe)
        self.model.to_empty(device=world.device)
        self.optimizer = adamw(self.model, recipe.optimizer)
        self._losses = torch.compile(sequence_losses) if self._compiles_loss else sequence_losses

    def start(self) -> list[str]:
        """Set the parameters as the recipe's `start` says; return what is worth knowing of them."""
        start = self._recipe.start
        if self._recipe.lora is not None:
            initialise_adapters(self.model, self._recipe.seed)
        if start.weights is not None:
            return read_weights(self.model, folder_of(start.weights, start.revision))
        initialise(self.model, start.standard_deviation, self._recipe.seed)
        return []

    def gradient(self, batches: Sequence[MicroBatch]) -> Gradient:
        """Compute the gradient of a step's mean loss, of which `batches` is this rank's part."""
        device = self._world.device
        learned = sum(sum(batch.learned) for batch in batches)
        count = self._world.sum_over_data(torch.tensor(float(learned), dtype=torch.float64, device=device))
        # FSDP averages gradients over the ranks with data; the mean is over all tokens of all ranks.
        scale = (self._world.data_ranks / count.clamp(min=1)).float()
        parts = []
        for batch in batches:
            with self._shared_loss():
                losses = self._sequence_losses(batch)
                (losses.sum() * scale).backward()
            parts.append(losses.detach())
        own = torch.cat(parts)
        total = self._world.sum_over_data(own.sum(dtype=torch.float64))
        norm = gradient_norm(self.model)
        loss, norm_value, tokens = torch.stack([total, norm.double(), count]).tolist()
        sources = [source for batch in batches for source in batch.sources]
        numbers = [number for batch in batches for number in batch.learned]
        return Gradient(
            loss=loss / tokens if tokens else math.nan,
            norm=norm_value,
            tokens=int(tokens),
            own_losses=list(zip(sources, own.tolist(), numbers, strict=True)),
        )

    def update(self, gradient: Gradient, rate: float) -> None:
        """Clip the gradient and update the weights."""
        norm = torch.tensor(gradient.norm, dtype=torch.float32, device=self._world.device)
        clip(self.model, self._recipe.optimizer.clip_norm, norm)
        set_learning_rate(self.optimizer, rate)
        self.optimizer.step()
        self.forget()

    def forget(self) -> None:
        """Drop the gradient."""
        self.optimizer.zero_grad(set_to_none=True)

    @torch.no_grad()
    def summed_loss(self, batch: MicroBatch) -> float:
        """Return the summed loss of this rank's micro-batch, without a step."""
        with self._shared_loss():
            return float(self._sequence_losses(batch).sum())

    def _sequence_losses(self, batch: MicroBatch) -> torch.Tensor:
        logits = self.model(batch.tokens, batch.positions, batch.segments)
        losses: torch.Tensor = self._losses(logits, batch.labels)
        return losses.to_local() if isinstance(losses, DTensor) else losses

    def _shared_loss(self) -> AbstractContextManager[None]:
        return loss_parallel() if self._recipe.parallel.tensor > 1 else nullcontext()

    @property
    def _compiles_loss(self) -> bool:
        return self._recipe.compute.compile and self._recipe.parallel.tensor == 1
