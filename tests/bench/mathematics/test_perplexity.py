"""Perplexity on solutions, against a server that repeats texts."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from prover.bench.mathematics.perplexity import Likelihood, solutions, summarised
from prover.cli.main import cli
from prover.errors import InvalidProblemSetError, LanguageModelError
from tests.models.server import Answer, serving

ROWS = [
    {"problem": "Solve $2x = 4$.", "solution": "So $x = \\boxed{2}$."},
    {"problem": "How many?", "solution": "Überall \\fbox{7}"},
    {"problem": "too long", "solution": "\\boxed{1}"},
]


def repeating(path: str, body: dict[str, Any]) -> Answer:
    """Answer with a token for each letter of the prompt, one half each, and one that was sampled."""
    if "too long" in body["prompt"]:
        return 400, {"message": "This model's maximum context length is 10 tokens."}
    assert body["echo"]
    assert body["max_tokens"] == 1
    values = [None, *[math.log(0.5)] * (len(body["prompt"]) - 1), -9.0]
    logprobs = {"token_logprobs": values, "text_offset": list(range(len(values)))}
    return 200, {"choices": [{"index": 0, "text": body["prompt"] + "!", "logprobs": logprobs}]}


def call(folder: Path, *options: str) -> Any:
    (folder / "math").mkdir(exist_ok=True)
    (folder / "math" / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    with serving(repeating) as server:
        command = ["eval", "perplexity", "--model", server.url, "--data", str(folder), *options]
        return CliRunner().invoke(cli, command, standalone_mode=False)


def test_solutions_are_scored_behind_their_problems(tmp_path: Path) -> None:
    found = json.loads(call(tmp_path, "--json").output)
    letters = sum(len(target) for _, target in solutions(ROWS[:2]))
    size = sum(len(target.encode()) for _, target in solutions(ROWS[:2]))
    assert size == letters + 1
    assert found["by_token"] == pytest.approx(2.0)
    assert found["by_byte"] == pytest.approx(2 ** (letters / size))
    assert (found["model"], found["solutions"], found["too_long"], found["split"]) == ("tiny", 2, 1, "train")
    assert "1 solution too long" in call(tmp_path).output
    assert json.loads(call(tmp_path, "--json", "--limit", "1").output)["solutions"] == 1


def test_solutions_are_written_as_the_authors_do() -> None:
    assert solutions(ROWS[:1]) == [
        ("Problem: Solve $2x = 4$.\nAnswer:", " So $x = \\boxed{2}$. The answer is \\boxed{2}.```")
    ]
    with pytest.raises(InvalidProblemSetError, match="row 0: its solution has no box"):
        solutions([{"problem": "p", "solution": "s"}])
    with pytest.raises(InvalidProblemSetError, match="its columns are: answer, question"):
        solutions([{"question": "p", "answer": "s"}])


def test_longer_solutions_weigh_more() -> None:
    found = summarised([Likelihood(-1.0, 1, 1), Likelihood(-1.0, 3, 9), None])
    assert found.by_byte == pytest.approx(math.exp(0.2))
    assert found.by_token == pytest.approx(math.exp(0.5))
    with pytest.raises(LanguageModelError, match="too long"):
        summarised([None])
