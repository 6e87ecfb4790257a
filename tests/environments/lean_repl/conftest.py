"""What the tests of native Lean share."""

from __future__ import annotations

from pathlib import Path

import pytest

from prover.environments.lean_repl.project import LeanProject


@pytest.fixture
def project(tmp_path: Path) -> LeanProject:
    """A Lean project with one module, not built."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "lean-toolchain").write_text("leanprover/lean4:v4.24.0\n")
    (folder / "lakefile.toml").write_text('name = "mine"\n')
    (folder / "Mine.lean").write_text("theorem mine : 1 = 1 := rfl\n")
    return LeanProject(folder)
