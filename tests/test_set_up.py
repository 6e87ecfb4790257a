"""What people read while `make` sets up, and when it cannot. tests/fresh does it on systems without anything."""

from __future__ import annotations

import os
import re
import shutil
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import ROOT
from tests.making import make

SCRIPT = spec_from_file_location("set_up", ROOT / ".ci" / "set_up.py")
assert SCRIPT is not None
assert SCRIPT.loader is not None
set_up = module_from_spec(SCRIPT)
SCRIPT.loader.exec_module(set_up)

NO_INDEX = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1", "PIP_CONFIG_FILE": os.devnull}


def program(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_missing_python_says_which_package(tmp_path: Path) -> None:
    done = make(f"VENV={tmp_path / 'venv'}", "PYTHON=no-such-python", "setup")
    assert done.returncode != 0
    assert "error: no no-such-python; Debian, Ubuntu: apt install python3 python3-venv" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_old_python_says_which_is_needed(tmp_path: Path) -> None:
    # The real check, told another version.
    old = program(
        tmp_path / "old",
        f"shift; exec {sys.executable} -c \"import sys; sys.version_info = (3, 9); sys.version = '3.9.2 x'\n$1\"",
    )
    done = make(f"VENV={tmp_path / 'venv'}", f"PYTHON={old}", "setup")
    assert done.returncode != 0
    assert "error: prover needs Python 3.11 or newer, this is 3.9.2; try: make PYTHON=python3.12 ..." in done.stderr
    assert not (tmp_path / "venv").exists()


def test_unreachable_index_is_one_line_and_leaves_no_stamp(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    done = make(f"VENV={venv}", f"PYTHON={sys.executable}", "setup", **NO_INDEX)
    assert done.returncode != 0
    assert f"creating {venv} with Python" in done.stdout
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert "pip does not reach its package index" in line
    assert str(venv / "install.log") in line
    assert set_up.extras_in(venv) == set()
    assert "Traceback" not in done.stderr


def test_python_without_ensurepip_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(set_up, "find_spec", lambda name: None)
    with pytest.raises(set_up.CannotSetUpError, match=rf"apt install python{set_up.PYTHON}-venv"):
        set_up.check_python()


def test_full_disk_is_said_before_anything_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=10**8))
    with pytest.raises(
        set_up.CannotSetUpError, match="100 MB free, 600 MB are needed; free some space, or put it elsewhere"
    ):
        set_up.check_disk(tmp_path / "not" / "there", 600_000_000)


def test_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = make(f"VENV={tmp_path / 'file' / 'venv'}", f"PYTHON={sys.executable}", "setup")
    assert done.returncode != 0
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert "cannot be created" in line
    assert "make VENV=/other/folder" in line


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n",
            "the disk is full",
        ),
        ("WARNING: Retrying after connection broken by 'NewConnectionError('x')'\nERROR: No matching d", "the network"),
        ("Could not fetch URL: There was a problem confirming the ssl certificate: SSLError(x)", "does not trust"),
        ("ERROR: No matching distribution found for numpy<3,>=2\n", "there is no wheel of numpy<3,>=2 for Python"),
        ("ERROR: ResolutionImpossible: for help visit\n", "do not go together"),
        ("x\nERROR: something new\n", "pip failed: something new"),
        ("", "ended without a word"),
    ],
)
def test_failure_of_pip_is_told_in_one_line(said: str, advice: str) -> None:
    line = set_up.explained(said, Path("venv/install.log"))
    assert advice in line
    assert "\n" not in line
    assert line.endswith("(venv/install.log)")


def test_large_downloads_and_waiting_are_shown() -> None:
    said = [
        "Collecting numpy<3,>=2\n",
        "  Downloading numpy-2.4.1-cp311-cp311-manylinux_2_28_x86_64.whl.metadata (6.6 kB)\n",
        "Downloading numpy-2.4.1-cp311-cp311-manylinux_2_28_x86_64.whl (16.9 MB)\n",
        "  Downloading https://example.org/a/torch-2.14.1-cp311-cp311-linux_x86_64.whl (1.2 GB)\n",
        "Downloading click-8.3-py3-none-any.whl (108 kB)\n",
        "Installing collected packages: numpy, torch\n",
        "WARNING: Retrying (Retry(total=4, ...)) after connection broken by 'NewConnectionError(...)': /simple/\n",
    ]
    shown = [line for text in said for line in set_up.worth_showing(text)]
    assert shown == [
        "downloading numpy 2.4.1 (16.9 MB)",
        "downloading torch 2.14.1 (1.2 GB)",
        "writing the files of 2 packages",
        "the package index does not answer, pip tries again",
    ]


def test_silence_is_noticed_and_no_line_is_lost() -> None:
    reading, writing = os.pipe()
    with open(reading) as stream, open(writing, "w") as pip:
        heard = set_up.lines_or_silence(stream, 0.001)
        assert next(heard) is None
        pip.write("Collecting numpy\nwithout an end")
        pip.close()
        assert [line for line in heard if line] == ["Collecting numpy\n", "without an end"]


def test_proving_and_serving_install_no_tools() -> None:
    assert sets_of("prove") == {"core"}
    assert sets_of("serve") == {"core", "serve"}
    assert sets_of("test") == {"core", "dev"}
    assert sets_of("setup", "EXTRAS=train mcp") == {"core", "train", "mcp"}


def sets_of(*target: str) -> set[str]:
    """The sets that a target would install on a machine that has none."""
    return set(re.findall(r"set_up\.py \S+ (\w+)", make("--dry-run", "--always-make", *target).stdout))
