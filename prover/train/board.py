"""Figures of a run for TensorBoard: an event file that is whole after every line, and stays so when the disk is full.

torch's SummaryWriter writes in a thread that ends, with a traceback and for good, at the first write that fails.
"""

from __future__ import annotations

import io
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol


class Board(Protocol):
    """Where figures are shown beside the log."""

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Show numbers of a step."""

    def text(self, step: int, tag: str, text: str) -> None:
        """Show a text at a step."""

    def close(self) -> None:
        """End."""


class TensorBoard:
    """Writes `FOLDER/events.out.tfevents.*`. Its methods raise OSError when they cannot write."""

    def __init__(self, folder: Path) -> None:
        from tensorboard.compat.proto.event_pb2 import Event

        self._folder = folder
        self._event = Event
        self._path = folder / f"events.out.tfevents.{time.time():010.0f}.{socket.gethostname()}.{os.getpid()}"

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Write numbers of a step."""
        from torch.utils.tensorboard.summary import scalar

        for tag, value in values.items():
            self._write(step=step, summary=scalar(tag, value))

    def text(self, step: int, tag: str, text: str) -> None:
        """Write a text at a step."""
        from torch.utils.tensorboard.summary import text as summary

        self._write(step=step, summary=summary(tag, text))

    def close(self) -> None:
        """Nothing is left to be written."""

    def _write(self, **content: Any) -> None:
        if not self._path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            append(self._path, self._record(file_version="brain.Event:2"))
        append(self._path, self._record(**content))

    def _record(self, **content: Any) -> bytes:
        from tensorboard.summary.writer.record_writer import RecordWriter

        record = io.BytesIO()
        RecordWriter(record).write(self._event(wall_time=time.time(), **content).SerializeToString())
        return record.getvalue()


def append(path: Path, data: bytes) -> None:
    """Append all of it to a file or, with an OSError, nothing: what comes later can be read."""
    with path.open("ab", buffering=0) as file:
        start = file.seek(0, os.SEEK_END)
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[file.write(rest) :]
        except OSError:
            file.truncate(start)
            raise
