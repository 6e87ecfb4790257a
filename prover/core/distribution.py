"""The distribution that pip knows, and command lines that work for it.

The import and the command are `prover`. The distribution has another name, because `prover` is taken on PyPI.
Whether it came from a checkout, a file, a repository or an index, pip has noted (PEP 610); lines name that place.
"""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

NAME = "prover-service"


def install_line(extra: str) -> str:
    """Return the command that adds an extra to the Python that runs."""
    return _pip_install(*_requirement(extra))


def reinstall_line(package: str) -> str:
    """Return the command that puts a damaged package of our requirements right, in a version that we work with."""
    from importlib.metadata import PackageNotFoundError, requires

    try:
        required = requires(NAME) or []
    except PackageNotFoundError:
        required = []
    wanted = next((line for line in required if line.startswith(package)), package)
    return _pip_install("--force-reinstall", "--no-deps", wanted)


def _pip_install(*arguments: str) -> str:
    return shlex.join([sys.executable, "-m", "pip", "install", *arguments])


def _requirement(extra: str) -> tuple[str, ...]:
    from importlib.metadata import PackageNotFoundError, distribution  # these cost time, and only errors need them
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    try:
        installed = distribution(NAME)
    except PackageNotFoundError:  # run from a folder that is not installed
        return _editable(Path(__file__).parents[2], extra)
    noted = installed.read_text("direct_url.json")
    if noted is None:  # from an index
        return (f"{NAME}[{extra}]=={installed.version}",)
    origin: dict[str, Any] = json.loads(noted)
    if origin.get("dir_info", {}).get("editable"):
        return _editable(Path(url2pathname(urlsplit(origin["url"]).path)), extra)
    return (f"{NAME}[{extra}] @ {_url(origin)}",)


def _editable(folder: Path, extra: str) -> tuple[str, ...]:
    return "--editable", f"{folder}[{extra}]"


def _url(origin: dict[str, Any]) -> str:
    url: str = origin["url"]
    if repository := origin.get("vcs_info"):
        url = f"{repository['vcs']}+{url}@{repository['commit_id']}"
    if folder := origin.get("subdirectory"):
        url += f"#subdirectory={folder}"
    return url
