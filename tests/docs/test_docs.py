"""Documentation held to the standard of code: its commands run, and say what it says they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import prover
from prover.environments.lean_wasm.install import Installation
from tests.conftest import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "CONTRIBUTING.md"]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(path: Path, language: str) -> list[str]:
    return [text for found, text in BLOCK.findall(path.read_text()) if found == language]


def commands(path: Path) -> list[tuple[str, str]]:
    """The commands of a page (lines after `$ `, continued by a trailing backslash) with the output shown."""
    found: list[tuple[str, str]] = []
    for block in blocks(path, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = part.split("\n")
            length = next(i for i, line in enumerate(lines) if not line.endswith("\\")) + 1
            found.append(("\n".join(lines[:length]), "\n".join(lines[length:]).strip()))
    return found


def without_figures(text: str) -> str:
    """Timings, counts of work, versions and places differ from machine to machine."""
    text = re.sub(r"\d+(\.\d+)? (s|expansions?|tactics?|cores|GB|MB)\b", r"N \2", text)
    text = re.sub(r"(\.\.\.|/)[^\s)]*", "PATH", text)
    return re.sub(r"[ \t]+", " ", text).strip()


EVERY_COMMAND = [(path.name, *command) for path in PAGES for command in commands(path)]


@pytest.mark.parametrize(
    ("page", "command", "shown"), EVERY_COMMAND, ids=[f"{page}: {command[:50]}" for page, command, _ in EVERY_COMMAND]
)
def test_command_prints_what_the_page_shows(
    page: str,
    command: str,
    shown: str,
    installation: Installation,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    assert installation.manifest.exists()
    typed = command
    if command.startswith("make "):
        # What the target runs is tested below and everywhere; here: that it exists and would run.
        subprocess.run(["make", "--dry-run", *command.split()[1:2]], cwd=ROOT, check=True, capture_output=True)
        if command != "make prove":
            return
        command = "python -m benchmarks.examples"
    programs = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}", "COLUMNS": "150"}
    result = subprocess.run(
        command,
        shell=True,
        cwd=ROOT if command.startswith("python -m") else tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
        check=False,
    )
    printed = {without_figures(line) for line in result.stdout.splitlines()}
    missing = [line for line in map(str.strip, shown.splitlines()) if line and without_figures(line) not in printed]
    if missing and request.config.getoption("--update-golden"):
        path = next(path for path in PAGES if path.name == page)
        path.write_text(path.read_text().replace(f"$ {typed}\n{shown}", f"$ {typed}\n{result.stdout.rstrip()}"))
        pytest.fail(f"{page} was updated; look at it")
    assert missing == [], result.stdout


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_python_blocks_run(path: Path, installation: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    assert installation.manifest.exists()
    names: dict[str, object] = {}
    for block in blocks(path, "python"):
        exec(compile(block, str(path), "exec"), names)
        promised = [line.split("# ")[1] for line in block.splitlines() if line.startswith("print(") and "  # " in line]
        assert capsys.readouterr().out.splitlines() == promised


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_to_files_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_paths_named_in_code_marks_exist(path: Path) -> None:
    for name in re.findall(r"`((?:prover|tests|docs|benchmarks|examples|servers)/[\w./-]+)`", path.read_text()):
        if "decisions/0004" not in str(path) or name != "prover/prove.py":
            assert (ROOT / name).exists(), name


def test_every_command_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    for command in (
        "prover prove",
        "prover verify",
        "prover fill",
        "prover setup",
        "prover doctor",
        "make prove",
        "make test",
    ):
        assert command in text


def test_every_public_name_is_in_the_reference() -> None:
    text = (ROOT / "docs" / "reference" / "python.md").read_text()
    assert [name for name in prover.__all__ if f"`{name}`" not in text and f"`{name}(" not in text] == []
