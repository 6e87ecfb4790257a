"""The examples for several nodes, run: two process groups that meet come to the losses of one process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip("torch")

from prover.data.corpora.corpus import pack  # noqa: E402
from prover.data.corpora.folder import DataFolder  # noqa: E402
from prover.data.corpora.shards import Document, write_documents  # noqa: E402
from tests.conftest import ROOT  # noqa: E402
from tests.train.runs import lines, losses  # noqa: E402

EXAMPLES = ROOT / "examples" / "training"
SMALL = {
    **{"steps": 3, "model.vocab_size": 257, "model.hidden_size": 32, "model.intermediate_size": 64},
    **{"model.num_hidden_layers": 1, "model.head_dim": 8, "data.context_length": 32, "batch.sequences": 4},
    **{"batch.micro_sequences": 1, "optimizer.warmup_steps": 1, "compute.precision": "fp32", "log_every": 1},
}

SCONTROL = "#!/bin/sh\necho 127.0.0.1\necho 127.0.0.2\n"
SRUN = """#!/bin/sh
shift
for node in 0 1; do SLURM_NODEID=$node "$@" & pids="$pids $!"; done
for pid in $pids; do wait "$pid" || exit 1; done
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("nodes")
    texts = [Document(f"theorem t{i} : {i} + 0 = {i} := by simp") for i in range(40)]
    write_documents(folder / "data" / "lean" / "train", "lean", texts)
    pack(DataFolder.open(folder / "data"), folder / "corpus", "bytes")
    return ["small", *(f"--set={name}={value}" for name, value in {**SMALL, "data.corpus": folder / "corpus"}.items())]


@pytest.fixture(scope="module")
def alone(settings: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alone") / "run"
    command = [sys.executable, "-m", "prover", "train", *settings, "--output", str(folder)]
    assert ended(start(command)) == 0
    return folder


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def start(command: list[str], **environment: str) -> subprocess.Popen[str]:
    settings = os.environ | {"OMP_NUM_THREADS": "1", "PYTHON": sys.executable, "PROCESSES": "1"} | environment
    return subprocess.Popen(
        command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def ended(process: subprocess.Popen[str]) -> int:
    output, _ = process.communicate(timeout=580)
    print(output[-4000:])
    return process.returncode


def test_two_nodes_come_to_the_losses_of_one_process(settings: list[str], alone: Path, tmp_path: Path) -> None:
    command = [str(EXAMPLES / "node.sh"), *settings, "--output", str(tmp_path / "run")]
    meeting = {"HEAD": "127.0.0.1", "NODES": "2", "PORT": free_port()}
    nodes = [start(command, **meeting) for _ in range(2)]
    assert [ended(node) for node in nodes] == [0, 0]
    assert losses(tmp_path / "run") == pytest.approx(losses(alone), rel=2e-5)
    assert lines(tmp_path / "run")[-1]["tokens"] == 3 * 4 * 32


def test_the_slurm_job_does_the_same(settings: list[str], alone: Path, tmp_path: Path) -> None:
    """Slurm's two commands are stand-ins: `srun` starts its command once for each node."""
    for name, text in (("scontrol", SCONTROL), ("srun", SRUN)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    slurm = {"SLURM_JOB_NODELIST": "node-[1-2]", "SLURM_JOB_NUM_NODES": "2", "SLURM_JOB_ID": "77"}
    job = ["bash", str(EXAMPLES / "two-nodes.sbatch"), *settings, "--output", str(tmp_path / "run")]
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    assert ended(start(job, PATH=path, PORT=free_port(), **slurm)) == 0
    assert losses(tmp_path / "run") == pytest.approx(losses(alone), rel=2e-5)
