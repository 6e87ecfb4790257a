"""The commands a person types: data, pack, train, interrupt, resume, export."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
tokenizers = pytest.importorskip("tokenizers")

STATES = [(f"n : Nat\n⊢ n + {i} = {i} + n\n", f"exact Nat.add_comm n {i}") for i in range(60)]
SMALL = [
    "model.hidden_size=32",
    "model.intermediate_size=64",
    "model.num_hidden_layers=1",
    "model.head_dim=8",
    "data.context_length=64",
    "batch.sequences=4",
    "batch.micro_sequences=2",
    "optimizer.warmup_steps=5",
    "checkpoints.every_steps=10",
    "validate_every=20",
    "log_every=1",
]


def prover(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "prover", *arguments],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def done(process: subprocess.Popen[str], status: int = 0) -> str:
    output, _ = process.communicate(timeout=240)
    assert process.returncode == status, output[-3000:]
    return output


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tokenizer")
    bare = tokenizers.Tokenizer(tokenizers.models.BPE())
    bare.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = tokenizers.decoders.ByteLevel()
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=400, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet, show_progress=False
    )
    bare.train_from_iterator([state + tactic for state, tactic in STATES], trainer)
    transformers.PreTrainedTokenizerFast(tokenizer_object=bare, bos_token="<s>", eos_token="</s>").save_pretrained(
        folder
    )
    return folder


@pytest.fixture(scope="module")
def packed(tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pairs of a state and its tactic: documents whose state is given."""
    folder = tmp_path_factory.mktemp("data")
    for split, pairs in (("train", STATES[10:]), ("validation", STATES[:10])):
        (folder / "data" / "steps" / split).mkdir(parents=True)
        rows = [{"text": state + tactic, "meta": {"prompt": len(state)}} for state, tactic in pairs]
        path = folder / "data" / "steps" / split / "part.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done(prover("data", "pack", str(folder / "data"), str(folder / "corpus"), "--tokenizer", str(tokenizer)))
    return folder / "corpus"


def test_from_documents_to_a_model_that_transformers_loads(packed: Path, tokenizer: Path, tmp_path: Path) -> None:
    changes = [*SMALL, f"data.corpus={packed}", f"start.tokenizer={tokenizer}", "data.separate=true", "steps=100000"]
    folder = tmp_path / "run"
    command = ["train", "small", "--output", str(folder)]
    process = prover(*command, *(f"--set={change}" for change in changes))
    wait_for_step(folder, 25, process)
    process.send_signal(signal.SIGINT)
    said = done(process, 130)
    assert "continue with --resume" in said
    reached = json.loads((folder / "log.jsonl").read_text().splitlines()[-1])["step"]
    assert (folder / "checkpoints" / f"step-{reached:08d}").is_dir()

    assert "--resume" in done(prover(*command, *(f"--set={change}" for change in changes)), 2)
    changes[-1] = f"steps={reached + 20}"
    said = done(prover(*command, "--resume", "--json", *(f"--set={change}" for change in changes)))
    report = json.loads(said[said.index("{\n") :])
    assert report["step"] == reached + 20
    assert 0 < report["held_out"]["steps"] < 6  # of log 4096 = 8.3 for a guess

    done(prover("export", str(folder), str(tmp_path / "model"), "--dtype", "float32"))
    model = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "model")
    words = transformers.AutoTokenizer.from_pretrained(tmp_path / "model")
    assert words.decode(words.encode(STATES[0][0])) == STATES[0][0]
    assert model.config.vocab_size == 4096


def wait_for_step(folder: Path, step: int, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 200
    while time.monotonic() < end and process.poll() is None:
        log = folder / "log.jsonl"
        if log.exists() and f'"kind": "step", "step": {step},' in log.read_text():
            return
        time.sleep(0.05)
    process.kill()
    raise AssertionError(process.communicate()[0][-3000:])


def test_a_corpus_of_another_vocabulary_is_refused(packed: Path, tmp_path: Path) -> None:
    process = prover("train", "small", "--set", f"data.corpus={packed}", "--set", "model.vocab_size=100")
    assert "pack it with the model's tokenizer" in done(process, 2)
