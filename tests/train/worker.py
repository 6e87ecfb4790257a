"""One rank of a tiny run: `python -m tests.train.worker RECIPE.json FOLDER RESUME [FAULT]`.

FAULT is KIND:RANK:STEP[:STEP...]: on that rank, at those steps (counted over the whole process, also after going
back), the `loss` or only the `gradient` is not a number, or the loss is a `spike`.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from prover.train.distributed import open_world
from prover.train.log import RunLog
from prover.train.recipe import Recipe
from prover.train.run_folder import claim
from prover.train.trainer import Trainer
from tests.train.runs import Seen, corpus


def inject(trainer: Trainer, recipe: Recipe, rank: int, fault: str) -> None:
    """Make some steps of a trainer go wrong."""
    kind, _, where = fault.partition(":")
    on_rank, *steps = (int(part) for part in where.split(":"))
    passes = 0
    per_step = recipe.accumulation(trainer.world.ranks)

    def spoil(module: Any, arguments: Any, logits: Any) -> Any:
        nonlocal passes
        passes += 1
        if rank != on_rank or (passes - 1) // per_step + 1 not in steps:
            return logits
        if kind == "gradient":
            logits.register_hook(lambda gradient: gradient * float("nan"))
            return logits
        return logits * (float("nan") if kind == "loss" else -30.0)

    trainer.network.model.register_forward_hook(spoil)


def main() -> None:
    """Train."""
    wanted, folder, resume, fault = sys.argv[1], Path(sys.argv[2]), sys.argv[3] == "1", (sys.argv[4:] or [""])[0]
    recipe = Recipe.model_validate_json(Path(wanted).read_text())
    with open_world(recipe) as world, ExitStack() as stack:
        log = None
        if world.first:
            stack.enter_context(claim(folder, recipe, resume=resume))
            log = RunLog(folder, Seen())
            stack.callback(log.close)
        trainer = Trainer(recipe, corpus(recipe), folder, world, log)
        if fault:
            inject(trainer, recipe, world.rank, fault)
        trainer.run()


if __name__ == "__main__":
    main()
