"""What the commands of `prover mine` share: options of a run, workers, progress, the end."""

from __future__ import annotations

import functools
import hashlib
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from prover.bench.work import Task, run_tasks
from prover.cli.exits import BAD_INPUT
from prover.cli.options.output import resume_option
from prover.cli.options.work import workers_option
from prover.cli.run import Stop, run
from prover.cli.run_folder import recorded, stopped
from prover.cli.show import show_error
from prover.environments.lean_wasm.environment import LIBRARIES, LeanWasmEnvironment
from prover.errors import InvalidProblemSetError, RunConflictError

FOLDER = click.Path(file_okay=False, path_type=Path)
TaskT = TypeVar("TaskT", bound=Task)
Command = TypeVar("Command", bound=Callable[..., Any])

imports_option = click.option(
    "--imports", type=click.Choice(LIBRARIES), default="Init", show_default=True, help="Lean library to mine."
)
sample_option = click.option(
    "--sample", type=click.IntRange(1), metavar="N", help="Use N of them, chosen at random.  [default: all]"
)


@dataclass(frozen=True, slots=True)
class MiningRun:
    """Where the results go, whether an earlier run is continued, and with how many processes."""

    output: Path
    resume: bool
    workers: int


def run_options(command: Command) -> Command:
    """Add --output, --resume and --workers; the command gets `run`."""

    @functools.wraps(command)
    def with_run(*args: Any, output: Path, resume: bool, workers: int, **options: Any) -> Any:
        return command(*args, run=MiningRun(output, resume, workers), **options)

    decorated: Any = with_run
    for option in reversed(
        (
            click.option("--output", type=FOLDER, required=True, metavar="DIR", help="Folder for the results."),
            resume_option,
            workers_option("Lean processes"),
        )
    ):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


def chosen(tasks: list[TaskT], sample: int | None, seed: int) -> list[TaskT]:
    """Return `sample` of the tasks, chosen by the seed, in their order; all if it is None."""
    if sample is None or sample >= len(tasks):
        return tasks
    return [tasks[i] for i in sorted(random.Random(seed).sample(range(len(tasks)), sample))]


async def run_mining(
    tasks: Sequence[TaskT],
    attempt: Callable[[TaskT, LeanWasmEnvironment], Awaitable[dict[str, Any] | None]],
    *,
    environment: Callable[[], LeanWasmEnvironment],
    about: dict[str, Any],
    word: str,
    good: Callable[[dict[str, Any]], bool],
    into: MiningRun,
    cancel: Stop,
) -> list[dict[str, Any]]:
    """Work on all tasks; return the results there are, in the order of the tasks.

    `environment` opens the Lean of a worker.
    """
    about = about | {
        "environment": environment().identity,
        "tasks": hashlib.sha256("\n".join(map(repr, tasks)).encode()).hexdigest(),
    }
    with recorded(
        into.output,
        about,
        resume=into.resume,
        word=word,
        total=len(tasks),
        good=good,
        line=_line,
        quiet=False,
        cancel=cancel,
    ) as (results, watch):
        await run_tasks(
            tasks,
            results,
            environment=environment,
            attempt=attempt,
            failed=lambda task: {"problem": task.name, "row": None, "proved": False, "theorems": []},
            workers=into.workers,
            watcher=watch,
            cancel=cancel,
        )
        return [results.done[task.name] for task in tasks if task.name in results.done]


def _line(result: dict[str, Any]) -> str:
    if result["error"]:
        return f"left out   {result['problem']}   {result['error'][:100]}"
    if "proved" in result:
        return f"{'proved    ' if result['proved'] else 'not proved'} {result['problem']}"
    return f"done       {result['problem']}"


def finished(
    ctx: click.Context, work: Callable[[Stop], Awaitable[list[dict[str, Any]]]], output: Path
) -> list[dict[str, Any]]:
    """Run; return the results, or say how to continue if it was interrupted."""

    async def watched(cancel: Stop) -> tuple[list[dict[str, Any]], bool]:
        return await work(cancel), cancel.is_set()

    try:
        done, cancelled = run(watched)
    except (RunConflictError, InvalidProblemSetError) as error:
        show_error(str(error))
        ctx.exit(BAD_INPUT)
    if cancelled:
        stopped(ctx, output)
    return done
