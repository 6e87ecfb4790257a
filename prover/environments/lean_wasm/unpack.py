"""Unpack an archive without trusting the names in it.

The filters of `TarFile.extractall` came with Python 3.11.4, and we work with 3.11.0.
"""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

from prover.errors import InstallationError


def unpack(
    archive: Path,
    target: Path,
    *,
    wanted: Callable[[str], bool] = lambda name: True,
    written: Callable[[int], None] = lambda size: None,
) -> None:
    """Write the regular files that are `wanted` below `target`, and nothing else: no links, modes or owners.

    `written` gets the size of each file when it is there.

    Raises:
        InstallationError: a name leads out of `target`.
    """
    inside = target.resolve()
    with tarfile.open(archive) as tar:
        for member in tar:
            if not member.isfile() or not wanted(member.name):
                continue
            path = target / member.name
            if not path.resolve().is_relative_to(inside):
                raise InstallationError(f"{archive.name} holds a file with a forbidden name: {member.name}")
            path.parent.mkdir(parents=True, exist_ok=True)
            content = tar.extractfile(member)
            assert content is not None  # a regular file
            with content, open(path, "wb") as out:
                shutil.copyfileobj(content, out)
            written(member.size)
