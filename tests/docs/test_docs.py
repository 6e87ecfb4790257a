"""Documentation held to the standard of code: its commands run, and say what it says they say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import prover
from docs.generate.__main__ import stale
from prover.environments.lean_wasm.install import Installation
from tests.conftest import ROOT
from tests.prover_serve import Serve

DOCS = ROOT / "docs"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
CODE = {".py", ".mjs", ".js", ".lean", ".yml", ".toml", ".md"}
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
    text = re.sub(r"\d+(\.\d+)? (s|expansions?|tactics?|cores|CPU seconds|GB|MB)\b", r"N \2", text)
    text = re.sub(r"\((Valkey|Redis) [^)]*\)", r"(\1)", text)
    text = re.sub(r"(\.\.\.|/)[^\s)]*", "PATH", text)
    return re.sub(r"[ \t]+", " ", text).strip()


EVERY_COMMAND = [(path, *command) for path in PAGES for command in commands(path)]


@pytest.fixture(scope="module")
def folder_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """The folder in which the commands of a page run, one after the other: later ones use the files of earlier ones."""
    folders: dict[Path, Path] = {}
    return lambda page: folders.setdefault(page, tmp_path_factory.mktemp(page.stem))


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Serve]]:
    """The service that a page starts with `prover serve`; it answers the later commands of that page."""
    started: list[Serve] = []

    def start_once() -> Serve:
        if not started:
            started.append(Serve(tmp_path_factory.mktemp("serve")))
        return started[0]

    yield start_once
    for service in started:
        service.end()


@pytest.mark.parametrize(
    ("page", "command", "shown"),
    EVERY_COMMAND,
    ids=[f"{page.relative_to(ROOT)}: {command[:50]}" for page, command, _ in EVERY_COMMAND],
)
def test_command_prints_what_the_page_shows(
    page: Path,
    command: str,
    shown: str,
    installation: Installation,
    folder_of: Callable[[Path], Path],
    serve: Callable[[], Serve],
    request: pytest.FixtureRequest,
) -> None:
    assert installation.manifest.exists()
    if command.startswith("make "):
        # What the target runs is tested below and everywhere; here: that it exists and would run.
        subprocess.run(["make", "--dry-run", *command.split()[1:2]], cwd=ROOT, check=True, capture_output=True)
        if command != "make prove":
            return
    if command.startswith("prover serve"):
        pytest.importorskip("fastapi")
        printed = serve().log.read_text()
    elif command.startswith("curl ") and shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    else:
        printed = printed_by(command, folder_of(page), serve)
    lines = {without_figures(line) for line in printed.splitlines()}
    missing = [line for line in map(str.strip, shown.splitlines()) if line and without_figures(line) not in lines]
    if missing and request.config.getoption("--update-golden"):
        page.write_text(page.read_text().replace(f"$ {command}\n{shown}", f"$ {command}\n{printed.rstrip()}"))
        pytest.fail(f"{page.name} was updated; look at it")
    assert missing == [], printed


def printed_by(command: str, folder: Path, serve: Callable[[], Serve]) -> str:
    """Return what a command prints, on either stream."""
    if command == "make prove":
        command = "python -m benchmarks.examples"
    if "localhost:8080" in command:
        command = command.replace("localhost:8080", serve().url.removeprefix("http://"))
    programs = Path(sys.executable).parent
    return subprocess.run(
        command,
        shell=True,
        cwd=ROOT if command.startswith("python -m") else folder,
        env=os.environ | {"PATH": f"{programs}:{os.environ['PATH']}", "COLUMNS": "150"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
        check=False,
    ).stdout


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_python_blocks_run(path: Path, installation: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    assert installation.manifest.exists()
    names: dict[str, object] = {}
    for block in blocks(path, "python"):
        exec(compile(block, str(path), "exec"), names)
        promised = [line.split("# ")[1] for line in block.splitlines() if "print(" in line and "  # " in line]
        assert capsys.readouterr().out.splitlines() == promised


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", path.read_text()):
        page = path.parent / target if target else path
        assert page.exists(), target
        assert not anchor or anchor in anchors(page), f"{target}#{anchor}"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the forges that show it make them."""
    headings = re.findall(r"^#+ (.*)$", without_blocks(page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def without_blocks(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_paths_named_in_code_marks_exist(path: Path) -> None:
    for name in re.findall(r"`((?:prover|tests|docs|benchmarks|examples|servers)/[\w./-]+)`", path.read_text()):
        if "decisions/0004" not in str(path) or name != "prover/prove.py":
            assert (ROOT / name).exists(), name


def test_pages_that_code_points_to_exist() -> None:
    """Error messages, docstrings and comments name pages as `docs/...md`."""
    folders = ("benchmarks", "docs", "examples", "prover", "servers", "tests")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in CODE]
    files += [path for path in ROOT.iterdir() if path.suffix in CODE]
    named = {name for path in files for name in re.findall(r"(?<![\w/])docs/[\w/-]+\.md", path.read_text())}
    assert "docs/reference/python.md" in named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_page_is_reached_from_the_index() -> None:
    reached, ahead = set(), [DOCS / "index.md"]
    while ahead:
        page = ahead.pop()
        if page not in reached:
            reached.add(page)
            targets = re.findall(r"\]\(([^)#:]+\.md)", page.read_text())
            ahead += [(page.parent / target).resolve() for target in targets]
    pages = [path for kind in ("tutorial", "how-to", "reference", "explanation") for path in (DOCS / kind).glob("*.md")]
    assert [str(path) for path in pages if path not in reached] == []


def test_generated_parts_are_as_the_code_has_them() -> None:
    pytest.importorskip("fastapi")
    assert [str(path) for path in stale()] == [], "run: python -m docs.generate"


def test_release_has_one_version_and_a_date() -> None:
    released = re.search(r"^## ([\d.]+) \((\d{4}-\d\d-\d\d)\)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    citation = (ROOT / "CITATION.cff").read_text()
    assert released is not None
    assert released[1] == prover.__version__
    assert f"version: {released[1]}\ndate-released: {released[2]}\n" in citation


def test_every_suite_runs_in_ci_and_in_test_all() -> None:
    makefile = (ROOT / "Makefile").read_text()
    suites = set(re.findall(r"^(test(?:-\w+)?):", makefile, re.MULTILINE)) - {"test-all"}
    together = re.search(r"^test-all: (.*)$", makefile, re.MULTILINE)
    assert together is not None
    assert set(together[1].split()) == suites - {"test-fresh"}  # which needs root
    in_ci = (ROOT / ".ci" / "run").read_text() + (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    assert [suite for suite in sorted(suites) if not re.search(rf"\b{suite}\b(?!-)", in_ci)] == []


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
