"""What is counted of a search's tactics, and what a run costs."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest

from prover.bench.attempts import EDGES, AttemptCounts, bin_of, reason
from prover.bench.cost import CostMeter, total_cost
from prover.bench.summary import proof_by, summarise
from prover.core.budget import SearchBudget
from prover.core.proof_state import GaveUp, Rejected, TimedOut
from prover.core.theorem import Theorem
from prover.environments.toy import ToyEnvironment
from prover.models.openai_completions import OpenAICompletions
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import prove_theorem


async def test_every_attempt_is_counted_in_the_bin_of_its_probability() -> None:
    counts = AttemptCounts()
    record = await prove_theorem(
        Theorem.from_text("theorem t : 0 to 4"),
        environment=ToyEnvironment(),
        generator=ScriptedPolicy(["add 1", "nonsense", "sorry", "add 3", "done"]),
        budget=SearchBudget(expansions=30),
        listener=counts,
    )
    statistics = record.search.statistics
    (bins,) = counts.scores.values()
    assert sum(found.tried for found in bins.values()) == statistics.tactics
    assert sum(found.accepted for found in bins.values()) == statistics.advanced + 1
    assert sum(found.closed for found in bins.values()) == 1
    assert counts.reasons.total() == statistics.rejected + statistics.gave_up
    assert counts.reasons["gave up (sorry)"] == statistics.gave_up > 0
    for place, found in bins.items():
        assert EDGES[place] * found.tried <= found.probability <= EDGES[place + 1] * found.tried + 1e-9
    assert set(counts.as_dict()["scores"]) == {"closers"}


def test_bins_meet_without_a_gap() -> None:
    assert [bin_of(edge) for edge in EDGES] == [*range(len(EDGES) - 1), len(EDGES) - 2]
    assert bin_of(math.nextafter(0.5, 0)) == bin_of(0.5) - 1


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Unknown identifier `h₁`", "Unknown identifier …"),
        ("Tactic `rfl` failed: The left-hand side\n  a", "Tactic `rfl` failed"),
        ("`simp` made no progress", "`simp` made no progress"),
        ("\n  omega could not prove the goal:\na possible", "omega could not prove the goal"),
        ("maximum recursion depth 512 has been reached", "maximum recursion depth N has been reached"),
        ("", "no reason given"),
    ],
)
def test_failures_for_the_same_reason_are_counted_together(message: str, words: str) -> None:
    assert reason(Rejected(message)) == words
    assert (reason(TimedOut("t")), reason(GaveUp(message))) == ("ran out of time", "gave up (sorry)")


def test_cost_counts_processes_that_live_and_that_have_ended() -> None:
    meter = CostMeter()
    work = "sum(range(4_000_000)); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", work], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        living = meter.take()["cpu_s"]
        child.kill()
    assert living > 0.01
    assert meter.take()["cpu_s"] >= 0.0
    again = CostMeter()
    subprocess.run([sys.executable, "-c", "sum(range(4_000_000))"], check=True)
    assert again.take()["cpu_s"] > 0.01


def test_costs_of_lines_add_up_and_count_the_model() -> None:
    meter = CostMeter()
    model = OpenAICompletions(["http://localhost:1"])
    model.usage.requests = 5
    meter.watch(model)
    model.usage.requests, model.usage.completion_tokens, model.usage.seconds = 8, 40, 1.5
    first = meter.take()
    assert (first["requests"], first["completion_tokens"], first["model_s"]) == (3, 40, 1.5)
    assert total_cost([{"cost": first}, {"cost": meter.take()}, {}])["requests"] == 3
    assert total_cost([{}]) == {}


async def test_summary_says_where_time_went_and_what_smaller_budgets_had_found() -> None:
    rows = []
    for target in (2, 9):
        record = await prove_theorem(
            Theorem.from_text(f"theorem t{target} : 0 to {target}"),
            environment=ToyEnvironment(),
            generator=ScriptedPolicy(["add 1", "done"]),
            budget=SearchBudget(expansions=30),
        )
        heading = {"problem": record.name, "split": "", "kind": "k", "difficulty": "hard", "canary": False}
        rows.append({**heading, "error": None, **record.model_dump(mode="json")})
    summary = summarise(rows)
    steps = sorted(row["search"]["statistics"]["expansions"] for row in rows)
    assert summary["within"]["expansions"] == {
        str(limit): sum(step <= limit for step in steps) for limit in (1, 2, 5, 10) if limit < 10 or steps[-1] > 5
    }
    assert summary["by_difficulty"]["hard"]["proved"] == 2
    assert summary["by_proposer"] == {"closers": 2}
    split = summary["time_s"]
    assert set(split) == {"policy", "assistant", "search", "verification", "opening"}
    assert sum(split.values()) == pytest.approx(sum(row["elapsed_s"] for row in rows), abs=0.05)


def test_proofs_by_closers_and_model_together_are_told_apart() -> None:
    assert [proof_by(sources) for sources in (["simp"], ["model", "model"], ["induction", "model"], [])] == [
        "closers", "model", "both", "closers",
    ]  # fmt: skip
