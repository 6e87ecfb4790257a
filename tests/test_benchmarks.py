"""Benchmarks are run by people, far apart: that they can be started at all is tested."""

from __future__ import annotations

import importlib

import pytest

from tests.conftest import ROOT

NEEDS_TORCH = {"train"}
PLACES = sorted(
    path.relative_to(ROOT).with_suffix("")
    for path in (ROOT / "benchmarks").rglob("*.py")
    if path.stem not in NEEDS_TORCH and path.stem != "__init__"
)


@pytest.mark.parametrize("name", [".".join(place.parts) for place in PLACES])
def test_benchmark_can_be_imported(name: str) -> None:
    assert importlib.import_module(name).__doc__
