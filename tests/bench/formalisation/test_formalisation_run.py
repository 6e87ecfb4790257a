"""`prover eval formalisation`: from the command to the figures, with a model server over HTTP and real Lean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from prover.bench.formalisation.summary import summarise
from prover.cli.main import cli
from prover.errors import GeneratorError, InvalidPolicyError, RunConflictError
from tests.models.server import Answer, Server, choice, serving

pytestmark = pytest.mark.usefixtures("installation")

ROWS = [
    {"name": "sum", "split": "test", "informal": "Adding in the other order gives the same.",
     "statement": "theorem sum (a b : Nat) : a + b = b + a"},
    {"name": "even", "split": "test", "informal": "A number times its successor is even.",
     "statement": "theorem even (n : Nat) : 2 ∣ n * (n + 1) := by sorry"},
    {"name": "odd", "split": "valid", "informal": "Nobody states this.", "statement": "theorem odd (n : Nat) : Odd n"},
    {"name": "silent", "split": "valid", "informal": "The model has no words for this.",
     "statement": "theorem silent (p : Prop) (h : p) : p"},
]  # fmt: skip
ANSWERS = {
    "Adding in": [
        "theorem swap (x y : Nat) : x + y = y + x := by sorry",
        "theorem swap (x y : Nat) : x + y = y + x",
        "```lean\ntheorem vain : True := by trivial\n```",
        "theorem wrong (x : Natural) : x = x",
    ],
    "A number": [
        "theorem one : True",
        "theorem two : True\naxiom bad : False",
        "theorem three (n : Nat) : sorry",
        "theorem four (n : Nat) : Even n",
    ],
    "The model": ["I cannot say.", "", "Nor this.", "theorem"],
}


def speaking(path: str, body: dict[str, Any]) -> Answer:
    problem = body["prompt"].rpartition("Problem:\n")[2]
    texts = next((texts for words, texts in ANSWERS.items() if problem.startswith(words)), ["theorem x : True"] * 4)
    usage = {"prompt_tokens": 100, "completion_tokens": 40}
    return 200, {"choices": [choice(i, text, -0.5) for i, text in enumerate(texts[: body["n"]])], "usage": usage}


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def call(server: Server, problems: Path, *arguments: object) -> Any:
    command = ["eval", "formalisation", problems, "--answers", 4, "--effort", 2, "--model", server.url, *arguments]
    return CliRunner().invoke(cli, list(map(str, command)), standalone_mode=False)


def results(folder: Path) -> dict[str, dict[str, Any]]:
    return {row["problem"]: row for row in map(json.loads, (folder / "results.jsonl").read_text().splitlines())}


def test_statements_are_asked_for_compiled_and_compared(tmp_path: Path) -> None:
    problems = write(tmp_path / "set.jsonl", ROWS)
    with serving(speaking) as server:
        result = call(server, problems, "--output", tmp_path / "out")
        assert result.exception is None, result.output
        asked = len(server.requests)
        again = call(server, problems, "--output", tmp_path / "out", "--resume")
        assert again.exception is None, again.output
        assert len(server.requests) == asked
        with pytest.raises(RunConflictError, match="--resume"):
            raise call(server, problems, "--output", tmp_path / "out").exception
    rows = results(tmp_path / "out")
    assert {name: row.get("outcome") for name, row in rows.items()} == {
        "sum": "equivalent", "even": "not_shown", "odd": None, "silent": "does_not_compile",
    }  # fmt: skip
    assert rows["odd"]["error"].startswith("reference: ")
    assert [(found["outcome"], found["times"]) for found in rows["sum"]["candidates"]] == [
        ("equivalent", 2), ("not_shown", 1), ("does_not_compile", 1),
    ]  # fmt: skip
    assert [found["outcome"] for found in rows["even"]["candidates"]].count("does_not_compile") == 3
    assert "axiom" in next(f["problem"] for f in rows["even"]["candidates"] if f["statement"].startswith("theorem two"))
    assert rows["silent"]["unread"] == 4
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (summary["problems"], summary["unusable_references"]) == (3, 1)
    assert summary["compiles"]["1"]["rate"] == round((3 / 4 + 1 / 4 + 0) / 3, 4)
    assert summary["equivalent"]["4"]["rate"] == round(1 / 3, 4)
    assert summary["by_split"]["valid"]["problems"] == 1
    assert "lower bound" in result.output


def test_model_that_fails_is_a_machine_fault_and_is_asked_again(tmp_path: Path) -> None:
    problems = write(tmp_path / "set.jsonl", ROWS[:1])

    def down(path: str, body: dict[str, Any]) -> Answer:
        return 400, {"error": {"message": "no such thing"}}

    with serving(down) as server:
        result = call(server, problems, "--output", tmp_path / "out")
        assert result.return_value == 3, result.output
    row = results(tmp_path / "out")["sum"]
    assert row["error"].startswith("machine: ")
    with serving(speaking) as server:
        assert call(server, problems, "--output", tmp_path / "out", "--resume").exception is None
    assert results(tmp_path / "out")["sum"]["outcome"] == "equivalent"


def test_no_model_is_said_before_anything_is_written(tmp_path: Path) -> None:
    problems = write(tmp_path / "set.jsonl", ROWS[:1])
    with serving(speaking) as server:
        pass
    gone = call(server, problems, "--output", tmp_path / "out")
    assert isinstance(gone.exception, GeneratorError)
    assert not (tmp_path / "out").exists()
    command = ["eval", "formalisation", str(problems), "--model", "none"]
    assert isinstance(CliRunner().invoke(cli, command, standalone_mode=False).exception, InvalidPolicyError)


@pytest.mark.parametrize(
    ("line", "said"),
    [("{", "line 1"), ('{"name": "a", "statement": "theorem a : True"}', "informal"),
     ('{"name": "a", "informal": "", "statement": "theorem a : True"}', "informal"), ("", "no problems")],
)  # fmt: skip
def test_bad_sets_say_where(line: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_text(line)
    with serving(speaking) as server:
        result = call(server, tmp_path / "set.jsonl")
    assert result.return_value == 2
    assert said in result.output


def test_rates_are_means_over_problems() -> None:
    def row(*found: tuple[str, int], answers: int = 4) -> dict[str, Any]:
        step = {"means": "structure"}
        candidates = [
            {"outcome": outcome, "times": times, "forward": step, "backward": step} for outcome, times in found
        ]
        return {"error": None, "split": "", "outcome": candidates[0]["outcome"], "answers": answers, "unread": 0,
                "candidates": candidates}  # fmt: skip

    found = summarise(
        [row(("equivalent", 1), ("stronger", 3)), row(("does_not_compile", 4)), {"error": "machine: x", "split": ""}]
    )
    assert found["compiles"]["1"]["rate"] == 0.5
    assert found["equivalent"]["1"]["rate"] == 0.125
    assert found["equivalent"]["4"]["rate"] == 0.5
    assert found["best"] == {"equivalent": 1, "does_not_compile": 1}
    assert (found["machine_errors"], found["by_means"]) == (1, {"structure": 1})
    assert summarise([])["compiles"] == {}
