"""The theorems that a Lean project's imports provide: listed by Lean once (listing.lean), then kept in our cache.

A listing is that of the toolchain, the manifest and the imports; of the project's own sources too, where it imports
modules of its own.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from prover.core.library import Library, LibraryTheorem
from prover.environments.ending_with_us import run_to_end
from prover.environments.lean_repl.process import NEEDED, variables
from prover.environments.lean_repl.project import LeanProject
from prover.errors import EnvironmentUnavailableError
from prover.telemetry import announced

logger = logging.getLogger(__name__)

LISTING = Path(__file__).parent / "listing.lean"
FORMAT = 1  # of the file; grows when listing.lean writes something else
LISTING_LIMIT_S = 1800.0
ANNOUNCED_S = 10.0
EMPTY = Library((), (), ())


class ProjectLibrary:
    """A LibrarySource. A library that cannot be listed is an empty one, and a warning: proving goes on without."""

    def __init__(
        self, project: LeanProject, cache_dir: Path, *, lake: str = "lake", programs: Path | None = None
    ) -> None:
        """`lake`, `programs`: see LakeTools. Nothing is listed yet."""
        self._project = project
        self._cache_dir = cache_dir
        self._lake = lake
        self._programs = programs
        self._known: dict[tuple[str, ...], Library] = {}
        self._lock = asyncio.Lock()

    async def __call__(self, imports: tuple[str, ...]) -> Library:
        """Return the library of these imports: from memory, from the file, or from Lean (for Mathlib, minutes)."""
        async with self._lock:
            if imports not in self._known:
                try:
                    self._known[imports] = self._read(imports) or await self.list(imports)
                except EnvironmentUnavailableError as error:
                    logger.warning("theorems of the library are not offered: %s", error)
                    self._known[imports] = EMPTY
            return self._known[imports]

    async def list(self, imports: tuple[str, ...]) -> Library:
        """Have Lean list the library, and keep that.

        Raises:
            EnvironmentUnavailableError: Lean does not start, or cannot list it.
        """
        command = (self._lake, "env", "lean", "--run", str(LISTING), *imports)
        async with announced(f"Lean to list the theorems of {' '.join(imports)}", after_s=ANNOUNCED_S):
            run = await run_to_end(
                command,
                limit_s=LISTING_LIMIT_S,
                folder=self._project.folder,
                environment=variables(NEEDED, self._programs),
            )
        lines = [line for line in run.output.splitlines() if line.startswith("[")]
        if run.status != 0 or not lines:
            said = run.output[-500:].strip() if run.status is not None else f"it takes over {LISTING_LIMIT_S:.0f} s"
            raise EnvironmentUnavailableError(f"Lean cannot list the theorems of {' '.join(imports)}: {said}")
        path = self._path(imports)
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with gzip.open(part, "wt", encoding="utf-8", compresslevel=3) as file:
                file.writelines(f"{line}\n" for line in lines)
            part.replace(path)
        except OSError as error:  # a read-only cache: it is listed each time
            logger.warning("cannot keep the list of the library in %s: %s", path, error)
        return library_of(lines)

    def _read(self, imports: tuple[str, ...]) -> Library | None:
        try:
            with gzip.open(self._path(imports), "rt", encoding="utf-8") as file:
                return library_of(file)
        except (OSError, ValueError, EOFError):
            return None  # not there, or cut off: it is listed again

    def _path(self, imports: tuple[str, ...]) -> Path:
        parts = [self._project.lean_version, self._project.packages_digest, *imports]
        if any(self._project.declares(module) for module in imports):
            parts.append(self._project.identity)
        digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
        return self._cache_dir / "libraries" / f"{digest}-{FORMAT}.jsonl.gz"


def library_of(lines: Iterable[str]) -> Library:
    """Read what listing.lean writes."""
    numbers: dict[str, int] = {}
    rows = iter(lines)
    modules: list[Any] = json.loads(next(rows))
    theorems = []
    for line in rows:
        name, module, key, head, symbols, explicit, printed = json.loads(line)
        known = tuple(numbers.setdefault(symbol, len(numbers)) for symbol in symbols)
        theorems.append(LibraryTheorem(name, module, key, head, known, explicit, " ".join(printed.split())))
    return Library(
        modules=tuple((str(name), tuple(imported)) for name, imported in modules),
        symbols=tuple(numbers),
        theorems=tuple(sorted(theorems, key=lambda theorem: theorem.name)),
    )
