"""The list of a project's library: what Lean writes (here: the embedded Lean's library), read, kept, and used."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from prover.core.library import Library
from prover.core.theorem import Theorem
from prover.environments.lean_repl.library import LISTING, ProjectLibrary, library_of
from prover.environments.lean_repl.project import LeanProject
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from tests.environments.lean_repl.test_project import script


def written(library: Library) -> list[str]:
    """What listing.lean would write of a library."""
    rows = [
        [t.name, t.module, t.key, t.head, [library.symbols[s] for s in t.symbols], t.explicit, t.type]
        for t in library.theorems
    ]
    return [json.dumps(row, ensure_ascii=False) for row in [[list(m) for m in library.modules], *rows]]


def lake(project: LeanProject, tmp_path: Path, lines: list[str]) -> Path:
    """A lake whose `lean --run` writes these lines, among others, and notes what it is asked."""
    (tmp_path / "listed").write_text("\n".join(["info: something else", *lines]) + "\n")
    return script(tmp_path / "lake", f'echo "$@" >> {tmp_path}/asked; cat {tmp_path}/listed')


async def test_listing_elaborates_as_far_as_the_embedded_version_goes(lean: LeanWasmEnvironment) -> None:
    verification = await lean.check_file(Theorem.from_text(LISTING.read_text()), timeout_s=300)
    assert verification.accepted, verification.messages


async def test_library_is_the_same_by_either_way(
    project: LeanProject, tmp_path: Path, lean: LeanWasmEnvironment
) -> None:
    embedded = await lean.library(("Init",))
    source = ProjectLibrary(project, tmp_path / "cache", lake=str(lake(project, tmp_path, written(embedded))))
    found = await source(("Init",))
    assert found.modules == embedded.modules
    assert len(found.theorems) == len(embedded.theorems)
    ours = {theorem.name: theorem for theorem in found.theorems}
    for theirs in embedded.theorems[::500]:
        mine = ours[theirs.name]
        assert (mine.key, mine.head, mine.explicit, mine.module) == (
            theirs.key,
            theirs.head,
            theirs.explicit,
            theirs.module,
        )
        assert [found.symbols[s] for s in mine.symbols] == [embedded.symbols[s] for s in theirs.symbols]


ROWS = ['[["Init", []], ["Mine", [0]]]', '["t", 1, "7", "Eq", ["Eq", "Nat"], 0, "∀ (n : Nat),\\n  n = n"]']


def test_types_are_lines() -> None:
    (theorem,) = library_of(ROWS).theorems
    assert theorem.type == "∀ (n : Nat), n = n"


async def test_listing_is_kept_until_what_it_lists_changes(project: LeanProject, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    program = str(lake(project, tmp_path, ROWS))

    async def asked(*imports: str) -> int:
        assert [t.name for t in (await ProjectLibrary(project, cache, lake=program)(imports)).theorems] == ["t"]
        return len((tmp_path / "asked").read_text().splitlines())

    assert await asked("Mathlib") == 1
    assert await asked("Mathlib") == 1
    assert (tmp_path / "asked").read_text() == f"env lean --run {LISTING} Mathlib\n"
    (project.folder / "Mine.lean").write_text("theorem mine : 2 = 2 := rfl\n")
    assert await asked("Mathlib") == 1  # it does not import our own modules
    assert await asked("Mine") == 2
    (project.folder / "Mine.lean").write_text("theorem mine : 3 = 3 := rfl\n")
    assert await asked("Mine") == 3
    (project.folder / "lake-manifest.json").write_text("{}")
    assert await asked("Mathlib") == 4
    for kept in (cache / "libraries").iterdir():
        kept.write_bytes(kept.read_bytes()[:40])  # cut off
    assert await asked("Mathlib") == 5


async def test_library_that_cannot_be_listed_is_none_and_said(
    project: LeanProject, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    program = script(tmp_path / "lake", "echo error: unknown module prefix; exit 1")
    with caplog.at_level(logging.WARNING):
        library = await ProjectLibrary(project, tmp_path / "cache", lake=str(program))(("Mathlib",))
    assert library.theorems == ()
    assert "unknown module prefix" in caplog.text
