"""The npm package as published, on the same task, for comparison with the patches of `prover setup`.

Its Node mode sees only the host folders /home and /tmp, and takes the library from LEAN_PATH, so it is unpacked in a
new folder below /tmp.
"""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.parts.first_tactic import STATEMENT, TACTIC
from benchmarks.parts.options import Options
from benchmarks.report import Row
from prover.environments.lean_wasm.install import INTEGRITY, PACKAGE, PACKAGE_VERSION, node_program, npm_program
from prover.environments.lean_wasm.unpack import unpack

LIMIT_S = 300.0
VISIBLE = Path("/tmp")
DONE = "hasErrors = false"  # the last line but one of its log: the file is elaborated and all messages are out


def stock_start(options: Options) -> tuple[Row, str]:
    """Fetch, unpack and run the package once, which takes minutes; return the figure and the command."""
    with tempfile.TemporaryDirectory(dir=VISIBLE) as name:
        folder = Path(name)
        options.say(f"fetching {PACKAGE} {PACKAGE_VERSION} as published ...")
        package = _unpacked(folder)
        (package / "t.lean").write_text(f"{STATEMENT} := by {TACTIC}\n")
        options.say(f"running it (at most {LIMIT_S:.0f} s) ...")
        elapsed_s = _run_s(package)
    unit = "s" if elapsed_s is not None else f"s (stopped at the limit of {LIMIT_S:.0f} s)"
    row = Row("the same theorem with the package as published", (elapsed_s or LIMIT_S,), unit)
    options.say(f"{row.what}: {row.measured}")
    ran = (
        f"as published: `LEAN_PATH=$PWD/lib/lean node lean.js t.lean` in the unpacked {PACKAGE} {PACKAGE_VERSION} "
        f"(lean-lib.tar.gz unpacked in lib/lean) until its log says `{DONE}`; once, at most {LIMIT_S:.0f} s"
    )
    return row, ran


def _unpacked(folder: Path) -> Path:
    command = [
        *(str(node_program()), str(npm_program()), "pack", f"{PACKAGE}@{PACKAGE_VERSION}", "--ignore-scripts"),
        *("--pack-destination", str(folder), "--cache", str(folder / "npm"), "--loglevel", "error"),
    ]
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
    archive = folder / f"{PACKAGE}-{PACKAGE_VERSION}.tgz"
    with open(archive, "rb") as file:
        found = "sha512-" + base64.b64encode(hashlib.file_digest(file, "sha512").digest()).decode()
    if found != INTEGRITY:
        raise RuntimeError(f"{archive.name} has the wrong hash: {found}")
    unpack(archive, folder)
    package = folder / "package"
    # Beside each file lies `._NAME` with another system's attributes, which Lean would try to read.
    library = package / "lib" / "lean"
    unpack(package / "lean-lib.tar.gz", library, wanted=lambda name: not Path(name).name.startswith("._"))
    return package


def _run_s(package: Path) -> float | None:
    """Return the seconds from the start of the process until Lean has accepted the file; None on time-out."""
    started = time.perf_counter()
    with subprocess.Popen(
        [str(node_program()), "lean.js", "t.lean"],
        cwd=package,
        env={**os.environ, "LEAN_PATH": str(package / "lib" / "lean")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        timer = threading.Timer(LIMIT_S, process.kill)
        timer.start()
        try:
            assert process.stderr is not None  # a pipe
            log = []
            for line in process.stderr:
                if DONE in line:
                    return time.perf_counter() - started
                log.append(line)
            if time.perf_counter() - started >= LIMIT_S:
                return None
            raise RuntimeError(f"the package as published did not accept the theorem: {''.join(log[-5:])}")
        finally:
            timer.cancel()
            process.kill()
