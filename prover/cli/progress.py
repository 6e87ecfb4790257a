"""The line that shows how a search goes."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self, assert_never

from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from prover.cli.show import console
from prover.core.budget import SearchBudget
from prover.core.plurals import counted
from prover.core.proof_state import TimedOut
from prover.search.events import Expanded, Found, SearchEvent, Tried


class SearchProgress:
    """Shows frontier, depth, expansions, tactics, effort and seconds of a search; nothing if not on a terminal."""

    def __init__(self, budget: SearchBudget, *, quiet: bool) -> None:
        self._budget = budget
        self._started = time.monotonic()
        self._phase = "starting Lean"
        self._expansions = self._tactics = self._cut_off = self._frontier = self._depth = 0
        self._effort = 0.0
        self._spinner = Spinner("dots", text=self._line())
        self._live = Live(self, console=console, transient=True, refresh_per_second=8)
        self._shown = console.is_terminal and not quiet

    def update(self, event: SearchEvent) -> None:
        """Take in one event of the search."""
        match event:
            case Expanded():
                self._phase = "searching"
                self._expansions += 1
                self._frontier = event.frontier
                self._depth = event.node.depth
            case Tried():
                self._tactics += 1
                self._cut_off += isinstance(event.outcome, TimedOut)
                self._effort += event.outcome.effort
            case Found():
                self._phase = "verifying"
            case _:
                assert_never(event)

    def __rich__(self) -> Spinner:
        self._spinner.update(text=self._line())
        return self._spinner

    def _line(self) -> Text:
        seconds = time.monotonic() - self._started
        return Text(
            f"{self._phase}   {self._expansions}/{self._budget.expansions} expansions   frontier {self._frontier}   "
            f"depth {self._depth}   {counted(self._tactics, 'tactic')} ({self._cut_off} cut off)   "
            f"effort {self._effort:.1f}/{self._budget.effort:g}   {seconds:.0f} s"
        )

    def __enter__(self) -> Self:
        if self._shown:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._live.stop()
