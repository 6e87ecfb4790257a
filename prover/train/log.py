"""The log of a run: JSON Lines, and the same for TensorBoard."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

logger = logging.getLogger(__name__)

LOG = "log.jsonl"


class Watcher(Protocol):
    """Observes a run, on its first rank."""

    def stepped(self, step: int, figures: Mapping[str, Any]) -> None:
        """Steps up to `step` are done; `figures` are those of the log."""

    def happened(self, step: int, event: str, text: str) -> None:
        """Something happened that the user should know."""


class RunLog:
    """Appends to `log.jsonl` and to `tensorboard/` in the run's folder. A full disk loses lines, not the run."""

    def __init__(self, folder: Path, watcher: Watcher) -> None:
        from torch.utils.tensorboard import SummaryWriter

        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / LOG
        self._board = SummaryWriter(str(folder / "tensorboard"))
        self._watcher = watcher
        self._lost = 0

    def figures(self, step: int, figures: Mapping[str, Any], *, kind: str = "step") -> None:
        """Log numbers; a mapping (such as the loss of each source) becomes one group."""
        self._write({"kind": kind, "step": step, **figures})
        for name, value in figures.items():
            parts = value.items() if isinstance(value, Mapping) else [("", value)]
            for part, number in parts:
                if isinstance(number, int | float):
                    tag = f"{kind}/{name}/{part}" if part else f"{kind}/{name}"
                    self._safely(self._board.add_scalar, tag, number, step)
        if kind == "step":
            self._watcher.stepped(step, figures)

    def event(self, step: int, event: str, text: str, **details: Any) -> None:
        """Log that something happened."""
        self._write({"kind": "event", "step": step, "event": event, "text": text, **details})
        self._safely(self._board.add_text, f"event/{event}", text, step)
        self._watcher.happened(step, event, text)

    def close(self) -> None:
        """Flush and close."""
        self._safely(self._board.close)

    def _write(self, line: Mapping[str, Any]) -> None:
        def append() -> None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({**line, "time": round(time.time(), 3)}) + "\n")

        self._safely(append)

    def _safely(self, write: Any, *arguments: object) -> None:
        try:
            write(*arguments)
        except OSError as error:
            self._lost += 1
            if self._lost == 1:
                logger.warning("cannot write the log: %s", error)
