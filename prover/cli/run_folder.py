"""The folder of a run: where it is, what is written there, how it is continued."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import click
import platformdirs

from prover.bench.results import ResultsFile
from prover.cli.bars import TaskProgress
from prover.cli.exits import CANCELLED
from prover.cli.run import Stop
from prover.cli.show import console


def run_folder(output: Path | None, kind: str, *, resume: bool = False) -> Path:
    """Return the folder that was given, else a new one by date in the user's data folder.

    Raises click.UsageError if a run is to be continued and none is given.
    """
    if output is not None:
        return output
    if resume:
        raise click.UsageError("--resume needs --output")
    return Path(platformdirs.user_data_dir("prover")) / kind / datetime.now(UTC).strftime("%Y%m%d-%H%M%S")


def write_summary(folder: Path, summary: dict[str, Any]) -> None:
    """Write summary.json."""
    text = json.dumps(summary, ensure_ascii=False, indent=1) + "\n"
    (folder / "summary.json").write_text(text, encoding="utf-8")


def stopped(ctx: click.Context, folder: Path) -> NoReturn:
    """Say how to continue a run that was interrupted, and exit."""
    console.print(f"stopped; continue with --resume --output {folder}", markup=False, soft_wrap=True)
    ctx.exit(CANCELLED)


@contextmanager
def recorded(
    folder: Path,
    about: dict[str, Any],
    *,
    resume: bool,
    word: str,
    total: int,
    good: Callable[[dict[str, Any]], bool],
    line: Callable[[dict[str, Any]], str],
    quiet: bool,
    cancel: Stop,
) -> Iterator[tuple[ResultsFile, TaskProgress]]:
    """Give the file for the results of a run, and its progress bar; within, `cancel` stops the run in good order.

    The rest is for `ResultsFile` and `TaskProgress`. Raises RunConflictError if the folder has another run.
    """
    with (
        ResultsFile(folder, about, resume=resume) as results,
        TaskProgress(word, total, results.done, good=good, line=line, quiet=quiet) as watch,
        cancel.heeded(),
    ):
        yield results, watch
