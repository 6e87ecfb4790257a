"""`prover verify --batch`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click
from filelock import FileLock, Timeout
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from prover.assembly.concurrency import CHECK_BYTES
from prover.assembly.environments import open_parallel_environment, theorem_reader
from prover.cli.exits import BAD_INPUT, MACHINE_FAULT, NOT_PROVED, OK
from prover.cli.read import read_text
from prover.cli.run import Stop, run
from prover.cli.show import console
from prover.environments.machine_limits import share
from prover.errors import RunConflictError
from prover.proving.in_order import in_order
from prover.rewards.batch import Asked, BatchVerdicts, read_batch
from prover.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])
_STATUS = {
    "accepted": OK,
    "rejected": NOT_PROVED,
    "invalid": BAD_INPUT,
    "timed_out": MACHINE_FAULT,
    "failed": MACHINE_FAULT,
}


@dataclass(frozen=True, slots=True)
class Batch:
    """What was asked: the file, where the verdicts go (None: standard output), how many at once."""

    file: str
    output: Path | None
    resume: bool
    workers: int


def batch_options(command: Command) -> Command:
    """Add the options of a batch; the command gets `batch`, None without --batch."""

    @click.option("--batch", "file", metavar="FILE.jsonl", help="Judge each line of a file ('-' is standard input).")
    @click.option(
        "--output",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="With --batch: write the verdicts there.  [default: standard output]",
    )
    @click.option("--resume", is_flag=True, help="With --batch: keep the verdicts in --output, and go on.")
    @click.option(
        "--workers",
        type=click.IntRange(min=1),
        help="With --batch: texts that are verified at once.  [default: one a core, fewer where memory is short]",
    )
    @wraps(command)
    def wrapped(
        *arguments: Any, file: str | None, output: Path | None, resume: bool, workers: int | None, **options: Any
    ) -> Any:
        if file is None and (output or resume or workers):
            raise click.UsageError("--output, --resume and --workers go with --batch")
        if resume and output is None:
            raise click.UsageError("--resume goes with --output, which has the verdicts so far")
        batch = None if file is None else Batch(file, output, resume, workers or share().room(CHECK_BYTES))
        return command(*arguments, batch=batch, **options)

    return wrapped  # type: ignore[return-value]


def verify_batch(batch: Batch, environment: str, settings: Settings, *, timeout_s: float) -> int:
    """Judge each line and write the verdicts; return the exit status of the worst."""
    lines = list(read_batch(read_text(batch.file)))
    if not lines:
        raise click.UsageError(f"{batch.file} has no lines")
    with ExitStack() as stack:
        if batch.output is not None:
            stack.enter_context(_alone(batch.output))
        done = _verdicts_so_far(batch)
        left = [asked for asked in lines if done.get(asked.name, {}).get("digest") != asked.digest]
        kept = [done[asked.name] for asked in lines if asked not in left]
        if kept:
            console.print(f"{len(kept)} of {len(lines)} have their verdict")
        target = None if batch.output is None else stack.enter_context(_opened(batch.output, kept))
        rows = kept + run(lambda cancel: _judged(left, batch, environment, settings, timeout_s, target, cancel))
    counts = Counter(row["verdict"] for row in rows)
    shown = (f"{counts[verdict]} {verdict.replace('_', ' ')}" for verdict in _STATUS if counts[verdict])
    console.print("   ".join(shown))
    return max(_STATUS[row["verdict"]] for row in rows)


async def _judged(
    left: Sequence[Asked],
    batch: Batch,
    environment: str,
    settings: Settings,
    timeout_s: float,
    target: TextIO | None,
    cancel: Stop,
) -> list[dict[str, Any]]:
    assistant = open_parallel_environment(environment, settings, at_once=batch.workers)
    verdicts = BatchVerdicts(
        assistant, theorem_reader(environment, settings), timeout_s=timeout_s, at_once=batch.workers
    )
    rows = []
    try:
        with _progress() as progress:
            task = progress.add_task("verifying", total=len(left))
            async for row in in_order(left, verdicts.judge, at_once=batch.workers):
                rows.append(row)
                click.echo(json.dumps(row, ensure_ascii=False), file=target)
                if target is not None:
                    target.flush()
                progress.advance(task)
    finally:
        await verdicts.close()
    return rows


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True)


def _verdicts_so_far(batch: Batch) -> dict[str, dict[str, Any]]:
    """Return the verdicts that are kept, by name. Machine faults are judged again; so is what ran out of time."""
    output = batch.output
    if output is None or not output.exists():
        return {}
    if not batch.resume:
        raise click.UsageError(f"{output} exists: add --resume to keep its verdicts, or remove it")
    rows: dict[str, dict[str, Any]] = {}
    for line in output.read_text(encoding="utf-8").split("\n"):
        try:
            row = json.loads(line)
            rows |= {row["name"]: row} if row["verdict"] in {"accepted", "rejected", "invalid"} else {}
        except (ValueError, KeyError, TypeError):
            continue  # the line that a killed run was writing
    return rows


@contextmanager
def _alone(output: Path) -> Iterator[None]:
    """Keep other runs from writing to the same file. Raises RunConflictError if one does."""
    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(output.with_name(f".{output.name}.lock"), timeout=0):
            yield
    except Timeout:
        raise RunConflictError(f"another run writes to {output}: wait for it, or give another --output") from None


def _opened(output: Path, kept: Sequence[dict[str, Any]]) -> TextIO:
    """Open the file with the verdicts that are kept."""
    beside = output.with_name(f".{output.name}.new")
    beside.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in kept), encoding="utf-8")
    beside.replace(output)
    return output.open("a", encoding="utf-8")
