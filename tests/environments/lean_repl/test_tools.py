"""Tiers B and C against stand-ins for the programs: which are run, with what, and what their words mean."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from prover.core.theorem import Theorem
from prover.environments.lean_repl.environment import LeanProjectEnvironment
from prover.environments.lean_repl.tools import COMPARE, LakeTools
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.errors import EnvironmentUnavailableError
from prover.proving.verify import verify, verify_source
from tests.environments.lean_repl.projects import standin_project
from tests.environments.lean_repl.repl import serving

TARGET = "theorem t : 1 = 1 := by\n  sorry\n"
PROOF = "theorem t : 1 = 1 := by\n  rfl\n"
LEAN = """case "$1" in
  --print-prefix) echo "$PREFIX" ;;
  -o) grep -q does_not_compile "$3" && { echo "error: no"; exit 1; }; cp "$3" "$2" ;;
  --run) if cmp -s "$3" "$4"; then echo '{"proves": false, "reason": "the same file"}'; exit 1
         else echo 'noise'; echo '{"proves": true, "reason": ""}'; fi ;;
esac"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project and a folder of programs, first on PATH."""
    folder, programs = tmp_path / "project", tmp_path / "toolchain" / "bin"
    folder.mkdir()
    programs.mkdir(parents=True)
    (folder / "lean-toolchain").write_text("leanprover/lean4:v4.28.0\n")
    (folder / "lakefile.toml").write_text('name = "mine"\n')
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    program(folder, "lake", 'shift; exec "$@"')
    program(folder, "lean", LEAN.replace("$PREFIX", str(programs.parent)))
    return folder


def program(project: Path, name: str, script: str) -> None:
    path = project.parent / "toolchain" / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


async def test_without_leanchecker_both_tiers_are_skipped_and_said_to_be(project: Path) -> None:
    found = await LakeTools(project).check(TARGET, PROOF, "t", timeout_s=300)
    assert (found.tier, found.reason, found.checked) == ("A", None, ())
    assert found.skipped == ("B and C: there is no leanchecker or lean4checker for this toolchain",)
    with pytest.raises(EnvironmentUnavailableError, match="no program nothing"):
        await LakeTools(project, leanchecker="nothing").check(TARGET, PROOF, "t", timeout_s=300)


async def test_tier_b_compiles_compares_and_replays(project: Path) -> None:
    program(project, "leanchecker", 'test -f "${LEAN_PATH##*:}/$1.olean"')
    found = await LakeTools(project).check(TARGET, PROOF, "t", timeout_s=300)
    assert (found.tier, found.reason) == ("B", None)
    assert found.skipped == ("C: there is no comparator",)
    assert (await LakeTools(project).check(TARGET, TARGET, "t", timeout_s=300)).reason == "tier B: the same file"
    program(project, "leanchecker", 'echo "uncaught exception: (kernel) declaration type mismatch"; exit 1')
    refused = await LakeTools(project).check(TARGET, PROOF, "t", timeout_s=300)
    assert "leanchecker rejects the proof: uncaught exception: (kernel)" in (refused.reason or "")
    assert (await LakeTools(project, highest="A").check(TARGET, PROOF, "t", timeout_s=300)).tier == "A"


ELSE = 'exec lean_that_works "$@"'
CRASHES = {
    "our statement does not compile": ("lean", f'test "$1" = -o && exit 1; {ELSE}'),
    "the comparison is ended": ("lean", f'test "$1" = --run && kill -9 $$; {ELSE}'),
    "the comparison breaks": ("lean", f'test "$1" = --run && {{ echo unknown option; exit 1; }}; {ELSE}'),
    "the checker is ended": ("leanchecker", "kill -11 $$"),
    "the checker finds no file": ("leanchecker", "echo found a problem in X: object file does not exist; exit 1"),
    "the checker is of another version": ("leanchecker", "echo failed to read file, incompatible header; exit 1"),
    "the kernel needs too long": ("leanchecker", 'echo "uncaught exception: (kernel) deterministic timeout"; exit 1'),
}


@pytest.mark.parametrize("name", CRASHES)
async def test_tool_of_tier_b_that_gets_to_no_verdict_rejects_nothing(project: Path, name: str) -> None:
    program(project, "lean_that_works", LEAN.replace("$PREFIX", str(project.parent / "toolchain")))
    program(project, "leanchecker", "exit 0")
    program(project, *CRASHES[name])
    found = await LakeTools(project).check(TARGET, PROOF, "t", timeout_s=300)
    assert (found.tier, found.reason, found.checked) == ("A", None, ())
    assert found.skipped[0].startswith("B and C: ")


async def test_text_that_does_not_compile_as_a_file_is_no_verdict(project: Path) -> None:
    program(project, "leanchecker", "exit 0")
    found = await LakeTools(project).check(TARGET, "theorem does_not_compile", "t", timeout_s=300)
    assert (found.tier, found.reason) == ("A", None)
    assert found.skipped == ("B and C: the text with the proof does not compile as a file: error: no",)


def with_comparator(project: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """All that tier C needs, and nobody is root."""
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    for name in ("leanchecker", "landrun", "lean4export"):
        program(project, name, "exit 0")
    program(project, "comparator", script)


async def test_comparator_without_its_programs_or_as_root_is_skipped(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_comparator(project, monkeypatch, "echo should not run; exit 1")
    programs = project.parent / "toolchain" / "bin"
    (programs / "lean4export").rename(programs / "their_export")
    missing = await LakeTools(project).check(TARGET, PROOF, "t", timeout_s=300)
    assert (missing.tier, missing.reason) == ("B", None)
    assert missing.skipped == (
        "C: comparator needs lean4export, which is neither on PATH nor named by COMPARATOR_LEAN4EXPORT",
    )
    monkeypatch.setenv("COMPARATOR_LEAN4EXPORT", str(programs / "their_export"))
    program(project, "comparator", f'test "$COMPARATOR_LEAN4EXPORT" = {programs}/their_export && {OKAY}')
    named = await LakeTools(project).check(TARGET, PROOF, "t", timeout_s=300)
    assert any(line.startswith("C: comparator") for line in named.checked)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    as_root = await LakeTools(project).check(TARGET, PROOF, "t", timeout_s=300)
    assert (as_root.tier, as_root.reason) == ("B", None)
    assert "root" in as_root.skipped[0]


OKAY = 'echo "Your solution is okay!"'
ENDS = {
    "exit 0": None,  # and has not said that it is okay
    "echo 'uncaught exception: Child exited with 1'; exit 1": None,  # a build, or lean4export
    "echo 'uncaught exception: could not execute external process'; exit 1": None,
    "kill -9 $$": None,
    "echo 'nanoda kernel rejected the solution'; echo 'uncaught exception: nanoda exited with 127'; exit 1": None,
    "echo 'nanoda kernel rejected the solution'; echo 'uncaught exception: nanoda exited with 1'; exit 1": "nanoda",
    "echo \"uncaught exception: Illegal axiom detected: 'oops'\"; exit 1": "oops",
    "echo 'uncaught exception: Challenge and solution theorem statement do not match: t'; exit 1": "do not match",
    "echo 'Lean default kernel rejects the solution'; echo 'uncaught exception: (kernel) x'; exit 1": "rejects",
}


@pytest.mark.parametrize("script", ENDS)
async def test_only_a_verdict_of_comparator_rejects(
    project: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    with_comparator(project, monkeypatch, script)
    found = await LakeTools(project).check(TARGET, PROOF, "t", timeout_s=300)
    wanted = ENDS[script]
    if wanted is None:
        assert (found.tier, found.reason) == ("B", None)
        assert found.skipped[0].startswith("C: comparator did not run: ")
    else:
        assert found.reason is not None
        assert wanted in found.reason


async def test_tier_c_gives_comparator_a_project_around_ours(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    with_comparator(project, monkeypatch, f'mkdir {seen}; cp -r . {seen}; test "$1" = config.json && {OKAY}')
    package = {"name": "mathlib", "rev": "abc", "type": "git", "inherited": False}
    (project / "lake-manifest.json").write_text(json.dumps({"name": "mine", "packages": [package]}))
    found = await LakeTools(project).check(TARGET, PROOF, "t", timeout_s=300)
    assert (found.tier, found.reason) == ("B", None)  # one kernel is no second opinion
    assert found.skipped == ("the second kernel: there is no nanoda_bin",)
    config = json.loads((seen / "config.json").read_text())
    assert config["theorem_names"] == ["t"]
    assert config["permitted_axioms"] == ["Classical.choice", "Quot.sound", "propext"]
    assert (seen / "Challenge.lean").read_text() == TARGET
    assert (seen / "Solution.lean").read_text() == PROOF
    packages = json.loads((seen / "lake-manifest.json").read_text())["packages"]
    assert [(p["name"], p["inherited"]) for p in packages] == [("mine", False), ("mathlib", True)]
    program(project, "nanoda_bin", "exit 0")
    program(project, "comparator", OKAY)
    assert (await LakeTools(project).check(TARGET, PROOF, "t", timeout_s=300)).tier == "C"


async def test_record_tells_the_tier_and_what_was_skipped(project: Path, lean: LeanWasmEnvironment) -> None:
    program(project, "leanchecker", "exit 0")
    theorem = Theorem.from_text("theorem t : 1 = 1")
    async with serving(lean) as command:
        environment: LeanProjectEnvironment = standin_project(command, tiers=LakeTools(project))
        accepted = await verify(theorem, ["rfl"], environment, timeout_s=300)
        program(project, "leanchecker", "echo leanchecker found a problem in ProverSubmission; exit 1")
        refused = await verify(theorem, ["rfl"], environment, timeout_s=300)
        alone = await verify_source(Theorem.from_text(PROOF), environment, timeout_s=300)
        await environment.close()
    assert (accepted.accepted, accepted.tier) == (True, "B")
    assert [message.text for message in accepted.messages] == [
        "checked: B: compiled theorem compared with our statement; replayed by leanchecker",
        "skipped: C: there is no comparator",
    ]
    assert not refused.accepted
    assert (alone.accepted, alone.tier) == (True, "A")
    assert "no statement to compare" in alone.messages[-1].text


async def test_comparison_is_lean_that_lean_reads(lean: LeanWasmEnvironment) -> None:
    """Elaborated by the embedded Lean; that it tells true from false is for a native one to show."""
    verification = await lean.check_file(Theorem.from_text(COMPARE.read_text()), timeout_s=300)
    assert verification.accepted, verification.messages
