"""`results.jsonl`: one line a problem, written as it finishes, so that a run that was killed can be resumed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from prover.errors import InvalidProblemSetError, ResultNotWrittenError, RunConflictError

RESULTS = "results.jsonl"
RUN = "run.json"


def read_results(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a file of results; of two for one problem the later counts, one that was cut off does not.

    Raises:
        InvalidProblemSetError: there is no such file, or it holds something else.
    """
    try:
        content = path.read_text(encoding="utf-8")
        rows = [json.loads(line) for line in content.split("\n")[:-1]]
        return list({str(row["problem"]): row for row in rows if {"proved", "canary", "error"} <= row.keys()}.values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidProblemSetError(f"{path} holds no results of `prover bench`: {error!r}") from error


def differences(before: dict[str, Any], now: dict[str, Any]) -> str:
    """Return what differs between two runs, a line a value; the empty text if nothing does."""
    old, new = dict(_values(before)), dict(_values(now))
    names = [name for name in {**new, **old} if old.get(name) != new.get(name)]
    width = max(map(len, names), default=0)
    return "\n".join(f"  {name:<{width}}  was {_shown(old.get(name))}, is {_shown(new.get(name))}" for name in names)


def _values(about: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value by its name, those of nested objects as `budget.effort`."""
    for name, value in about.items():
        if isinstance(value, dict):
            yield from _values(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _shown(value: Any) -> str:
    return "not set" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class ResultsFile:
    """The results in a folder. One process at a time; a line that was cut off by a crash is dropped."""

    def __init__(self, folder: Path, run: dict[str, Any], *, resume: bool) -> None:
        """`run`: what must be the same for a run to be resumed.

        Raises:
            RunConflictError: the folder holds results and `resume` is not set, or results of another run.
        """
        self.folder = folder
        self.path = folder / RESULTS
        self._run = run
        self._resume = resume
        self._lock = FileLock(folder / ".lock")
        self.done: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout:
            raise RunConflictError(f"another process is writing to {self.folder}") from None
        except OSError as error:
            raise RunConflictError(f"cannot write to {self.folder}: {error.strerror}") from error
        try:
            self._open()
        except BaseException:
            self._lock.release()
            raise
        return self

    def _open(self) -> None:
        about = self.folder / RUN
        if self.path.exists():
            if not self._resume:
                raise RunConflictError(
                    f"{self.folder} already has results; add --resume to go on, or give another folder"
                )
            before = json.loads(about.read_text()) if about.exists() else {}
            if changed := differences(before, self._run):
                raise RunConflictError(
                    f"{self.folder} has the results of another run:\n{changed}\n"
                    "to continue it, give the values of that run; to start a new one, give another folder"
                )
            content = self.path.read_bytes()
            whole = content[: content.rfind(b"\n") + 1]
            for line in whole.splitlines():
                result = json.loads(line)
                self.done[result["problem"]] = result
            if whole != content:
                os.truncate(self.path, len(whole))
        else:
            try:
                about.write_text(json.dumps(self._run, ensure_ascii=False, indent=1) + "\n")
            except OSError as error:
                raise ResultNotWrittenError(about, error) from error
        self._file = self.path.open("ab", buffering=0)

    def add(self, result: dict[str, Any]) -> None:
        """Write one result; it is on disk when this returns.

        Raises:
            ResultNotWrittenError: it is not, nor any part of it.
        """
        line = json.dumps(result, ensure_ascii=False).encode() + b"\n"
        before = os.fstat(self._file.fileno()).st_size
        try:
            while line:  # a disk may have room for a part, and say only then that it is full
                line = line[self._file.write(line) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            self._file.truncate(before)
            raise ResultNotWrittenError(self.path, error) from error
        self.done[result["problem"]] = result

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._lock.release()
