"""The log of a run: JSON Lines, and the same for TensorBoard and other boards."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from prover.train.board import Board, TensorBoard, append

logger = logging.getLogger(__name__)

LOG = "log.jsonl"


class Watcher(Protocol):
    """Observes a run, on its first rank."""

    def stepped(self, step: int, figures: Mapping[str, Any]) -> None:
        """Steps up to `step` are done; `figures` are those of the log."""

    def happened(self, step: int, event: str, text: str) -> None:
        """Something happened that the user should know."""


class RunLog:
    """Appends to `log.jsonl` in the run's folder, and to boards. A full disk loses lines, not the run."""

    def __init__(self, folder: Path, watcher: Watcher, boards: Sequence[Board] | None = None) -> None:
        """`boards`: TensorBoard in the run's folder unless others are given."""
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / LOG
        self._boards = [TensorBoard(folder / "tensorboard")] if boards is None else boards
        self._watcher = watcher
        self._lost = 0

    def figures(self, step: int, figures: Mapping[str, Any], *, kind: str = "step") -> None:
        """Log numbers; a mapping (such as the loss of each source) becomes one group."""
        self._write({"kind": kind, "step": step, **figures})
        numbers = {}
        for name, value in figures.items():
            parts = value.items() if isinstance(value, Mapping) else [("", value)]
            for part, number in parts:
                if isinstance(number, int | float):
                    numbers[f"{kind}/{name}/{part}" if part else f"{kind}/{name}"] = float(number)
        for board in self._boards:
            self._safely(board.scalars, step, numbers)
        if kind == "step":
            self._watcher.stepped(step, figures)

    def event(self, step: int, event: str, text: str, **details: Any) -> None:
        """Log that something happened."""
        self._write({"kind": "event", "step": step, "event": event, "text": text, **details})
        for board in self._boards:
            self._safely(board.text, step, f"event/{event}", text)
        self._watcher.happened(step, event, text)

    def close(self) -> None:
        """End the boards."""
        for board in self._boards:
            self._safely(board.close)

    def _write(self, line: Mapping[str, Any]) -> None:
        row = json.dumps({**line, "time": round(time.time(), 3)}) + "\n"
        self._safely(append, self._path, row.encode())

    def _safely(self, write: Any, *arguments: object) -> None:
        try:
            write(*arguments)
        except OSError as error:
            self._lost += 1
            if self._lost == 1:
                logger.warning("cannot write the log: %s", error)
