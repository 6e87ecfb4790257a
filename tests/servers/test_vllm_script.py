"""servers/vllm/serve.sh while it installs: whoever stops it stops that too."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from prover.policies.llm.families import family_of
from tests.conftest import HUNG_S, ROOT


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_while_something_is_installed_ends_that(number: int, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho $$ installs\nexec sleep 86400\n")
    python.chmod(0o755)
    settings = {"PYTHON": str(python), "DEVICE": "cpu", "VENV": str(tmp_path / "venv")}
    with subprocess.Popen(
        [str(ROOT / "servers" / "vllm" / "serve.sh")],
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as script:
        assert script.stdout is not None
        installing = psutil.Process(int(script.stdout.readline().split()[0]))
        script.send_signal(number)
        assert script.wait(timeout=HUNG_S) == 130
        psutil.wait_procs([installing], timeout=HUNG_S)
        assert not installing.is_running() or installing.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("EleutherAI/llemma_7b", "Llemma, Code Llama"),
        ("Goedel-LM/Goedel-Prover-V2-8B", "Goedel-Prover-V2"),
        ("AI-MO/Kimina-Prover-72B", "Kimina-Prover"),
        ("deepseek-ai/DeepSeek-Prover-V2-7B", "DeepSeek-Prover-V2"),
        ("deepseek-ai/DeepSeek-Prover-V1.5-RL", "DeepSeek-Prover-V1, V1.5"),
        ("stepfun-ai/StepFun-Prover-Preview-7B", "StepFun-Prover"),
        ("Leanabell-LM/Leanabell-Prover-V2-DS", "Leanabell-Prover-V2"),
        ("l3lab/ntp-mathlib-context-deepseek-coder-1.3b", "ntp-toolkit, with context"),
        ("wellecks/llmstep-mathlib4-pythia2.8b", "llmstep"),
    ],
)
def test_context_is_as_long_as_the_authors_use(model: str, family: str) -> None:
    known = family_of(model)
    assert known is not None
    assert known.name == family
    script = [str(ROOT / "servers" / "vllm" / "serve.sh"), "--print-length"]
    environment = {name: value for name, value in os.environ.items() if name != "MAX_LENGTH"}
    printed = subprocess.run(script, env=environment | {"MODEL": model}, capture_output=True, text=True, check=True)
    assert int(printed.stdout) == known.context


@pytest.mark.parametrize("found", [True, False], ids=["pip finds it", "pip does not find it"])
def test_torch_comes_from_its_own_index_where_pip_has_none(tmp_path: Path, found: bool) -> None:
    """A Python stands in that makes an environment of itself, and notes what it is asked to install."""
    log, python = tmp_path / "log", tmp_path / "python"
    python.write_text(
        "#!/bin/sh\n"
        'if [ "$2" = venv ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; exit; fi\n'
        f'echo "$@" >> {log}\n'
        f'case "$*" in *--extra-index-url*) exit 0 ;; *torch==*) exit {0 if found else 1} ;; esac\n'
    )
    python.chmod(0o755)
    given = {
        "PYTHON": str(python),
        "VENV": str(tmp_path / "venv"),
        "DEVICE": "cpu",
        "TORCH_INDEX": "https://index.example",
    }
    done = subprocess.run(
        [str(ROOT / "servers" / "vllm" / "serve.sh"), "--set-up"],
        env=os.environ | given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    installs = [line for line in log.read_text().splitlines() if " install " in line]
    assert ["--extra-index-url https://index.example" in line for line in installs] == (
        [False, False] if found else [False, True, False]
    )
    assert "--requirement" in installs[-1]
