"""`prover bench --protocol`: the model is asked, and the search limited, as the paper says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click import UsageError
from click.testing import CliRunner

from prover.cli.bench.protocols import PROTOCOLS, with_protocol
from prover.cli.main import cli
from prover.core.budget import SearchBudget
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.llm.prompts.prompt_files import digest_of
from prover.settings import ModelSettings, Settings
from tests.models.server import Answer, answer, choice, serving

EXAMPLES = "Prove.\n\nTactic state:\n---\n⊢ True\n---\nNext tactic:\n---\ntrivial\n---\n"


@pytest.mark.parametrize("name", PROTOCOLS)
def test_protocol_needs_the_authors_examples(name: str) -> None:
    with pytest.raises(UsageError, match="needs --prompt-file"):
        with_protocol(name, Settings(), SearchBudget(), None)


def test_protocol_wins_over_other_options(tmp_path: Path) -> None:
    path = tmp_path / "shots.txt"
    path.write_text(EXAMPLES, encoding="utf-8")
    given = Settings(model=ModelSettings(prompt_file=path, samples=3, temperature=0.7))
    settings, budget, policy = with_protocol("llemma-paper", given, SearchBudget(expansions=7), "mixture")
    assert policy == "model"
    assert (budget.expansions, budget.candidates, budget.timeout_s) == (100, 32, 600.0)
    assert (settings.model.beam, settings.model.samples, settings.model.rounds) == (True, 32, 1)
    assert settings.model.temperature == 0.0
    assert settings.model.prompt_file == path


def beams(path: str, body: dict[str, Any]) -> Answer:
    """Continue any prompt with `constructor`, `exact hp` or `exact hq`, and a rule."""
    words = {1: "\nconstructor", 2: "\nexact hp", 3: "\nexact hq", 9: "\n---"}
    if path == "/tokenize":
        return 200, {"count": 1, "tokens": [0], "max_model_len": 4096}
    if path == "/detokenize":
        return 200, {"prompt": "".join(words[token] for token in body["tokens"])}
    after = {0: {1: -0.5, 2: -1.0, 3: -2.0}}
    tops = [{f"token_id:{t}": lp for t, lp in after.get(one[-1], {9: -0.1}).items()} for one in body["prompt"]]
    return answer(*({**choice(i, "", -1.0), "logprobs": {"top_logprobs": [top]}} for i, top in enumerate(tops)))


def test_run_by_the_protocol_searches_with_beams_and_asks_each_state_once(
    tmp_path: Path, lean: LeanWasmEnvironment
) -> None:
    (tmp_path / "shots.txt").write_text(EXAMPLES, encoding="utf-8")
    row = {"name": "both", "statement": "theorem both (p q : Prop) (hp : p) (hq : q) : p ∧ q"}
    (tmp_path / "set.jsonl").write_text(json.dumps(row), encoding="utf-8")
    with serving(beams, context=4096) as server:
        arguments = ["bench", str(tmp_path / "set.jsonl"), "--protocol", "llemma-paper", "--canaries", "0"]
        files = ["--prompt-file", str(tmp_path / "shots.txt"), "--output", str(tmp_path / "out")]
        result = CliRunner().invoke(cli, [*arguments, *files, "--model", server.url], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    (record,) = map(json.loads, (tmp_path / "out" / "results.jsonl").read_text(encoding="utf-8").splitlines())
    assert record["proved"]
    assert set(record["search"]["sources"]) == {"model"}
    assert "32×1, beam" in record["policy"]
    assert f"llemma@{digest_of(tmp_path / 'shots.txt')}" in record["policy"]
    assert (record["budget"]["expansions"], record["budget"]["timeout_s"]) == (100, 600.0)
    asked = [body["prompt"] for path, body in server.requests if path == "/tokenize"]
    assert len(asked) == len(set(asked)) == 3  # one for each state: the theorem, and the goals of `constructor`
    assert all(prompt.startswith("Prove.\n\nTactic state:\n---\n⊢ True\n") for prompt in asked)
    drawn = [body for path, body in server.requests if path == "/v1/completions"]
    assert {(body["temperature"], body["logprobs"]) for body in drawn} == {(0.0, 64)}


def test_no_protocol_changes_nothing() -> None:
    settings, budget = Settings(), SearchBudget()
    assert with_protocol(None, settings, budget, "closers") == (settings, budget, "closers")
