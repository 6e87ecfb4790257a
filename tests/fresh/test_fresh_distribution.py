"""What is built, installed where nothing else is; every line that we print or document for more (make test-fresh)."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from prover.core.distribution import NAME
from tests.conftest import ROOT
from tests.making import make

pytestmark = pytest.mark.fresh

EXTRAS = sorted(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"])
PAGES = [ROOT / "README.md", ROOT / "benchmarks/README.md", *sorted((ROOT / "docs").rglob("*.md"))]
DOCUMENTED = sorted({name for page in PAGES for name in re.findall(r"make setup EXTRAS=(\w+)", page.read_text())})


def run(*command: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)), cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the source archive, and the wheel that was made of it."""
    folder = tmp_path_factory.mktemp("built")
    done = run(sys.executable, "-m", "build", "--outdir", folder, ROOT, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def clean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the wheel and what it requires."""
    folder = tmp_path_factory.mktemp("clean")
    run(sys.executable, "-m", "venv", folder, folder=folder)
    python = folder / "bin" / "python"
    done = run(python, "-m", "pip", "install", "--only-binary", ":all:", wheel, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return python


def test_wheel_and_source_have_the_name_and_all_that_is_needed(built: Path, wheel: Path) -> None:
    names = {path.name.partition("-")[0] for path in built.iterdir()}
    assert names == {NAME.replace("-", "_")}
    inside = set(zipfile.ZipFile(wheel).namelist())
    for path in ("py.typed", "environments/lean_wasm/node/driver.mjs", "jobs/lua/claim.lua", "web/static/index.html"):
        assert f"prover/{path}" in inside
    assert any(name.startswith("prover/bench/problems/") for name in inside)
    assert not any(name.startswith(("tests/", ".ci/", "benchmarks/")) for name in inside)


def test_installed_wheel_proves(clean: Path, tmp_path: Path) -> None:
    done = run(clean.parent / "prover", "prove", "theorem t (a b : Nat) : a + b = b + a", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "theorem t (a b : Nat) : a + b = b + a := by" in done.stdout


def test_line_of_an_error_installs_what_was_missing(clean: Path, tmp_path: Path) -> None:
    refused = run(clean.parent / "prover", "serve", folder=tmp_path)
    assert refused.returncode == 2
    (line,) = re.findall(r"needs more libraries: (.+)", refused.stderr)
    assert str(clean) in line
    installed = run("sh", "-c", line, folder=tmp_path)
    assert installed.returncode == 0, installed.stderr
    served = run(clean, "-c", "from prover.cli.extras import require; require('serve', 'it')", folder=tmp_path)
    assert served.returncode == 0, served.stderr


@pytest.mark.parametrize("extra", EXTRAS)
def test_line_for_every_extra_can_be_solved(extra: str, clean: Path, tmp_path: Path) -> None:
    told = f"from prover.core.distribution import install_line; print(install_line({extra!r}))"
    line = run(clean, "-c", told, folder=tmp_path).stdout.strip()
    assert shlex.split(line)[-1].startswith(f"{NAME}[{extra}] @ file:///")
    done = run("sh", "-c", f"{line} --dry-run", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not re.search(rf"{NAME}.* does not provide the extra", done.stderr)


def test_folder_can_be_installed_and_names_itself(tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", tmp_path / "venv", folder=tmp_path)
    python = tmp_path / "venv/bin/python"
    installed = run(python, "-m", "pip", "install", "--no-deps", ".", folder=ROOT)
    assert installed.returncode == 0, installed.stderr
    told = "from prover.core.distribution import install_line; print(install_line('report'))"
    line = run(python, "-c", told, folder=tmp_path).stdout.strip()
    assert shlex.split(line)[-1] == f"{NAME}[report] @ {ROOT.as_uri()}"
    done = run("sh", "-c", f"{line} --dry-run", folder=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that `make setup` has made, with what pip needs to look at sources without installing anything."""
    venv = tmp_path_factory.mktemp("checkout") / "venv"
    done = make("setup", f"VENV={venv}", f"PYTHON={sys.executable}")
    assert done.returncode == 0, done.stderr
    run(venv / "bin/python", "-m", "pip", "install", "hatchling", "editables", "setuptools", "wheel", folder=venv)
    return venv


@pytest.mark.parametrize("extra", DOCUMENTED)
def test_documented_line_can_be_solved(extra: str, checkout: Path) -> None:
    words = ("setup", f"EXTRAS={extra}", f"VENV={checkout}", f"PYTHON={sys.executable}")
    done = make(*words, PIP_DRY_RUN="1", PIP_NO_BUILD_ISOLATION="0")  # pip's way to say: without isolation
    (checkout / f".has-{extra}").unlink(missing_ok=True)
    assert done.returncode == 0, done.stderr
    assert f"installing prover into {checkout}: core, {extra}" in done.stdout


def test_documented_lines_were_found() -> None:
    assert len(DOCUMENTED) > 8
    assert set(DOCUMENTED) <= set(EXTRAS)
