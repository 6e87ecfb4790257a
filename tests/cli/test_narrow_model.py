"""A model whose context is too short for a theorem: every command says so, and none that all candidates were tried."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from prover.cli.main import cli
from prover.errors import PromptTooLongError
from tests.models.server import Answer, Server, answer, choice, serving

CONTEXT = 100
STATED = f"theorem t (p q : Prop) (h : p ∧ q) : {' ∧ '.join(['q ∧ p'] * 20)}"
SAID = f"the model is served with a context of {CONTEXT}, which leaves no room for an answer"


def narrow(path: str, body: dict[str, Any]) -> Answer:
    """Count a token for each letter, so that nothing but the shortest goals fit; its answers are of no use."""
    asked = body.get("prompt") or " ".join(message["content"] for message in body.get("messages", ()))
    if path == "/tokenize":
        return 200, {"count": len(asked), "tokens": [], "max_model_len": CONTEXT}
    return answer(*(choice(i, "rfl") for i in range(body["n"])))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(narrow, context=CONTEXT) as found:
        yield found


def prover(server: Server, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--model", server.url, "--no-refute"], catch_exceptions=False)


@pytest.mark.parametrize(
    ("policy", "prompt"), [("model", "llemma"), ("model", "goedel-v2"), ("model", "bfs-prover"), ("agent", "auto")]
)
def test_prove_ends_with_an_error_that_says_it(server: Server, policy: str, prompt: str) -> None:
    with pytest.raises(PromptTooLongError, match=SAID):  # which `main` prints
        prover(server, "prove", STATED, "--policy", policy, "--prompt", prompt)


@pytest.mark.parametrize("prompt", ["llemma", "goedel-v2"])
def test_mixture_does_without_the_model_and_notes_it_once(
    server: Server, prompt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVER_MODEL__TURNS", "model:32,closers:100")
    result = prover(server, "prove", STATED, "--prompt", prompt, "--json")
    record = json.loads(result.stdout)
    assert record["proved"]
    (note,) = (note for note in record["notes"] if SAID in note)
    assert "is left out" in note


def test_bench_counts_it_as_an_error_and_goes_on(server: Server, tmp_path: Path) -> None:
    rows = [{"name": "t", "statement": STATED}, {"name": "short", "statement": "theorem short : 1 = 1"}]
    (tmp_path / "set.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    arguments = ["bench", str(tmp_path / "set.jsonl"), "--policy", "model", "--prompt", "bfs-prover"]
    prover(server, *arguments, "--canaries", "0", "--output", str(tmp_path / "out"))
    lines = (tmp_path / "out" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    found = {row["problem"]: row for row in map(json.loads, lines)}
    assert SAID in found["t"]["error"]
    assert found["short"]["proved"]
