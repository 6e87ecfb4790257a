"""What `prover prove` prints and writes of a statement that it neither proves nor refutes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from prover.cli.closest import MARK, MOST_LINES, marked, show_advice, show_closest
from prover.core.budget import SearchBudget
from prover.core.record import Advice, ProofRecord, SearchResult, StopReason, UnfinishedProof
from tests.cli.test_cli import run

IFF = "theorem t (p q r : Prop) (h : p ↔ q) : (q ↔ p) ∧ (r → r)"
STUCK = ("--policy", "scripted:constructor", "--no-refute")


def record(*closest: UnfinishedProof, advice: Advice | None = None) -> ProofRecord:
    named = dict.fromkeys(("prover_version", "name", "statement", "digest", "environment", "policy"), "t")
    search = SearchResult(stop=StopReason.BUDGET_SPENT)
    return ProofRecord(**named, budget=SearchBudget(), search=search, closest=closest, advice=advice)


def unfinished(tactics: tuple[str, ...], goal: str, more: int = 0) -> UnfinishedProof:
    return UnfinishedProof(tactics=tactics, goals=(goal,) * (1 + more), source="theorem t : p := by\n  sorry\n")


@pytest.mark.usefixtures("installation")
def test_closest_is_printed_and_the_last_line_says_what_would_help() -> None:
    result = run("prove", IFF, *STUCK)
    assert result.returncode == 1
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert lines[0].startswith("not proved t ")
    assert any(line.startswith("closest: after `constructor`, 2 goals are open, the first:") for line in lines)
    assert lines[-1].startswith("hint: a language model")


@pytest.mark.usefixtures("installation")
def test_written_unfinished_proof_is_marked_and_can_be_filled(tmp_path: Path) -> None:
    path = tmp_path / "unfinished.lean"
    assert run("prove", IFF, *STUCK, "--output", str(path)).returncode == 1
    assert not path.exists(), "an unfinished proof is written only to those who ask"
    result = run("prove", IFF, *STUCK, "--output", str(path), "--unfinished", "--json")
    assert result.returncode == 1
    assert path.read_text() == f"{MARK}\n{json.loads(result.stdout)['closest'][0]['source']}"
    assert run("verify", str(path)).returncode == 1
    assert run("fill", str(path)).returncode == 0
    assert run("verify", str(path)).returncode == 0


def test_unfinished_needs_a_file() -> None:
    result = run("prove", IFF, "--unfinished")
    assert result.returncode == 2
    assert "--output" in result.stderr


def test_goal_of_many_lines_is_cut_at_its_beginning(capsys: pytest.CaptureFixture[str]) -> None:
    goal = "\n".join([*(f"h{number} : p" for number in range(40)), "⊢ q"])
    show_closest(record(unfinished(("intro h",), goal)))
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 + MOST_LINES
    assert (said[1].strip(), said[-1].strip()) == ("…", "⊢ q")


def test_long_path_is_told_by_its_beginning(capsys: pytest.CaptureFixture[str]) -> None:
    induction = "induction n with\n| zero => ?_\n| succ n ih => ?_"
    show_closest(record(unfinished((induction, *(f"simp [lemma_{number}]" for number in range(9))), "⊢ q", more=2)))
    first = capsys.readouterr().err.splitlines()[0]
    assert first.startswith("closest: after `induction n with …`, `simp [lemma_0]`")
    assert first.endswith("more, 3 goals are open, the first:")
    assert len(first) < 200


def test_without_an_unfinished_proof_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    show_closest(record())
    show_advice(record())
    assert capsys.readouterr().err == ""
    assert marked(record()) is None


@pytest.mark.parametrize(
    ("kind", "option"),
    [
        ("effort", "(--effort 120)"),
        ("time", "(--timeout 3600)"),
        ("expansions", "(--expansions 200)"),
        ("tactic_effort", "(--tactic-effort 20)"),
        ("model", "(--model URL)"),
        ("mathlib", "(--environment lean-project)"),
        ("form", "because"),
    ],
)
def test_advice_ends_with_the_option(kind: str, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    show_advice(record(advice=Advice.model_validate({"kind": kind, "words": "because"})))
    assert capsys.readouterr().err.rstrip().endswith(option)
