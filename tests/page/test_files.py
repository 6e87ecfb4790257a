"""The page's files: all there, all used, nothing of elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path, PurePosixPath

from prover.web.guard import PAGE_POLICY
from prover.web.page import FOLDER, SHARED
from tests.conftest import ROOT
from tests.report.pages import Page

LIBRARIES = ROOT / "prover" / "web" / "libraries"
IMPORT = re.compile(r'^import [^;]*?"([^"]+)";', re.MULTILINE)


def file_of(address: str) -> Path:
    """The file behind an address, as `mount_page` serves them."""
    if address.startswith("static/shared/"):
        return SHARED / address.removeprefix("static/shared/")
    assert address.startswith("static/"), address
    return FOLDER / address.removeprefix("static/")


def imported(address: str) -> list[str]:
    names = IMPORT.findall(file_of(address).read_text(encoding="utf-8"))
    folder = PurePosixPath(address).parent
    found = []
    for name in names:
        assert name.startswith(("./", "../")), f"{address} imports {name}"
        parts: list[str] = []
        for part in (folder / name).parts:
            if part == "..":
                parts.pop()
            else:
                parts.append(part)
        found.append("/".join(parts))
    return found


def loaded() -> set[str]:
    """Every file that a browser loads for the page."""
    page = Page((FOLDER / "index.html").read_text(encoding="utf-8"))
    waiting = [address for address in page.fetched() if address.startswith("static/")]
    assert waiting == page.fetched()
    known: set[str] = set()
    while waiting:
        address = waiting.pop()
        if address not in known:
            known.add(address)
            if address.endswith(".js") and "libraries/" not in address:
                waiting += imported(address)
    return known


def test_every_file_that_is_loaded_exists_and_every_file_is_loaded() -> None:
    addresses = loaded()
    assert [address for address in addresses if not file_of(address).is_file()] == []
    ours = {path for path in FOLDER.rglob("*") if path.suffix in {".js", ".css", ".svg"}}
    assert ours - {file_of(address) for address in addresses} == set()


def test_nothing_is_inline_and_the_policy_allows_nothing_inline() -> None:
    page = Page((FOLDER / "index.html").read_text(encoding="utf-8"))
    assert page.tags("style") == []
    assert all("src" in script for script in page.tags("script"))
    assert [a for _, attributes in page.elements for a in attributes if a == "style" or a.startswith("on")] == []
    assert "unsafe" not in PAGE_POLICY
    assert PAGE_POLICY.startswith("default-src 'none';")


def test_libraries_are_small_pinned_and_come_with_their_licences() -> None:
    folder = FOLDER / "libraries"
    assert (folder / "libraries.js").stat().st_size < 500_000
    licences = (folder / "licences.txt").read_text(encoding="utf-8")
    packages = json.loads((LIBRARIES / "package.json").read_text())["dependencies"]
    for name, version in packages.items():
        assert f"{name} {version} (" in licences
    locked = json.loads((LIBRARIES / "package-lock.json").read_text())["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in packages} == packages
