"""The ranks of a run: process group, device, mesh, and the few numbers that they exchange."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh

from prover.train.recipe import Recipe

T = TypeVar("T")

TIMEOUT = timedelta(minutes=30)  # covers the slowest step, reading a large model


@dataclass(frozen=True, slots=True)
class World:
    """This process among the others.

    mesh: of the names replicate, shard and tensor
    data_rank, data_ranks: this rank's part of the data; ranks that share matrices share it
    control: a CPU group for messages between ranks
    background: a CPU group for checkpoints only, which a thread writes while training continues
    """

    rank: int
    ranks: int
    device: torch.device
    mesh: DeviceMesh
    data_rank: int
    data_ranks: int
    control: dist.ProcessGroup
    background: dist.ProcessGroup

    @property
    def first(self) -> bool:
        """Is this the rank that writes logs and shows progress?"""
        return self.rank == 0

    def sum_over_data(self, values: torch.Tensor) -> torch.Tensor:
        """Add up a tensor over the ranks with data of their own, in place."""
        for name in ("replicate", "shard"):
            if self.mesh[name].size() > 1:
                dist.all_reduce(values, group=self.mesh.get_group(name))
        return values

    def largest(self, values: list[int]) -> list[int]:
        """Return the largest of each number over all ranks."""
        if self.ranks == 1:
            return values
        tensor = torch.tensor(values, device=self.device)
        dist.all_reduce(tensor, op=dist.ReduceOp.MAX)
        return [int(value) for value in tensor.tolist()]

    def agree(self, value: T) -> T:
        """Return the first rank's value on every rank."""
        if self.ranks == 1:
            return value
        values = [value]
        dist.broadcast_object_list(values, src=0, group=self.control)
        return values[0]

    def gather(self, value: T) -> list[T]:
        """Return every rank's value on every rank."""
        if self.ranks == 1:
            return [value]
        values: list[T] = [value] * self.ranks
        dist.all_gather_object(values, value, group=self.control)
        return values

    def wait(self) -> None:
        """Wait for all ranks."""
        if self.ranks > 1:
            dist.barrier(group=self.control)


def ranks_of_environment() -> int:
    """Return the number of processes that torchrun started, 1 without it."""
    return int(os.environ.get("WORLD_SIZE", "1"))


@contextmanager
def open_world(recipe: Recipe) -> Iterator[World]:
    """Join the ranks that torchrun started, or be the only one.

    Raises:
        InvalidRecipeError: the recipe's parallelism does not fit the number of ranks.
    """
    ranks = ranks_of_environment()
    data_ranks = recipe.data_ranks(ranks)
    recipe.accumulation(ranks)
    if torch.cuda.is_available():
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
        torch.set_float32_matmul_precision("high")
        backend = "cpu:gloo,cuda:nccl"
    else:
        device, backend = torch.device("cpu"), "gloo"
    if "WORLD_SIZE" in os.environ:
        dist.init_process_group(backend, timeout=TIMEOUT)
    else:
        dist.init_process_group(backend, store=dist.HashStore(), rank=0, world_size=1, timeout=TIMEOUT)
    try:
        parallel = recipe.parallel
        sizes = (parallel.replicate, data_ranks // parallel.replicate, parallel.tensor)
        mesh = init_device_mesh(device.type, sizes, mesh_dim_names=("replicate", "shard", "tensor"))
        yield World(
            rank=dist.get_rank(),
            ranks=ranks,
            device=device,
            mesh=mesh,
            data_rank=dist.get_rank() // parallel.tensor,
            data_ranks=data_ranks,
            control=dist.new_group(backend="gloo", timeout=TIMEOUT),
            background=dist.new_group(backend="gloo", timeout=TIMEOUT),
        )
    finally:
        dist.destroy_process_group()
