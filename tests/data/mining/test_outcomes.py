"""Outcomes of tactics tried in random order, with real Lean."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from prover.bench.problem_sets import Problem
from prover.cli.main import cli
from prover.data.mining.documents import mined_documents
from prover.data.mining.outcomes import Exploration, explore_problem
from prover.data.mining.traces import MiningPremises
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.learned.premise_order import FEATURES

SUM = Problem(name="sum_swaps", statement="theorem t : ∀ (a b : Nat), a ≤ b → ¬ b < a")
HARD = Problem(name="choose", statement="theorem t (f : Nat → Nat) (h : ∀ n, f (n + 2) = f n) : f 5 = f 1 ∧ f 6 = f 9")
SPLIT = Problem(name="swap_both", statement="theorem t (p q : Prop) (h : p ∧ q) : q ∧ p")


async def test_every_attempt_has_a_family_a_place_and_an_outcome(lean: LeanWasmEnvironment) -> None:
    exploration = Exploration(root=3.0, deeper=1.0, depth=1, limit=2.0)
    premises = MiningPremises(lean.library)
    row = await explore_problem(SUM, lean, premises=premises, exploration=exploration, seed=0)
    assert row["error"] is None
    root = row["states"][0]
    assert root["state"].splitlines()[-1].startswith("⊢ ")
    assert "∀" not in root["state"]  # what the closers would introduce is introduced
    outcome = {tactic: (family, status) for family, _, tactic, status, *_ in root["attempts"]}
    assert all(prior <= 0 for *_, prior in root["attempts"])
    assert len(outcome) == len(root["attempts"]) > 5
    assert {status for _, status in outcome.values()} <= {"closed", "advanced", "failed", "timed_out"}
    assert root["closed"] == any(status == "closed" for _, status in outcome.values())
    assert len({name for name, _ in root["retrieved"]}) == len(root["retrieved"]) > 8
    assert {len(seen) for _, seen in root["retrieved"]} == {len(FEATURES)}
    if "omega" in outcome:
        assert outcome["omega"] == ("automation: omega", "closed")


async def test_what_leans_own_tactics_close_is_left_early(lean: LeanWasmEnvironment) -> None:
    premises = MiningPremises(lean.library)
    easy, hard = [
        await explore_problem(problem, lean, premises=premises, exploration=Exploration(depth=1, root=6.0), seed=0)
        for problem in (SUM, HARD)
    ]
    assert len(easy["states"]) == 1
    own = [family.startswith("automation: ") for family, *_ in easy["states"][0]["attempts"]]
    assert all(own)
    assert not hard["proved"]
    own = [family.startswith("automation: ") for family, *_ in hard["states"][0]["attempts"]]
    assert own == sorted(own, reverse=True)  # Lean's own first
    assert len(set(own)) == 2
    assert len(hard["states"]) == 2


async def test_the_order_is_decided_by_the_seed(lean: LeanWasmEnvironment) -> None:
    orders = []
    for seed in (0, 0, 1):
        row = await explore_problem(
            SPLIT, lean, premises=MiningPremises(lean.library), exploration=Exploration(depth=0), seed=seed
        )
        orders.append([tactic for _, _, tactic, *_ in row["states"][0]["attempts"]][:4])
    assert orders[0] == orders[1] != orders[2]


async def test_what_restates_something_held_out_is_left_out(lean: LeanWasmEnvironment) -> None:
    library = await lean.library(("Init",))
    premises = MiningPremises(lean.library)
    name = min(premises.held_out_of(library) & {t.name for t in library.theorems if t.name.startswith("Nat.add")})
    problem = Problem(name="restated", statement=f"theorem t : type_of% @{name}", forbid=(name,))
    row = await explore_problem(problem, lean, premises=premises, exploration=Exploration(depth=0), seed=0)
    assert str(row["error"]).startswith("held out: ")
    assert "states" not in row


def test_the_command_writes_what_becomes_documents(installation: object, tmp_path: Path) -> None:
    problems = tmp_path / "some.jsonl"
    problems.write_text("".join(json.dumps({"name": p.name, "statement": p.statement}) + "\n" for p in (SUM, SPLIT)))
    output = tmp_path / "outcomes"
    result = CliRunner().invoke(cli, ["mine", "outcomes", str(problems), "--depth", "0", "--output", str(output)])
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in (output / "results.jsonl").read_text().splitlines()]
    assert {row["problem"] for row in rows} == {"sum_swaps", "swap_both"}
    good = [a for row in rows for s in row["states"] for a in s["attempts"] if a[3] in {"closed", "advanced"}]
    documents = list(mined_documents(output))
    assert 0 < len(documents) <= len(good)
    assert all(document.text.endswith("[/TAC]") for document in documents)
