"""Where the checks run: projects on disk, `prover` as a command, and what stands in for a native Lean."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import shutil
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prover.environments.ending_with_us import Run, run_to_end

LAKE = """
log() { printf '%s\\n' "$*"; }
case "$1" in
  env) shift; exec "$@" ;;
  update) log fetching; echo '{"version": "1.1.0", "packages": []}' > lake-manifest.json ;;
  exe) log fetching compiled files ;;
  build)
    broken=$(grep -l no_such_name *.lean */*.lean 2>/dev/null | sed 's/\\.lean$//; s,/,.,g')
    test -z "$broken" || { log 'Some required targets logged failures:'; log "- $broken"; exit 1; } ;;
  *) exit 1 ;;
esac"""
LEAN = """
case "$1" in
  --print-prefix) dirname "$(dirname "$0")" ;;
  -o) cp "$3" "$2" ;;
  --run)
    case "$2" in *compare.lean) ;; *) cat "$STANDIN_LISTING"; exit ;; esac
    # The stand-in for the comparison: the statement's line is in the proof.
    if grep -qF "$(grep -m1 theorem "$3" | sed 's/ :=.*//')" "$4"; then echo '{"proves": true, "reason": ""}'
    else echo '{"proves": false, "reason": "it states something else"}'; exit 1; fi ;;
esac"""


class NotRunError(Exception):
    """A check cannot be made here; the text says why."""


@dataclass(frozen=True)
class Place:
    """A folder for projects, the toolchain, and the variables with which commands run."""

    folder: Path
    toolchain: str
    settings: Mapping[str, str]
    stand_in: bool
    mathlib: bool
    quick: bool
    projects: dict[str, Path] = field(default_factory=dict)

    @property
    def programs(self) -> Path | None:
        """The folder of the programs that stand in."""
        return Path(self.settings["PROVER_LEAN__LAKE"]).parent if self.stand_in else None

    @property
    def variables(self) -> dict[str, str]:
        """The environment of commands."""
        return {**os.environ, **self.settings, "COLUMNS": "200"}

    def project(self, name: str, lakefile: str = "", **files: str) -> Path:
        """Write a project; `files`: texts of its modules."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        (folder / "lean-toolchain").write_text(f"leanprover/lean4:{self.toolchain}\n")
        (folder / "lakefile.toml").write_text(lakefile or f'name = "{name}"\n\n[[lean_lib]]\nname = "Mine"\n')
        for module, text in {"Mine": "theorem one : 1 = 1 := rfl\n", **files}.items():
            (folder / f"{module}.lean").write_text(text)
        return folder

    async def ready(self) -> Path:
        """Return a project that is built, made once."""
        if "plain" not in self.projects:
            self.projects["plain"] = self.project("plain")
            await self.prover("setup", "--lean-project", self.projects["plain"])
        return self.projects["plain"]

    async def prover(
        self, *arguments: str | Path, project: Path | None = None, fails: bool = False, limit_s: float = 1800
    ) -> str:
        """Run a command and return what it says. AssertionError if it fails (or does not, with `fails`)."""
        where = ("--environment", "lean-project", "--project", str(project)) if project else ()
        run = await self.run((sys.executable, "-m", "prover", *map(str, arguments), *where), limit_s=limit_s)
        if (run.status != 0) != fails:
            raise AssertionError(f"`prover {' '.join(map(str, arguments))}`: status {run.status}: {run.output[-1500:]}")
        return run.output

    async def json(self, *arguments: str | Path, project: Path) -> dict[str, Any]:
        """Run a command with `--json` and return what it says."""
        run = await self.run(
            (sys.executable, "-m", "prover", *map(str, arguments), "--json", "--environment", "lean-project",
             "--project", str(project)),
            with_errors=False,
        )  # fmt: skip
        try:
            return dict(json.loads(run.output))
        except ValueError:
            raise AssertionError(f"`prover {' '.join(map(str, arguments))}`: {run.output[-1500:]}") from None

    async def run(self, command: Sequence[str], *, limit_s: float = 1800, with_errors: bool = True) -> Run:
        """Run a program with our settings."""
        return await run_to_end(command, limit_s=limit_s, environment=self.variables, with_errors=with_errors)


@asynccontextmanager
async def place_for(
    folder: Path, *, toolchain: str, stand_in: bool, mathlib: bool, quick: bool
) -> AsyncIterator[Place]:
    """Give the place: with lake and lean as they are here, or with what stands in for them."""
    if not stand_in:
        yield Place(folder, toolchain, {}, False, mathlib, quick)
        return
    from prover.assembly.environments import lean_environment
    from prover.settings import Settings
    from tests.environments.lean_repl.repl import serving

    bin_folder = folder / "stand-in" / "bin"
    bin_folder.mkdir(parents=True)
    lean = lean_environment(Settings())
    async with serving(lean) as command:
        programs = {"lake": LAKE, "lean": LEAN, "leanchecker": "exit 0", "repl": f"exec {shlex.join(command)}"}
        for name, text in programs.items():
            (bin_folder / name).write_text(f"#!/bin/sh\n{text}\n")
            (bin_folder / name).chmod(0o755)
        listing = folder / "stand-in" / "listing"
        listing.write_text('[["Init", []]]\n["Nat.add_comm", 0, "1", "Eq", ["Eq", "Nat", "HAdd.hAdd"], 2, ""]\n')
        settings = {
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "PROVER_LEAN__LAKE": str(bin_folder / "lake"),
            "PROVER_LEAN__REPL": str(bin_folder / "repl"),
            "STANDIN_LISTING": str(listing),
        }
        yield Place(folder, toolchain, settings, True, False, quick)
    await lean.close()


def has_lake() -> bool:
    """Is there a lake on PATH?"""
    return shutil.which("lake") is not None


async def size_mb(folder: Path) -> float:
    """Return what `du` says of a folder."""
    found = await run_to_end(("du", "-sm", str(folder)), limit_s=600)
    await asyncio.sleep(0)
    return float(found.output.split()[0]) if found.status == 0 else 0.0
