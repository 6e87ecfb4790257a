"""One training run from its recipe to its end: what `prover train` calls on every rank."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from prover.errors import ProverError
from prover.train.distributed import World, open_world
from prover.train.log import RunLog, Watcher
from prover.train.recipe import Recipe
from prover.train.run_folder import claim
from prover.train.stream import TrainingCorpus
from prover.train.trainer import Finished, Trainer


def train(
    recipe: Recipe,
    corpus: TrainingCorpus,
    folder: Path,
    *,
    resume: bool,
    watcher: Watcher,
    should_stop: Callable[[], bool] = lambda: False,
) -> Finished:
    """Train; under torchrun, this rank's part.

    Raises:
        InvalidRecipeError: the recipe does not fit the ranks, the weights it starts from, or the corpus.
        RunConflictError: the folder is not this run's.
        TrainingError: training cannot start or continue.
    """
    with open_world(recipe) as world, ExitStack() as stack:
        log = _open_log(recipe, folder, world, watcher, stack, resume=resume)
        trainer = Trainer(recipe, corpus, folder, world, log)
        return trainer.run(should_stop)


def _open_log(
    recipe: Recipe, folder: Path, world: World, watcher: Watcher, stack: ExitStack, *, resume: bool
) -> RunLog | None:
    """Claim the folder on the first rank; its error is raised on all ranks."""
    problem: ProverError | None = None
    log: RunLog | None = None
    if world.first:
        try:
            stack.enter_context(claim(folder, recipe, resume=resume))
            log = RunLog(folder, watcher)
            stack.callback(log.close)
        except ProverError as error:
            problem = error
    problem = world.agree(problem)
    if problem is not None:
        raise problem
    return log
