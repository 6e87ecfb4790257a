"""One training run from its recipe to its end: what `prover train` calls on every rank."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from prover.data.corpora.tokenizer_files import CONFIG, TOKENIZER
from prover.errors import ProverError
from prover.train.board import Board, TensorBoard
from prover.train.data_record import DATA, MODEL_DATA, DataRecord, check_tokenizer, keep_record, record_of_model
from prover.train.distributed import World, open_world
from prover.train.log import RunLog, Watcher
from prover.train.recipe import Recipe, Start
from prover.train.run_folder import claim
from prover.train.stream import TrainingCorpus
from prover.train.trainer import Finished, Trainer
from prover.train.wandb_board import WandbBoard
from prover.train.weights import folder_of


def train(
    recipe: Recipe,
    corpus: TrainingCorpus,
    folder: Path,
    *,
    resume: bool,
    watcher: Watcher,
    should_stop: Callable[[], bool] = lambda: False,
    wandb: str | None = None,
) -> Finished:
    """Train; under torchrun, this rank's part. `wandb`: project at Weights & Biases to which figures go as well.

    Raises:
        InvalidRecipeError: the recipe does not fit the ranks, the weights it starts from, or the corpus.
        RunConflictError: the folder is not this run's.
        TrainingError: training cannot start or continue.
        MissingExtraError: wandb is not installed.
    """
    with open_world(recipe) as world, ExitStack() as stack:
        log = _open_log(recipe, corpus, folder, world, watcher, stack, resume=resume, wandb=wandb)
        trainer = Trainer(recipe, corpus, folder, world, log)
        return trainer.run(should_stop)


def _open_log(
    recipe: Recipe,
    corpus: TrainingCorpus,
    folder: Path,
    world: World,
    watcher: Watcher,
    stack: ExitStack,
    *,
    resume: bool,
    wandb: str | None,
) -> RunLog | None:
    """Claim the folder on the first rank, for this data; its error is raised on all ranks."""
    problem: ProverError | None = None
    log: RunLog | None = None
    if world.first:
        try:
            if corpus.record is not None and not (folder / DATA).exists():
                _check_start(recipe.start, corpus.record)
            stack.enter_context(claim(folder, recipe, resume=resume))
            keep_record(folder, corpus.record)
            boards: list[Board] = [TensorBoard(folder / "tensorboard")]
            if wandb is not None:
                boards.append(WandbBoard(wandb, recipe, folder))
            log = RunLog(folder, watcher, boards)
            stack.callback(log.close)
        except ProverError as error:
            problem = error
    problem = world.agree(problem)
    if problem is not None:
        raise problem
    return log


def _check_start(start: Start, record: DataRecord) -> None:
    """Compare the corpus's tokenizer with those that the recipe starts from.

    The other ranks wait meanwhile, so no weights are fetched.
    """
    if start.tokenizer is not None:
        check_tokenizer(record, folder_of(start.tokenizer, None), start.tokenizer)
    if start.weights is not None:
        home = folder_of(start.weights, start.revision, (TOKENIZER, CONFIG, MODEL_DATA))
        if start.tokenizer is None or record_of_model(home) is not None:
            check_tokenizer(record, home, start.weights)
