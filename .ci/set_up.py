"""Install into the virtual environment what a target needs; say what is done, and in one line what to do if it fails.

    python .ci/set_up.py .venv SET

A set is `core` (what proving needs) or an extra of pyproject.toml. The environment is made if there is none. Extras
that are there stay, and all are solved together. `make` runs this; Python 3.11.0 and its own library will do.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO

ROOT = Path(__file__).absolute().parent.parent
CORE = "core"
NEEDED_BYTES = 600_000_000
"""Free space for a set, with what pip writes meanwhile."""
TORCH_BYTES = 8_000_000_000
SILENCE_S = 10.0
"""After so long with nothing to show, a line says that pip is still at work."""
WITH_TORCH = ("train", "trl", "local", "research", "lora", "wandb")

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
MACHINE = platform.machine()
ELSEWHERE = "free some space, or put it elsewhere: make VENV=/other/disk/venv ..."
PURE_PYTHON = "sqlitedict,word2number"
"""What the extra `eval` needs and nobody has made wheels of; there is nothing to compile in them."""
FAILURES = (
    (r"No space left on device|Disk quota exceeded", f"the disk is full; {ELSEWHERE}"),
    (r"CERTIFICATE_VERIFY_FAILED|SSLError", "pip does not trust the package index: see `pip config list`, cert"),
    (
        r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|ProtocolError",
        "pip does not reach its package index: check the network, proxy settings and `pip config list`, then try again",
    ),
    (
        r"No matching distribution found for ([^\s;]+)",
        rf"there is no wheel of \1 for Python {PYTHON} on {MACHINE}, and nothing is compiled here; "
        "another Python may do: make clean, then make PYTHON=python3.12 ...",
    ),
    (r"ResolutionImpossible", "these extras do not go together; use another folder: make VENV=.venv-other ..."),
)


class CannotSetUpError(Exception):
    """What is wrong and what to do, in one line."""


def main(venv: Path, name: str) -> None:
    """Install one set beside those that are there, and note it in files that `make` looks at."""
    started = time.monotonic()
    if not stamp(venv, name).exists():
        check_disk(venv, TORCH_BYTES if name in WITH_TORCH else NEEDED_BYTES)
    if not has_pip(venv):
        check_python()
        create(venv)
    extras = {*extras_in(venv), name} - {CORE}
    print(f"installing prover into {venv}: {', '.join([CORE, *sorted(extras)])} (log: {venv}/install.log)", flush=True)
    count = install(venv, extras)
    for known in (CORE, *extras):
        stamp(venv, known).touch()
    print(f"  {count} packages in {time.monotonic() - started:.0f} s", flush=True)


def stamp(venv: Path, name: str) -> Path:
    """Return the file that says a set is installed."""
    return venv / f".has-{name}"


def extras_in(venv: Path) -> set[str]:
    """Return the sets that are installed, as far as the files say."""
    return {path.name.removeprefix(".has-") for path in venv.glob(".has-*")}


def check_python() -> None:
    """Raise unless this Python can make an environment with pip. Debian's has that part in a package of its own."""
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        raise CannotSetUpError(
            f"{sys.executable} comes without venv and ensurepip; on Debian and Ubuntu: apt install python{PYTHON}-venv"
        )


def check_disk(venv: Path, needed: int) -> None:
    """Raise if the disk has too little room."""
    place = venv.absolute()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < needed:
        raise CannotSetUpError(f"{place} has {free / 1e6:,.0f} MB free, {needed / 1e6:,.0f} MB are needed; {ELSEWHERE}")


def has_pip(venv: Path) -> bool:
    """Is there an environment that works? One whose Python was removed or replaced does not."""
    python = venv / "bin" / "python"
    try:
        return subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def create(venv: Path) -> None:
    """Make the environment; what is left of a broken one is removed."""
    print(f"creating {venv} with Python {platform.python_version()} ({sys.executable})", flush=True)
    replace = ["--clear"] if (venv / "pyvenv.cfg").exists() else []
    result = subprocess.run([sys.executable, "-m", "venv", *replace, venv], capture_output=True, text=True, check=False)
    if result.returncode:
        lines = (result.stderr.strip() or result.stdout.strip() or "it ended without a word").splitlines()
        raise CannotSetUpError(f"{venv} cannot be created: {lines[-1]}; somewhere else: make VENV=/other/folder ...")


def install(venv: Path, extras: set[str]) -> int:
    """Let pip work; returns how many packages it installed, this one included."""
    project = f"{ROOT}[{','.join(sorted(extras))}]" if extras else str(ROOT)
    command = [
        *(str(venv / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"),
        *("--only-binary", ":all:", "--no-binary", PURE_PYTHON),
        *("--editable", project),  # a folder is built all the same
    ]
    said = []
    with (
        open(venv / "install.log", "w") as log,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        ) as pip,
    ):
        assert pip.stdout is not None  # a pipe
        started = shown = time.monotonic()
        for line in lines_or_silence(pip.stdout, SILENCE_S):
            log.write(line or "")
            said.append(line or "")
            news, now = list(worth_showing(line or "")), time.monotonic()
            if not news and now - shown >= SILENCE_S:
                news = [f"still at work after {now - started:.0f} s"]
            for text in news:
                shown = now
                print(f"  {text}", flush=True)
    if pip.returncode:
        raise CannotSetUpError(explained("".join(said), venv / "install.log"))
    installed = [line for line in said if line.startswith("Successfully installed")]
    return sum(len(line.split()) - 2 for line in installed)


def lines_or_silence(stream: IO[str], silence_s: float) -> Iterator[str | None]:
    """Yield each line of a stream, and None whenever none has come for so long."""
    lines: Queue[str | None] = Queue()

    def read() -> None:
        for line in stream:
            lines.put(line)
        lines.put(None)

    Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=silence_s)
        except Empty:
            yield None
            continue
        if line is None:
            return
        yield line


def worth_showing(line: str) -> Iterator[str]:
    """Yield what people want to see of a line of pip: large downloads, files being written, why it takes long."""
    found = re.match(r"\s*Downloading \S*?([^/\s]+)\.whl \((.+ [MG]B)\)", line)
    if found:
        name, version = found[1].split("-")[:2]
        yield f"downloading {name} {version} ({found[2]})"
    elif line.startswith("Installing collected packages"):
        yield f"writing the files of {line.count(',') + 1} packages"
    elif line.startswith("WARNING: Retrying"):
        yield "the package index does not answer, pip tries again"


def explained(said: str, log: Path) -> str:
    """Return why pip failed and what to do."""
    for pattern, advice in FAILURES:
        if found := re.search(pattern, said):
            return f"{found.expand(advice) if found.re.groups else advice} ({log})"
    errors = re.findall(r"^\s*error: (.+)", said, re.MULTILINE | re.IGNORECASE)
    return f"pip failed: {(errors or ['it ended without a word'])[0]} ({log})"


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), sys.argv[2])
    except CannotSetUpError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        sys.exit(
            f"error: {error.filename or sys.argv[1]}: {error.strerror}; another folder: make VENV=/other/folder ..."
        )
    except KeyboardInterrupt:
        sys.exit(130)
