"""Bars of a run over many tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from prover.bench.work import Task
from prover.cli.show import console, printable


class Bar:
    """A progress bar; nothing is shown if standard error is no terminal, or if `quiet`.

    `columns` come after the usual ones; `transient`: the bar goes away at the end.
    """

    def __init__(
        self,
        text: str,
        total: int,
        *,
        quiet: bool,
        completed: int = 0,
        columns: Sequence[ProgressColumn] = (),
        transient: bool = True,
        **fields: Any,
    ) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            *columns,
            console=console,
            transient=transient,
            disable=quiet or not console.is_terminal,
        )
        self._task = self._progress.add_task(text, total=total, completed=completed, **fields)

    @property
    def hidden(self) -> bool:
        """Is nothing shown?"""
        return self._progress.disable

    def update(self, **changes: Any) -> None:
        """Change text, position or fields."""
        self._progress.update(self._task, **changes)

    def advance(self, _: object = None) -> None:
        """One more is done."""
        self.update(advance=1)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()


class TaskProgress(Bar):
    """A bar for a run over many tasks: how many came out well, what the workers are at. Not on a terminal: a line each.

    `good`: did this result come out well? `line`: what is printed of a result where there is no terminal.
    """

    def __init__(
        self,
        word: str,
        total: int,
        done: dict[str, dict[str, Any]],
        *,
        good: Callable[[dict[str, Any]], bool],
        line: Callable[[dict[str, Any]], str],
        quiet: bool,
    ) -> None:
        self._word, self._good, self._line = word, good, line
        self._count = sum(map(good, done.values()))
        self._at: dict[int, str] = {}
        columns = [TextColumn("{task.fields[at]}", markup=False)]
        super().__init__(self._text(), total, quiet=quiet, completed=len(done), columns=columns, at="")

    def _text(self) -> str:
        return f"{self._word} {self._count}"

    def started(self, worker: int, task: Task) -> None:
        """A worker takes up a task."""
        self._at[worker] = printable(task.name)
        self.update(at=" ".join(name[:30] for name in self._at.values()))

    def finished(self, worker: int, result: dict[str, Any]) -> None:
        """A worker has written a result."""
        self._count += self._good(result)
        self.update(advance=1, description=self._text())
        if self.hidden and not console.quiet:
            console.print(self._line(result), markup=False, soft_wrap=True)
