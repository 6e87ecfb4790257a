"""A run in the published form, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from prover.bench.bench import heading
from prover.bench.compare import run_outcomes
from prover.bench.problem_sets import Problem
from prover.bench.results import ResultsFile, read_results
from prover.bench.summary import summarise
from prover.cli.main import cli
from prover.environments.toy import ToyEnvironment
from prover.report.llemma import llemma_results
from tests.bench.test_bench import RUN, counting, run_all

SUCCESS = {
    "theorem", "proof", "score", "success", "failure_reason", "trace", "temperature", "elapsed", "iteration",
}  # fmt: skip
"""Members of a published success; a failure has the first, `success` and `failure_reason`."""
EXAMPLE = {"full_name", "statement", "url", "commit", "file_path", "split"}
PIN = {
    "mine": {"repository": "x/y", "commit": "4" * 40, "environment": "isabelle", "folders": {"isabelle/test": "test"}}
}


@pytest.fixture
async def run(tmp_path: Path) -> Path:
    """Four counted to, one out of reach, one that is no statement, a false one; and one that a machine failed at."""
    problems = [counting(f"p{i}", i, i + 4, split="test") for i in range(4)]
    problems += [counting("unreachable", 5, 2, split="test"), counting("canary", 1, 0, split="canary")]
    problems += [Problem(name="nonsense", split="test", statement="theorem nonsense")]
    folder = tmp_path / "run"
    with ResultsFile(folder, RUN, resume=False) as results:
        await run_all(problems, results)
        results.add({**heading(counting("lost", 1, 2, split="test")), "proved": False, "error": "machine: it fell"})
    summary = {**summarise(read_results(folder / "results.jsonl")), "set": "mine:test", "budget": {"expansions": 40}}
    (folder / "summary.json").write_text(json.dumps(summary))
    return folder


def call(*arguments: object) -> Any:
    return CliRunner().invoke(cli, ["bench", *map(str, arguments)], standalone_mode=False)


async def test_members_are_those_of_the_published_files(run: Path) -> None:
    summary = json.loads((run / "summary.json").read_text()) | {"statements": "mine"}
    found = llemma_results(read_results(run / "results.jsonl"), summary, known=PIN)
    by_name = {result["example"]["full_name"]: result for result in found["results"]}
    assert "canary" not in by_name
    assert all(set(result) == {"attempt_results", "success", "example"} for result in found["results"])
    assert all(set(result["example"]) == EXAMPLE for result in found["results"])
    ((attempt,), example) = by_name["p2"]["attempt_results"], by_name["p2"]["example"]
    assert set(attempt) == SUCCESS
    assert attempt["proof"] == [step["tactic"] for step in attempt["trace"]] == ["add 1", "add 3", "done"]
    assert [step["state_before"] for step in attempt["trace"]] == ["2 ⊢ 6", "3 ⊢ 6", "6 ⊢ 6"]
    assert attempt["score"] >= 0
    assert 0 < attempt["iteration"] < 40
    assert example["file_path"] == "isabelle/test/p2.thy"
    assert (example["url"], example["commit"]) == ("https://github.com/x/y", "4" * 40)
    reasons = {name: by_name[name]["attempt_results"][0]["failure_reason"] for name in by_name}
    assert reasons["p2"] == ""
    assert reasons["unreachable"] == "SearchEnded"
    assert reasons["nonsense"] == "DojoInitError"
    assert reasons["lost"] == "DojoCrashError"
    assert found["args"]["max_iters"] == 40


async def test_export_is_read_by_compare_like_the_run_itself(run: Path, tmp_path: Path) -> None:
    path = tmp_path / "theirs.json"
    assert call("export", run, "--format", "llemma", "--output", path).exception is None
    ours, theirs = run_outcomes(run), run_outcomes(path)
    assert theirs == {**ours, "lost": False}  # in that form a fault of the machine counts as not proved
    compared = json.loads(call("compare", run, path, "--json").output)["compared"][str(path)]
    assert (compared["common"], compared["both"], compared["only_first"], compared["only_second"]) == (6, 4, [], [])
    assert call("compare", path, run, "--json").exception is None


async def test_tables_are_written_too_and_what_is_no_run_is_bad_input(run: Path, tmp_path: Path) -> None:
    assert call("export", run, "--format", "csv").exception is None
    assert (run / "csv.csv").read_text().startswith("name,split")
    assert call("export", tmp_path).return_value == 2
    (tmp_path / "no.json").write_text("{}")
    assert call("compare", tmp_path / "no.json", run).return_value == 2


async def test_run_in_isabelle_is_not_put_beside_lean_statements(run: Path, shared_data: Path) -> None:
    path = run / "results.jsonl"
    path.write_text(path.read_text().replace(ToyEnvironment().identity, "isabelle@2022+Main"))
    refused = call("compare", run, "llemma-7b", "--published", shared_data / "llemma_published.json")
    assert refused.return_value == 2


async def test_steps_are_those_of_the_proof_that_was_accepted(tmp_path: Path) -> None:
    with ResultsFile(tmp_path, RUN, resume=False) as results:
        await run_all([counting("p", 0, 4)], results)
    (row,) = read_results(tmp_path / "results.jsonl")
    assert [step["tactic"] for step in row["steps"]] == row["search"]["tactics"]
    assert all(step["logprob"] <= 0 for step in row["steps"])
