"""Clean systems, made once and removed at the end."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.fresh.debian import Debian, missing

SUITES = os.environ.get("SUITES", "bookworm trixie sid").split()


@dataclass(frozen=True)
class Newcomer:
    """Somebody who has a Debian, has typed `make prove`, and has then installed the package that the answer named."""

    debian: Debian
    first_answer: str
    package: str


@pytest.fixture(scope="session", params=SUITES)
def newcomer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomer]:
    """An ordinary user of each Debian, without a compiler."""
    if why := missing():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("debian")
    try:
        yield _begin(Debian.create(request.param, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # a gigabyte


def _begin(debian: Debian) -> Newcomer:
    answer = debian.runs("make", "prove").stdout
    package = (re.findall(r"apt install (\S+)$", answer, re.MULTILINE) or [""])[0]
    if package:
        debian.root_runs("apt-get", "update")
        debian.root_runs("apt-get", "install", "--yes", "--no-install-recommends", package)
    return Newcomer(debian, answer, package)
