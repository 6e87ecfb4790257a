"""The embedded Lean's library: listed by Lean itself once, then kept beside the installation."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import logging
import os
from pathlib import Path
from typing import Any

from prover.core.library import Library, LibraryTheorem
from prover.environments.lean_wasm.install import Installation
from prover.environments.lean_wasm.process import LeanProcess
from prover.errors import EnvironmentUnavailableError

logger = logging.getLogger(__name__)

FORMAT = 2  # of the file; grows when node/library.mjs writes something else
LISTING_LIMIT_S = 300.0


class LeanLibrary:
    """A LibrarySource. One listing in memory for each set of imports."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._known: dict[tuple[str, ...], Library] = {}
        self._lock = asyncio.Lock()

    async def __call__(self, imports: tuple[str, ...]) -> Library:
        """Return the library of these imports: from memory, from the file, or from Lean (some seconds).

        Raises:
            EnvironmentUnavailableError: Lean does not start, or cannot list its library.
        """
        async with self._lock:
            if imports not in self._known:
                data = self._read(imports) or await self._list(imports)
                self._known[imports] = _library(data)
            return self._known[imports]

    def listed(self, imports: tuple[str, ...]) -> bool:
        """Is the library of these imports kept beside the installation?"""
        return self._path(imports).exists()

    def _read(self, imports: tuple[str, ...]) -> dict[str, Any] | None:
        try:
            with gzip.open(self._path(imports), "rt", encoding="utf-8") as file:
                return dict(json.load(file))
        except (OSError, ValueError, EOFError):
            return None  # not there, or cut off: it is listed again

    async def _list(self, imports: tuple[str, ...]) -> dict[str, Any]:
        process = await LeanProcess.start(self._installation, "search", imports)
        try:
            answer = await process.request("library", limit_s=LISTING_LIMIT_S, timeoutMs=LISTING_LIMIT_S * 1000)
        finally:
            await process.close()
        if "theorems" not in answer:
            raise EnvironmentUnavailableError(f"the embedded Lean cannot list its library: {answer.get('crash')}")
        data = {name: answer[name] for name in ("modules", "symbols", "theorems", "orders")}
        path = self._path(imports)
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            path.parent.mkdir(exist_ok=True)
            with gzip.open(part, "wt", encoding="utf-8", compresslevel=3) as file:
                json.dump(data, file, ensure_ascii=False)
            part.replace(path)
        except OSError as error:  # a read-only installation: it is listed each time
            logger.warning("cannot keep the list of the library in %s: %s", path, error)
        return data

    def _path(self, imports: tuple[str, ...]) -> Path:
        digest = hashlib.sha256(" ".join(imports).encode()).hexdigest()[:12]
        return self._installation.folder / "libraries" / f"{digest}-{FORMAT}.json.gz"


def _library(data: dict[str, Any]) -> Library:
    return Library(
        modules=tuple((str(name), tuple(imported)) for name, imported in data["modules"]),
        symbols=tuple(data["symbols"]),
        theorems=tuple(
            LibraryTheorem(name, module, key, head, tuple(symbols), explicit)
            for name, module, key, head, symbols, explicit in data["theorems"]
        ),
        orders=tuple(map(tuple, data["orders"])),
    )
