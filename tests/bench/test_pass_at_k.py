"""pass@k over several seeds."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from prover.bench.pass_at_k import mean_with_interval, pass_at_k, summarise_pass_at_k
from prover.bench.results import ResultsFile
from prover.cli.main import cli
from prover.errors import RunConflictError


@given(st.lists(st.booleans(), min_size=1, max_size=8), st.data())
def test_estimate_is_the_share_of_subsets_with_a_success(outcomes: list[bool], data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(outcomes)))
    subsets = list(combinations(outcomes, k))
    assert pass_at_k(len(outcomes), sum(outcomes), k) == pytest.approx(sum(map(any, subsets)) / len(subsets))


def test_too_few_attempts_are_an_error() -> None:
    with pytest.raises(ValueError, match="at least 5"):
        pass_at_k(4, 2, 5)


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=30))
def test_interval_holds_the_mean(values: list[float]) -> None:
    found = mean_with_interval(values)
    low, high = found["interval"]
    assert 0 <= low <= found["rate"] + 1e-4
    assert found["rate"] - 1e-4 <= high <= 1


def write_run(folder: Path, seed: int, proved: dict[str, int | None], **about: Any) -> Path:
    """A run in which these problems took so many expansions (None: not proved)."""
    with ResultsFile(folder, {"problems": "x", "seed": seed, **about}, resume=False) as results:
        for name, expansions in proved.items():
            statistics = {"expansions": expansions or 100, "tactics": 1, "elapsed_s": 1.0}
            search = {"statistics": statistics, "sources": ["model"], "tactics": ["t"]}
            heading = {"problem": name, "canary": name == "false", "error": None, "cost": {"cpu_s": 2.0}}
            results.add({**heading, "proved": expansions is not None, "search": search})
    return folder


def test_runs_with_several_seeds_come_to_pass_at_k(tmp_path: Path) -> None:
    runs = [
        write_run(tmp_path / "0", 0, {"a": 1, "b": 40, "c": None, "false": None}),
        write_run(tmp_path / "1", 1, {"a": 2, "b": None, "c": None, "d": 1}),
        write_run(tmp_path / "2", 2, {"a": 1, "b": 3, "c": None}),
    ]
    summary = summarise_pass_at_k(runs)
    assert (summary["problems"], summary["incomplete"], summary["seeds"]) == (3, 1, [0, 1, 2])
    assert {k: found["rate"] for k, found in summary["pass_at"].items()} == {"1": 0.5556, "2": 0.6667, "3": 0.6667}
    assert summary["within_expansions"]["1"] == {"1": 0.2222, "2": 0.3333, "3": 0.3333}
    assert summary["within_expansions"]["5"]["1"] == 0.4444
    assert list(summary["within_expansions"]) == ["1", "2", "5", "10", "20", "50"]
    assert (summary["always"], summary["sometimes"], summary["never"]) == (1, 1, 1)
    assert summary["cost"]["cpu_s"] == 2.0 * 11


def test_different_runs_are_never_put_together(tmp_path: Path) -> None:
    first = write_run(tmp_path / "0", 0, {"a": 1})
    with pytest.raises(RunConflictError, match="different: budget"):
        summarise_pass_at_k([first, write_run(tmp_path / "1", 1, {"a": 1}, budget={"expansions": 5})])
    with pytest.raises(RunConflictError, match="same seed"):
        summarise_pass_at_k([first, write_run(tmp_path / "2", 0, {"a": 1})])
    with pytest.raises(RunConflictError, match="holds no run"):
        summarise_pass_at_k([tmp_path])


def test_command_runs_every_seed_over_the_same_problems_and_goes_on(tmp_path: Path) -> None:
    rows = [{"name": f"e{n}", "statement": f"theorem e{n} (n : Nat) : n + {n} = {n} + n"} for n in range(4)]
    problems = tmp_path / "set.jsonl"
    problems.write_text("\n".join(map(json.dumps, rows)))
    command = ["bench", str(problems), "--sample", "2", "--seeds", "2", "--seed", "5", "--policy", "scripted:omega"]
    command += ["--canaries", "1", "--effort", "5", "--output", str(tmp_path / "out")]
    result = CliRunner().invoke(cli, command, standalone_mode=False)
    assert (result.exception, result.return_value) == (None, 0), result.output
    assert "pass@2  100.0%" in result.output
    summary = json.loads((tmp_path / "out" / "passes.json").read_text())
    assert (summary["seeds"], summary["problems"], summary["always"]) == ([5, 6], 2, 2)
    lines = [(tmp_path / "out" / f"seed-{seed}" / "results.jsonl").read_text().splitlines() for seed in (5, 6)]
    names = [{json.loads(line)["problem"] for line in seed} for seed in lines]
    assert names[0] == names[1]
    again = CliRunner().invoke(cli, [*command, "--resume"], standalone_mode=False)
    assert again.return_value == 0, again.output
    assert (tmp_path / "out" / "seed-6" / "results.jsonl").read_text().splitlines() == lines[1]
