"""The chain of the experiment, as typed: mine with real Lean, learn the orders, search with them, measure; and a Llama
of the same mined steps: documents, tokenizer, corpus, training, export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

pytestmark = pytest.mark.research
torch = pytest.importorskip("torch", reason="extra [research]: make test-research")
transformers = pytest.importorskip("transformers", reason="extra [research]: make test-research")

from prover.cli.main import cli  # noqa: E402
from prover.core.held_out import is_held_out  # noqa: E402
from prover.train.tactic_order import main as learn_order  # noqa: E402
from research.documents import main as documents  # noqa: E402
from research.learning import main as learning  # noqa: E402

FORMS = (
    "theorem t (xs : List Nat) : (xs ++ []).length + {n} = xs.length + {n}",
    "theorem t (a b : Nat) (h : a + {n} ≤ b) : a < b + 1",
    "theorem t (p q : Prop) (h : p ∧ q) : q ∧ p ∨ {n} = 1",
)
MANY_STEPS = "theorem t (f : Nat → Nat) (h : ∀ n, f (n + 1) = f n) (k : Nat) : f k + {n} = f 0 + {n}"


def prover(*arguments: str) -> str:
    result = CliRunner().invoke(cli, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def problems(path: Path, forms: tuple[str, ...], count: int, *, held_out: bool) -> Path:
    """Write problems whose names are held out for evaluation, or are not."""
    names = [name for n in range(1000) if is_held_out(name := f"Chain.t{n}") is held_out][:count]
    rows = [{"name": name, "statement": forms[n % len(forms)].format(n=n + 2)} for n, name in enumerate(names)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def mined(installation: object, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chain")
    training = problems(folder / "training.jsonl", FORMS, 12, held_out=False)
    prover("mine", "outcomes", str(training), "--depth", "0", "--workers", "2", "--output", str(folder / "outcomes"))
    return folder / "outcomes"


def test_mined_outcomes_become_an_order_that_is_followed_and_measured(mined: Path, tmp_path: Path) -> None:
    model, runs = tmp_path / "model", tmp_path / "runs"
    trained = CliRunner().invoke(learn_order, [str(mined), "--fewest", "2", "--output", str(model)])
    assert trained.exit_code == 0, trained.output
    said = prover("prove", FORMS[0].format(n=99), "--model", f"small:{model}", "--json")
    record = json.loads(said[said.index("{") :])
    assert record["proved"]
    assert record["policy"].startswith("ranked(closers@")

    held_out = problems(tmp_path / "held-out.jsonl", (MANY_STEPS, FORMS[1]), 2, held_out=True)
    arms = ["--arm", "closers", "--arm", f"order=ranked:{model}"]
    measuring = ["run", str(held_out), *arms, "--output", str(runs), "--workers", "1"]
    assert CliRunner().invoke(learning, measuring, catch_exceptions=False).exit_code == 0
    rows = [json.loads(line) for line in (runs / "results.jsonl").read_text().splitlines()]
    by_hand, one_liner = sorted(rows, key=lambda row: bool(row["one_liner"]))
    assert one_liner["one_liner"]
    assert set(by_hand["arms"]) == {"closers", "order"}
    assert all(arm["lean_s"] > 0 and arm["tactics"] > 0 for arm in by_hand["arms"].values())
    replaying = ["replay", str(mined), "--fewest", "2", "--folds", "2", "--output", str(tmp_path)]
    assert "| all: " in CliRunner().invoke(learning, replaying, catch_exceptions=False).output
    replayed = json.loads((tmp_path / "learning-replays.json").read_text())["states"]
    assert replayed
    assert all(0 < seconds < 60 for row in replayed for seconds in row["seconds"].values())
    (tmp_path / "learning.md").write_text("# About\n\nkept\n\n## Figures\n\ngone\n")
    reporting = ["report", f"two by hand={runs}", "--output", str(tmp_path)]
    assert CliRunner().invoke(learning, reporting, catch_exceptions=False).exit_code == 0
    page = (tmp_path / "learning.md").read_text()
    assert "kept" in page
    assert "gone" not in page
    assert "2 theorems: 1 are proved by one of Lean's own tactics" in page
    assert (tmp_path / "plots" / "learning-two-by-hand-lean.svg").read_text().startswith("<svg")


def test_mined_steps_become_a_llama_that_transformers_loads_and_that_writes_steps(mined: Path, tmp_path: Path) -> None:
    sources, tokenizer, corpus, run = (str(tmp_path / name) for name in ("sources", "tokenizer", "corpus", "run"))
    licence = ("--origin", "written here", "--licence", "CC0-1.0")
    building = [sources, "mined", str(mined), *licence, "--validation", "0.3"]
    assert CliRunner().invoke(documents, building, catch_exceptions=False).exit_code == 0
    prover("data", "tokenizer", sources, tokenizer, "--vocabulary", "400")
    prover("data", "pack", sources, corpus, "--tokenizer", tokenizer)
    words = transformers.AutoTokenizer.from_pretrained(tokenizer)
    changes = {
        **{"data.corpus": corpus, "start.tokenizer": tokenizer, "model.vocab_size": len(words), "steps": 3},
        **{"model.hidden_size": 32, "model.intermediate_size": 64, "model.num_hidden_layers": 1, "model.head_dim": 8},
        **{
            "validate_every": 3,
            "data.context_length": 256,
            "batch.sequences": 4,
            "batch.micro_sequences": 4,
            "optimizer.warmup_steps": 1,
        },
    }
    prover("train", "small", *(f"--set={name}={value}" for name, value in changes.items()), "--output", run)
    prover("export", run, str(tmp_path / "model"), "--dtype", "float32")
    model = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "model")
    tokens = transformers.AutoTokenizer.from_pretrained(tmp_path / "model")("⊢ p", return_tensors="pt").input_ids
    assert model(tokens).logits.shape == (1, tokens.shape[1], len(words))
    assert transformers.AutoTokenizer.from_pretrained(tmp_path / "model").eos_token == "</s>"

    ordering = [str(mined), "--fewest", "2", "--output", str(tmp_path / "model")]
    assert CliRunner().invoke(learn_order, ordering, catch_exceptions=False).exit_code == 0
    held_out = problems(tmp_path / "held-out.jsonl", (MANY_STEPS,), 1, held_out=True)
    arms = ["--arm", "closers", "--arm", f"both=small:{tmp_path / 'model'}"]
    measuring = ["run", str(held_out), *arms, "--output", str(tmp_path / "runs"), "--workers", "1"]
    assert CliRunner().invoke(learning, measuring, catch_exceptions=False).exit_code == 0
    (row,) = [json.loads(line) for line in (tmp_path / "runs" / "results.jsonl").read_text().splitlines()]
    assert row["error"] is None
    assert set(row["arms"]) == {"closers", "both"}
    policy = json.loads((tmp_path / "runs" / "run.json").read_text())["arms"]["both"]
    assert "pointers, 32×" in policy
    assert policy.count("order@") == 2  # before the model's turn, and behind it
    reporting = ["report", f"one={tmp_path / 'runs'}", "--training", f"tiny={run}", "--output", str(tmp_path)]
    CliRunner().invoke(learning, [*reporting, "--model", str(tmp_path / "model")], catch_exceptions=False)
    page = (tmp_path / "learning.md").read_text()
    assert "| tiny | 3 |" in page
    assert "To draw 32 steps" in page
