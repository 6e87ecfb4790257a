"""Another order of retrieved premises: features, weights, where it is used."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from prover.core.proof_state import Goal, ProofState
from prover.core.theorem import Theorem
from prover.data.mining.outcomes import Shuffled
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.errors import InvalidPolicyError
from prover.policies.automation.closers import ClosersPolicy
from prover.policies.learned.premise_order import FEATURES, LearnedPremiseOrder, features
from prover.policies.learned.ranked_closers import RankedClosers
from prover.policies.learned.tactic_order import TacticOrder
from prover.policies.premises.retrieval import REORDERED, Premises, PremiseSource

REVERSED = "theorem t {α : Type} (xs ys : List α) : (xs ++ ys).reverse = ys.reverse ++ xs.reverse"
BACKWARDS = LearnedPremiseOrder(tuple(float(feature == "log rank") for feature in FEATURES))


@pytest.fixture
async def goal(lean: LeanWasmEnvironment) -> Goal:
    async with lean.open(Theorem.from_text(REVERSED)) as session:
        return session.initial.goals[0]


@pytest.fixture
async def premises(lean: LeanWasmEnvironment) -> Premises:
    return await PremiseSource(lean.library).for_theorem(Theorem.from_text(REVERSED))


async def test_features_say_what_fits(premises: Premises, goal: Goal) -> None:
    found = premises.retrieved(goal, REORDERED)
    seen = {
        premises.index.library.theorems[i].name: dict(zip(FEATURES, row, strict=True))
        for (i, _), row in zip(found, features(premises.index, goal, found), strict=True)
    }
    first = premises.for_goal(goal, 1)[0]
    assert (seen[first]["score"], seen[first]["log rank"]) == (1.0, 0.0)
    fits = seen["List.reverse_append"]
    assert (fits["same head"], fits["equation"], fits["equivalence"]) == (1.0, 1.0, 0.0)
    assert fits["said besides"] == 0.0  # it speaks of nothing that the goal does not mention
    assert all(0 <= row[share] <= 1 for row in seen.values() for share in ("goal covered", "words covered"))
    assert max(row["goal covered"] for row in seen.values()) == fits["goal covered"]


async def test_an_order_changes_which_come_first_and_nothing_else(premises: Premises, goal: Goal) -> None:
    plain = premises.for_goal(goal, REORDERED)
    backwards = replace(premises, order=BACKWARDS)
    assert backwards.for_goal(goal, REORDERED) == plain[::-1]
    assert backwards.for_goal(goal, 4) == plain[:-5:-1]
    shuffled = replace(premises, order=Shuffled("seed")).for_goal(goal, REORDERED)
    assert shuffled != plain
    assert sorted(shuffled) == sorted(plain)
    assert shuffled == replace(premises, order=Shuffled("seed")).for_goal(goal, REORDERED)


async def test_tactics_cite_premises_in_that_order(lean: LeanWasmEnvironment, goal: Goal) -> None:
    source = PremiseSource(lean.library)
    order = TacticOrder((("automation: simp", 0),))
    policy = RankedClosers(order, source.in_order(BACKWARDS))
    assert BACKWARDS.identity in policy.identity
    assert BACKWARDS.identity not in RankedClosers(order, source).identity
    theorem = Theorem.from_text(REVERSED)
    plain = (await source.for_theorem(theorem)).for_goal(goal, REORDERED)
    cited = []
    for known in (policy, ClosersPolicy(source)):
        async with known.for_theorem(theorem) as on:
            (proposal,) = await on.propose([ProofState((goal,))], n=1000, seed=0)
        tactics = [candidate.tactic for candidate in proposal.candidates]
        cited.append(next(tactic for tactic in tactics if tactic.startswith("grind [") and "," not in tactic))
    assert cited == [f"grind [{plain[-1]}]", f"grind [{plain[0]}]"]


def test_weights_are_read_or_it_is_said_what_is_wrong(tmp_path: Path) -> None:
    weights = dict.fromkeys(FEATURES, 0.5)
    (tmp_path / "premises.json").write_text(json.dumps({"weights": weights}))
    assert LearnedPremiseOrder.read(tmp_path) == LearnedPremiseOrder((0.5,) * len(FEATURES))
    del weights["score"]
    (tmp_path / "premises.json").write_text(json.dumps({"weights": weights}))
    with pytest.raises(InvalidPolicyError, match=r"premises\.json .*score"):
        LearnedPremiseOrder.read(tmp_path)
