"""Runs over problem sets: results as they come, resumed after any end, canaries."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
from click.testing import CliRunner

from prover.assembly.environments import lean_environment
from prover.bench.bench import run_problems
from prover.bench.problem_sets import Problem, read_problems
from prover.bench.results import ResultsFile
from prover.bench.selection import select
from prover.bench.summary import summarise, wilson_interval
from prover.cli.main import cli
from prover.core.budget import SearchBudget
from prover.core.theorem import Theorem
from prover.environments.environment import ProofEnvironment
from prover.environments.lean_wasm.install import Installation
from prover.environments.toy import ToyEnvironment
from prover.errors import (
    EnvironmentUnavailableError,
    InvalidProblemSetError,
    ResultNotWrittenError,
    RunConflictError,
)
from prover.policies.scripted import ScriptedPolicy
from prover.report.report import write_report
from prover.settings import Settings
from tests.conftest import HUNG_S

RUN = {"problems": "x"}
POLICY = ScriptedPolicy(["add 1", "add 3", "done"])


class Quiet:
    def started(self, worker: int, problem: Problem) -> None:
        pass

    def finished(self, worker: int, result: dict[str, Any]) -> None:
        pass


def counting(name: str, start: int, goal: int, split: str = "toy") -> Problem:
    return Problem(name=name, split=split, statement=f"theorem {name} : {start} to {goal}")


PROBLEMS = [counting(f"p{i}", i, i + 4) for i in range(6)]


async def run_all(
    problems: list[Problem],
    results: ResultsFile,
    *,
    workers: int = 2,
    environment: type[ProofEnvironment] = ToyEnvironment,
) -> None:
    await run_problems(
        problems,
        results,
        environment=environment,
        generator=POLICY,
        budget=SearchBudget(expansions=40),
        seed=0,
        workers=workers,
        watcher=Quiet(),
    )


async def test_every_problem_gets_one_result(tmp_path: Path) -> None:
    with ResultsFile(tmp_path, RUN, resume=False) as results:
        await run_all(PROBLEMS, results)
    lines = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert sorted(line["problem"] for line in lines) == [f"p{i}" for i in range(6)]
    assert all(line["proved"] and line["search"]["tactics"] == ["add 1", "add 3", "done"] for line in lines)


async def test_resumed_run_does_what_is_left_and_drops_a_line_that_was_cut_off(tmp_path: Path) -> None:
    with ResultsFile(tmp_path, RUN, resume=False) as results:
        await run_all(PROBLEMS[:3], results)
    path = tmp_path / "results.jsonl"
    before = path.read_text()
    path.write_text(before + '{"problem": "p3", "prov')
    with ResultsFile(tmp_path, RUN, resume=True) as results:
        assert set(results.done) == {"p0", "p1", "p2"}
        await run_all(PROBLEMS, results)
    assert path.read_text().startswith(before)
    assert len(path.read_text().splitlines()) == 6


@pytest.mark.parametrize("room", [0, 100, 1500])
async def test_full_disk_ends_the_run_with_whole_lines_only(tmp_path: Path, room: int) -> None:
    with ResultsFile(tmp_path, RUN, resume=False) as results:
        await run_all(PROBLEMS[:1], results)
        before = results.path.read_bytes()
        with at_most(len(before) + room), pytest.raises(ResultNotWrittenError, match="File too large; make room"):
            await run_all(PROBLEMS, results)
    content = results.path.read_bytes()
    assert content.startswith(before)
    assert content.endswith(b"\n")
    assert {json.loads(line)["problem"] for line in content.splitlines()} == set(results.done)
    with at_most(1), ResultsFile(tmp_path, RUN, resume=True) as results:  # still no room: nothing is lost
        assert len(results.done) == len(content.splitlines())
    with ResultsFile(tmp_path, RUN, resume=True) as results:
        await run_all(PROBLEMS, results)
    assert len(results.path.read_bytes().splitlines()) == len(PROBLEMS)


@contextmanager
def at_most(size: int) -> Iterator[None]:
    """Let no file that is written to grow beyond `size` bytes: what a full disk does, for this process alone."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_results_of_another_run_are_never_mixed(tmp_path: Path) -> None:
    with (
        ResultsFile(tmp_path, RUN, resume=False),
        pytest.raises(RunConflictError, match="another process"),
        ResultsFile(tmp_path, RUN, resume=True),
    ):
        pass
    with pytest.raises(RunConflictError, match="--resume"), ResultsFile(tmp_path, RUN, resume=False):
        pass
    with pytest.raises(RunConflictError, match="problems"), ResultsFile(tmp_path, {"problems": "y"}, resume=True):
        pass


def test_resuming_another_run_names_every_value_that_differs(tmp_path: Path) -> None:
    before = {"policy": "closers@2", "budget": {"effort": 30.0, "tactic_effort": None, "expansions": 9}, "seed": 0}
    now = {"policy": "ranked", "budget": {"effort": 60.0, "tactic_effort": 2.0, "expansions": 9}, "seed": 1}
    with ResultsFile(tmp_path, before, resume=False):
        pass
    with pytest.raises(RunConflictError) as error, ResultsFile(tmp_path, now, resume=True):
        pass
    assert [" ".join(line.split()) for line in str(error.value).splitlines()[1:-1]] == [
        "policy was closers@2, is ranked",
        "budget.effort was 30.0, is 60.0",
        "budget.tactic_effort was not set, is 2.0",
        "seed was 0, is 1",
    ]
    assert "another folder" in str(error.value)


async def test_bad_statement_is_an_error_of_that_line_only(tmp_path: Path) -> None:
    with ResultsFile(tmp_path, RUN, resume=False) as results:
        await run_all([Problem(name="bad", statement="nonsense"), *PROBLEMS[:2]], results, workers=1)
    assert results.done["bad"]["error"] == "statement: not a counting task"
    assert not results.done["bad"]["proved"]
    assert results.done["p1"]["proved"]


async def test_machine_fault_is_tried_again_and_then_reported(tmp_path: Path) -> None:
    class Broken(ToyEnvironment):
        def open(self, theorem: Theorem, *, timeout_s: float = 60.0) -> NoReturn:
            raise EnvironmentUnavailableError("no machine today")

    with ResultsFile(tmp_path, RUN, resume=False) as results:
        await run_all(PROBLEMS[:1], results, environment=Broken)
        assert results.done["p0"]["error"] == "machine: no machine today"
    with ResultsFile(tmp_path, RUN, resume=True) as results:  # mended meanwhile
        await run_all(PROBLEMS[:1], results)
        assert results.done["p0"]["proved"]


async def test_summary_counts_canaries_apart(tmp_path: Path) -> None:
    with ResultsFile(tmp_path, RUN, resume=False) as results:
        await run_all([*PROBLEMS, counting("never", 5, 2), counting("trap", 1, 2, split="canary")], results)
    summary = summarise(results.done.values())
    assert (summary["proved"], summary["total"]) == (6, 7)
    assert summary["canaries"] == {"total": 1, "proved": 1, "names_proved": ["trap"]}
    assert summary["by_split"]["toy"]["interval"] == list(wilson_interval(6, 7)) == summary["interval"]
    assert summary["by_source"] == {"scripted": 6}
    assert summary["by_length"] == {3: 6}


@pytest.mark.parametrize(
    ("successes", "trials", "interval"),
    [(0, 0, (0.0, 1.0)), (0, 10, (0.0, 0.2775)), (5, 10, (0.2366, 0.7634)), (10, 10, (0.7225, 1.0))],
)
def test_wilson_interval(successes: int, trials: int, interval: tuple[float, float]) -> None:
    assert wilson_interval(successes, trials) == interval  # figures of Wilson's formula, computed by hand elsewhere


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "line 1"),
        ('{"name": "a"}', "statement"),
        ('{"name": "a", "statement": "s"}\n{"name": "a", "statement": "s"}', "two problems named a"),
        ("", "no problems"),
        ('{"name": 3, "statement": "s"}', "line 1: name"),
    ],
)
def test_bad_problem_set_says_where(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(content)
    with pytest.raises(InvalidProblemSetError, match=message):
        read_problems(str(path))


def test_split_is_chosen_after_a_colon(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(p.model_dump_json() for p in [counting("a", 1, 2, "test"), counting("b", 1, 2, "valid")]))
    assert [p.name for p in read_problems(f"{path}:valid")] == ["b"]
    with pytest.raises(InvalidProblemSetError, match="test, valid"):
        read_problems(f"{path}:train")


@pytest.mark.parametrize("member", ["header", "split", "informal", "kind", "difficulty", "module", "defect", "forbid"])
def test_null_is_as_good_as_nothing(tmp_path: Path, member: str) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps({"name": "a", "statement": "s", member: None}))
    assert read_problems(str(path)) == [Problem(name="a", statement="s")]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_byte_order_mark_and_line_ends_are_no_part_of_a_row(tmp_path: Path, end: str) -> None:
    path = tmp_path / "set.jsonl"
    rows = [json.dumps({"name": name, "statement": "a\u2028b"}, ensure_ascii=False) for name in "ab"]
    path.write_bytes(("\ufeff" + end.join(rows) + end).encode())
    assert [problem.name for problem in read_problems(str(path))] == ["a", "b"]


@pytest.mark.parametrize(("sample", "canaries"), [(3, 3), (5, 0), (1, 2), (100, 1)])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_sample_counts_problems_and_no_false_statements(tmp_path: Path, sample: int, canaries: int, seed: int) -> None:
    selection = select("core", "lean", tmp_path, sample=sample, canaries=canaries, seed=seed)
    false = [problem for problem in selection.problems if problem.canary]
    assert len(selection.problems) - len(false) == sample
    assert len(false) == canaries


# ---- the command, with real Lean -------------------------------------------------------------------------------
EASY = [{"name": f"e{i}", "split": "easy", "kind": "nat", "statement": f"theorem e{i} (n : Nat) : n + {i} = {i} + n"}
        for i in range(4)]  # fmt: skip


async def test_false_problem_is_refuted_and_a_canary_is_not(tmp_path: Path, installation: Installation) -> None:
    problems = [
        Problem(name=name, split=split, statement=f"theorem {name} (n : Nat) : {claim}")
        for name, split, claim in [
            ("small", "test", "n < 3"),
            ("true", "test", "n = n"),
            ("hard", "test", "n * 0 = n - n"),
            ("trap", "canary", "n - 1 + 1 = n"),
        ]
    ]
    with ResultsFile(tmp_path, RUN, resume=False) as results:
        await run_problems(
            problems,
            results,
            environment=lambda: lean_environment(Settings()),
            generator=ScriptedPolicy(["rfl"]),
            budget=SearchBudget(effort=5),
            seed=0,
            workers=1,
            watcher=Quiet(),
            refuting=1.0,
        )
        rows = list(results.done.values())
    assert {row["problem"]: row["verdict"] for row in rows} == {
        "small": "refuted",
        "true": "proved",
        "hard": "unknown",
        "trap": "unknown",
    }
    assert rows[0]["refutation"]["counterexample"] == {"n": "3"}
    summary = summarise(rows)
    assert (summary["proved"], summary["total"]) == (1, 3)
    assert summary["refuted"] == {"total": 1, "names": ["small"]}
    (tmp_path / "summary.json").write_text(json.dumps(summary))
    page = write_report(tmp_path).read_text()
    assert "1 refuted" in page
    assert 'class="badge bad">refuted<' in page
    assert "exact absurd (@statement 3)" in page
    assert page.count('<rect class="bad"') == 1


TRAP = {"name": "trap", "split": "canary", "statement": "theorem trap (n : Nat) : n - 1 + 1 = n"}


def write_set(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def test_command_writes_results_summary_and_report(tmp_path: Path) -> None:
    problems = write_set(tmp_path / "easy.jsonl", [*EASY, TRAP])
    arguments = ["bench", str(problems), "--workers", "2", "--canaries", "1", "--effort", "5", "--output"]
    result = CliRunner().invoke(cli, [*arguments, str(tmp_path / "out")], standalone_mode=False)
    assert result.exception is None, result.output
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (summary["proved"], summary["total"]) == (4, 4)
    assert summary["canaries"] == {"total": 1, "proved": 0, "names_proved": []}
    assert "theorem e3" in (tmp_path / "out" / "report.html").read_text()
    assert {"versions", "hardware", "commit", "seed", "budget", "started", "elapsed_s"} <= set(summary)


def test_each_result_has_its_line_and_a_bad_statement_its_reason(tmp_path: Path) -> None:
    rows = [EASY[0], {"name": "\x1b[31mRED\u202e", "statement": "theorem r : (1 : Nat) = one"}, TRAP]
    problems = write_set(tmp_path / "set.jsonl", rows)
    command = [sys.executable, "-m", "prover", "bench", str(problems), "--canaries", "1", "--effort", "2"]
    result = subprocess.run(
        [*command, "--output", str(tmp_path / "out")], capture_output=True, text=True, timeout=HUNG_S, check=False
    )
    shown = result.stdout + result.stderr
    assert result.returncode == 2, shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    bad = next(line for line in result.stderr.splitlines() if line.startswith("error"))
    assert r"\x1b[31mRED\u202e" in bad
    assert "statement: " in bad
    marked = [line for line in result.stderr.splitlines() if "false statement" in line]
    assert len(marked) == 1
    assert "trap" in marked[0]


def test_killed_run_goes_on(tmp_path: Path) -> None:
    slow = [{"name": f"s{i}", "statement": f"theorem s{i} (n : Nat) : n ^ {i + 7} = n + 1"} for i in range(30)]
    problems = write_set(tmp_path / "set.jsonl", [*EASY, *slow])
    command = [
        sys.executable,
        "-m",
        "prover",
        "bench",
        str(problems),
        "--canaries",
        "0",
        "--output",
        str(tmp_path / "out"),
    ]
    command += ["--effort", "1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as held:
        path = tmp_path / "out" / "results.jsonl"
        started = time.monotonic()
        while not (path.exists() and path.read_text().count("\n") >= 4):
            assert time.monotonic() - started < HUNG_S
            time.sleep(0.1)
        os.kill(held.pid, signal.SIGKILL)
    before = path.read_text()
    with subprocess.Popen([*command, "--resume"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as held:
        while path.read_text().count("\n") < before.count("\n") + 2:
            assert time.monotonic() - started < 2 * HUNG_S
            time.sleep(0.1)
        held.send_signal(signal.SIGINT)
        assert held.wait(timeout=HUNG_S) == 130
    after = path.read_text()
    assert after.startswith(before[: before.rfind("\n") + 1])
    names = [json.loads(line)["problem"] for line in after.splitlines()]
    assert len(names) == len(set(names))
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["total"] == len(names)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing.jsonl"],
        ["--resume", "core"],
        ["core", "--policy", "nothing"],
        ["core", "--workers", "0"],
        ["core:nosplit"],
    ],
)
def test_bad_input_exits_with_two(arguments: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "prover", "bench", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=HUNG_S)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert result.stderr.strip()


class Faulty(ToyEnvironment):
    def open(self, theorem: Theorem, **options: Any) -> Any:
        if "p2" in theorem.source:
            raise ValueError("no digits")
        return super().open(theorem, **options)


async def test_fault_costs_its_problem_and_not_the_run(tmp_path: Path) -> None:
    with ResultsFile(tmp_path, RUN, resume=False) as results:
        await run_all(PROBLEMS, results, environment=Faulty)
    assert {name: row["error"] for name, row in results.done.items() if row["error"]} == {
        "p2": "machine: ValueError: no digits"
    }
    assert len(results.done) == len(PROBLEMS)
