"""Searches as examples to learn from."""

from __future__ import annotations

import pytest

from prover.core.budget import SearchBudget
from prover.core.theorem import Theorem
from prover.environments.toy import ToyEnvironment
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import prove_theorem
from prover.rewards import traces
from prover.rewards.traces import DISCOUNT, preference_pairs, value_targets
from prover.search.trace import SearchTrace, SearchTree


async def searched(statement: str, tactics: list[str], expansions: int = 40) -> SearchTree:
    trace = SearchTrace(statement)
    record = await prove_theorem(
        Theorem.from_text(statement),
        environment=ToyEnvironment(),
        generator=ScriptedPolicy(tactics),
        budget=SearchBudget(expansions=expansions),
        listener=trace,
    )
    return trace.tree(record)


async def test_pairs_prefer_the_proofs_tactic_to_those_that_failed_there() -> None:
    tree = await searched("theorem counting : 0 to 4", ["add 1", "nonsense", "sorry", "add 3", "done"])
    assert tree.proof is not None
    pairs = list(preference_pairs(tree))
    states = {"\n\n".join(tree.nodes[step.node].goals) for step in tree.proof.steps}
    assert {pair["prompt"] for pair in pairs} == states
    assert {pair["rejected_because"] for pair in pairs} == {"rejected", "gave_up"}
    proof = {tree.nodes[s.node].attempts[s.attempt].tactic for s in tree.proof.steps}
    assert {pair["chosen"] for pair in pairs} == proof
    assert all(pair["chosen"] != pair["rejected"] for pair in pairs)
    assert len(list(preference_pairs(tree, most=1))) == len(tree.proof.steps)


async def test_states_nearer_to_the_end_are_worth_more_and_dead_ends_nothing() -> None:
    tree = await searched("theorem counting : 0 to 4", ["add 1", "add 3", "done"])
    assert tree.proof is not None
    targets = list(value_targets(tree))
    proved = sorted((t["tactics_left"], t["value"]) for t in targets if t["proved"])
    assert proved == [(n, round(DISCOUNT ** (n - 1), 6)) for n in range(1, len(tree.proof.steps) + 1)]
    assert proved[0] == (1, 1.0)
    lost = await searched("theorem counting : 0 to 9", ["add 10", "add 20"], expansions=5)
    assert {(t["value"], t["proved"]) for t in value_targets(lost)} == {(0.0, False)}
    assert list(preference_pairs(lost)) == []
    root = next(iter(value_targets(lost)))
    assert root["expansions"] == 5


async def test_nothing_is_learnt_from_what_is_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = await searched("theorem counting : 0 to 1", ["add 1", "done", "nonsense"])
    assert list(preference_pairs(tree))
    monkeypatch.setattr(traces, "is_held_out", lambda name, statement: name == "counting")
    assert list(preference_pairs(tree)) == list(value_targets(tree)) == []
