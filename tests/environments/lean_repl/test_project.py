from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from prover.core.distribution import install_line
from prover.environments.lean_repl.install import build_project, mathlib_project
from prover.environments.lean_repl.memory import growth_within, memory_mb
from prover.environments.lean_repl.process import private_bytes, variables
from prover.environments.lean_repl.project import REPL_BINARY, LeanProject, repl_note
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.errors import EnvironmentUnavailableError, InstallationError
from tests.environments.lean_repl.repl import serving

CONJUNCTION = "theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q"


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_identity_changes_with_the_sources_and_names_mathlib(project: LeanProject) -> None:
    before = project.identity
    assert before.startswith("lean4@4.24.0+mine@")
    (project.folder / ".lake" / "packages").mkdir(parents=True)
    (project.folder / ".lake" / "packages" / "Theirs.lean").write_text("def y := 1\n")
    assert project.identity == before
    (project.folder / "Mine.lean").write_text("def x := 2\n")
    assert project.identity != before
    manifest = {"packages": [{"name": "mathlib", "rev": "5746b7d1234567890abcdef"}]}
    (project.folder / "lake-manifest.json").write_text(json.dumps(manifest))
    assert project.identity.startswith("lean4@4.24.0+mathlib@5746b7d12345+mine@")


def test_what_is_missing_is_said_with_what_to_do(project: LeanProject, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentUnavailableError, match=r"prover setup --lean-project .*mine"):
        project.repl(None, tmp_path)
    with pytest.raises(EnvironmentUnavailableError, match="PROVER_LEAN__REPL"):
        project.repl("no-such-repl", tmp_path)
    with pytest.raises(EnvironmentUnavailableError, match="no Lean project"):
        LeanProject(tmp_path).require()
    (project.folder / "lean-toolchain").unlink()
    with pytest.raises(EnvironmentUnavailableError, match="lean-toolchain"):
        project.require()


def test_setup_builds_the_project_and_notes_the_repl(project: LeanProject, tmp_path: Path) -> None:
    """lean-interact itself runs; only git's repository and lake are stand-ins."""
    pytest.importorskip("lean_interact", reason=install_line("lean"))
    said: list[str] = []
    building = f"mkdir -p {REPL_BINARY.parent} && touch {REPL_BINARY}"
    lake = script(tmp_path / "bin" / "lake", f'echo "$@" in "$PWD"; test "$1" != build || ({building})')
    source = tmp_path / "theirs" / "repl"
    source.mkdir(parents=True)
    (source / "lean-toolchain").write_text("leanprover/lean4:v4.24.0\n")
    git = ("git", "-c", "user.name=x", "-c", "user.email=x@y", "-C", str(source))
    for command in (("init", "-q"), ("add", "."), ("commit", "-qm", "x"), ("tag", "v1.3.19_lean-toolchain-v4.24.0")):
        subprocess.run([*git, *command], check=True)
    cache = tmp_path / "cache"
    repl = build_project(project, cache, lake=str(lake), report=said.append, source=str(source))
    assert repl.is_file()
    assert repl.is_relative_to(cache)
    assert repl_note(cache, "4.24.0").read_text().strip() == str(repl.parents[3])
    assert project.repl(None, cache) == repl
    assert f"build in {project.folder}" in said


LEAN_INTERACT = """
from pathlib import Path
class LocalProject:
    def __init__(self, **given): self.given = given
class LeanREPLConfig:
    def __init__(self, project, cache_dir, lake_path, **given):
        self.cache_repl_dir = Path(cache_dir) / "theirs"
        binary = self.cache_repl_dir / ".lake" / "build" / "bin" / "repl"
        binary.parent.mkdir(parents=True, exist_ok=True)
        binary.touch()
"""
"""The part of lean-interact that is called, building nothing."""


def lean_interact(place: Path, monkeypatch: pytest.MonkeyPatch, text: str = LEAN_INTERACT) -> None:
    place.mkdir(exist_ok=True)
    (place / "lean_interact.py").write_text(text)
    monkeypatch.syspath_prepend(str(place))
    monkeypatch.delitem(sys.modules, "lean_interact", raising=False)


BUILDS = {
    "listed at the end": (
        "echo 'x [2/9] Building Mine.Broken'; echo 'Some required targets logged failures:'; echo '- Mine.Broken'",
        "Mine.Broken",
    ),
    "said along the way": ("echo '✖ [2/9] Building Mine.«a b»'; echo 'error: build failed'", "Mine.«a b»"),
    "no default targets": ("echo 'error: no default targets configured'", "see what lake said"),
}


@pytest.mark.parametrize("name", BUILDS)
def test_project_that_does_not_build_as_a_whole_has_its_repl(
    project: LeanProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    lean_interact(tmp_path / "packages", monkeypatch)
    words, wanted = BUILDS[name]
    said: list[str] = []
    lake = script(tmp_path / "bin" / "lake", f'test "$1" != build || {{ {words}; exit 1; }}')
    repl = build_project(project, tmp_path / "cache", lake=str(lake), report=said.append)
    assert repl.is_file()
    assert project.repl(None, tmp_path / "cache") == repl
    (warning,) = [line for line in said if line.startswith("warning:")]
    assert wanted in warning


MATHLIBS = {
    "required, nothing fetched": (
        'name = "mine"\n\n[[require]]\nname = "mathlib"\n',
        None,
        ["update", "exe cache get"],
    ),
    "required": ('name = "mine"\n\n[[require]]\nname = "mathlib"\n', ["mathlib"], ["exe cache get"]),
    "itself": ('name = "mathlib"\n\n[[require]]\nname = "batteries"\n', ["batteries"], ["exe cache get"]),
    "another package": ('name = "mine"\n\n[[require]]\nname = "batteries"\n', None, ["update"]),
    "none": ('name = "mine"\n', None, []),
}


@pytest.mark.parametrize("name", MATHLIBS)
def test_compiled_files_of_mathlib_are_fetched_before_anything_is_built(
    project: LeanProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    lean_interact(tmp_path / "packages", monkeypatch)
    lakefile, packages, wanted = MATHLIBS[name]
    (project.folder / "lakefile.toml").write_text(lakefile)
    manifest = project.folder / "lake-manifest.json"
    if packages is not None:
        manifest.write_text(json.dumps({"packages": [{"name": package} for package in packages]}))
    required = "mathlib" if "mathlib" in lakefile else "batteries"
    fetched = json.dumps({"packages": [{"name": required}]})
    lake = script(
        tmp_path / "bin" / "lake",
        f'echo "$@" >> {tmp_path}/log; test "$1" != update || echo \'{fetched}\' > {manifest}',
    )
    build_project(project, tmp_path / "cache", lake=str(lake), report=print)
    assert (tmp_path / "log").read_text().splitlines() == [*wanted, "build"]


@pytest.mark.parametrize(
    ("fault", "advice"),
    [
        ("raise PermissionError(13, 'Permission denied', 'site-packages/lean_interact/cache')", "read-only"),
        (
            f"{LEAN_INTERACT}\n        raise ValueError('Lean REPL version v9 is not available')",
            "PROVER_LEAN__REPL=FOLDER",
        ),
    ],
)
def test_lean_interact_that_does_not_work_here_says_how_to_do_without(
    project: LeanProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, advice: str
) -> None:
    lean_interact(tmp_path / "packages", monkeypatch, fault)
    lake = script(tmp_path / "bin" / "lake", "exit 0")
    with pytest.raises(InstallationError, match=advice):
        build_project(project, tmp_path / "cache", lake=str(lake), report=print)
    own = script(tmp_path / "own" / "repl", "exit 0")
    assert build_project(project, tmp_path / "cache", lake=str(lake), report=print, given=str(own)) == own


def test_toolchain_in_elans_home_is_used_without_elan(
    project: LeanProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """elan's own programs write in elan's home, which may be read-only."""
    monkeypatch.setenv("ELAN_HOME", str(tmp_path / "elan"))
    assert project.toolchain_bin is None
    folder = tmp_path / "elan" / "toolchains" / "leanprover--lean4---v4.24.0" / "bin"
    for name in ("lake", "lean"):
        script(folder / name, "exit 0")
    assert project.toolchain_bin == folder
    assert variables(["PATH"], folder)["PATH"].startswith(f"{folder}:")


def test_processes_share_the_memory_that_there_is(tmp_path: Path) -> None:
    limit, unlimited = tmp_path / "memory.max", tmp_path / "unlimited"
    limit.write_text(str(4 * 2**30))
    unlimited.write_text("max\n")
    assert memory_mb((limit, unlimited, tmp_path / "none")) == 4096
    assert memory_mb((unlimited,)) == memory_mb(())
    assert growth_within(16_384, 4, 4096) == 1536  # at twice the growth, four of them take 12 of 16 GB
    assert growth_within(65_536, 4, 4096) == 4096
    assert growth_within(1024, 8, 4096) == 512


def test_compiled_libraries_are_not_growth() -> None:
    """Mathlib's compiled files are mapped: their pages are resident, but shared, and no reason to replace a process."""

    class Memory:
        rss, shared = 6 * 2**30, 5 * 2**30

    assert private_bytes(Memory()) == 2**30


def test_setup_says_what_is_missing_or_fails(
    project: LeanProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lean_interact(tmp_path / "packages", monkeypatch)
    with pytest.raises(InstallationError, match="elan"):
        build_project(project, tmp_path, lake="no-such-lake", report=print)
    (project.folder / "lake-manifest.json").write_text(json.dumps({"packages": [{"name": "mathlib"}]}))
    lake = script(tmp_path / "bin" / "lake", "echo error: no network; exit 1")
    with pytest.raises(InstallationError, match="error: no network"):
        build_project(project, tmp_path, lake=str(lake), report=print)
    with pytest.raises(InstallationError, match="no version of Lean"):
        mathlib_project(tmp_path, "newest", print, lake=str(lake))


def test_mathlib_project_requires_the_release_of_its_toolchain(tmp_path: Path) -> None:
    lake = script(tmp_path / "bin" / "lake", 'echo "{}" > lake-manifest.json')
    project = mathlib_project(tmp_path, "4.24.0", print, lake=str(lake))
    assert project.lean_version == "4.24.0"
    lakefile = (project.folder / "lakefile.toml").read_text()
    assert 'rev = "v4.24.0"' in lakefile
    assert project.problem is None


# ---- the command line
@pytest.fixture
async def settings(project: LeanProject, tmp_path: Path, lean: LeanWasmEnvironment) -> AsyncIterator[dict[str, str]]:
    async with serving(lean) as command:
        repl = script(tmp_path / "bin" / "repl", f"exec {' '.join(command)}")
        lake = script(tmp_path / "bin" / "lake", 'shift; exec "$@"')
        yield {"PROVER_LEAN__REPL": str(repl), "PROVER_LEAN__LAKE": str(lake), "COLUMNS": "200"}


async def prover(settings: dict[str, str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "prover", *map(str, arguments)],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )


async def test_prove_and_verify_in_a_project(project: LeanProject, settings: dict[str, str], tmp_path: Path) -> None:
    proved, stated = tmp_path / "proved.lean", tmp_path / "stated.lean"
    stated.write_text(CONJUNCTION)
    where = ("--environment", "lean-project", "--project", project.folder)
    found = await prover(settings, "prove", *where, CONJUNCTION, "--output", proved, "--json")
    assert found.returncode == 0, found.stderr
    record = json.loads(found.stdout)
    assert record["environment"] == project.identity
    assert record["verification"]["tier"] == "A"
    assert record["verification"]["messages"][-1]["text"].startswith("skipped: B and C")
    again = await prover(settings, "verify", *where, proved, "--against", stated)
    assert again.returncode == 0, again.stderr
    stated.write_text(CONJUNCTION.replace("p ∧ q", "q ∧ p"))
    assert (await prover(settings, "verify", *where, proved, "--against", stated)).returncode == 1


async def test_setup_lists_the_theorems_of_mathlib(
    project: LeanProject, settings: dict[str, str], tmp_path: Path
) -> None:
    (project.folder / "lake-manifest.json").write_text(json.dumps({"packages": [{"name": "mathlib", "rev": "abc"}]}))
    listing = '[["Mathlib", []]]\\n["t", 0, "7", "Eq", ["Eq"], 0, "1 = 1"]'
    lake = script(tmp_path / "bin" / "lake", f"test \"$1\" != env || printf '{listing}\\n'")
    given = settings | {"PROVER_LEAN__LAKE": str(lake)}
    cache = {"PROVER_CACHE_DIR": str(tmp_path / "cache")}
    done = await prover(given | cache, "setup", "--lean-project", project.folder)
    assert done.returncode == 0, done.stderr
    assert "1 theorems of the library can be cited" in done.stdout + done.stderr
    assert list((tmp_path / "cache" / "libraries").iterdir())


async def test_what_is_missing_is_a_machine_fault_or_usage(project: LeanProject, settings: dict[str, str]) -> None:
    nowhere = await prover(settings, "prove", "--environment", "lean-project", CONJUNCTION)
    assert nowhere.returncode == 3
    assert "--project DIR" in nowhere.stderr
    other = await prover(settings, "prove", "--project", project.folder, CONJUNCTION)
    assert other.returncode == 2
