"""AdamW over sharded parameters, the learning-rate schedule, and the norm of a gradient."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.distributed.tensor import DTensor

from prover.train.model import Llama
from prover.train.recipe import Optimizer


def learning_rate(recipe: Optimizer, step: int) -> float:
    """Return the learning rate of a step, counted from 1: linear warm-up, cosine decay, then constant."""
    if step <= recipe.warmup_steps:
        return recipe.learning_rate * step / recipe.warmup_steps
    done = min(1.0, (step - recipe.warmup_steps) / (recipe.decay_steps - recipe.warmup_steps))
    height = recipe.learning_rate - recipe.min_learning_rate
    return recipe.min_learning_rate + height * 0.5 * (1.0 + math.cos(math.pi * done))


def adamw(model: Llama, recipe: Optimizer) -> torch.optim.AdamW:
    """Return the optimiser; its state is float32, like the parameters."""
    learning = [p for p in model.parameters() if p.requires_grad]
    groups = [[p for p in learning if p.ndim > 1], [p for p in learning if p.ndim == 1]]
    optimizer = torch.optim.AdamW(
        [{"params": group} for group in groups if group],
        lr=recipe.learning_rate,
        fused=True,
    )
    configure(optimizer, recipe)
    return optimizer


def configure(optimizer: torch.optim.AdamW, recipe: Optimizer) -> None:
    """Set the optimiser's constants from the recipe, overriding a checkpoint's."""
    for group in optimizer.param_groups:
        matrices = group["params"][0].ndim > 1
        group["betas"] = (recipe.beta1, recipe.beta2)
        group["eps"] = recipe.epsilon
        group["weight_decay"] = recipe.weight_decay if matrices else 0.0


def set_learning_rate(optimizer: torch.optim.AdamW, rate: float) -> None:
    """Set the learning rate of the next update."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def gradient_norm(model: nn.Module) -> torch.Tensor:
    """Return the Euclidean norm of the whole gradient, a scalar that is equal on all ranks."""
    norm = torch.nn.utils.get_total_norm([p.grad for p in model.parameters() if p.grad is not None])
    return norm.full_tensor() if isinstance(norm, DTensor) else norm


def clip(model: nn.Module, longest: float, norm: torch.Tensor) -> None:
    """Scale the gradient down to a norm, given its norm."""
    torch.nn.utils.clip_grads_with_norm_(model.parameters(), longest, norm)
