"""A recorded search says what happened, and survives JSON."""

from __future__ import annotations

import json
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from prover.core.budget import SearchBudget
from prover.core.proof_state import Advanced, Closed, Goal, ProofState, Rejected
from prover.core.record import ProofRecord, StopReason
from prover.core.theorem import Theorem
from prover.environments.toy import ToyEnvironment
from prover.policies.generator import TacticCandidate
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import prove_theorem
from prover.search.events import Expanded, Found, SearchEvent, Tried, each_of
from prover.search.frontier import Node
from prover.search.trace import LONGEST_MESSAGE, AttemptStatus, SearchTrace, SearchTree
from tests.property.test_search import TACTICS
from tests.search.searches import made_up_trace


async def traced(statement: str, tactics: list[str], expansions: int = 20) -> tuple[ProofRecord, SearchTree]:
    trace = SearchTrace(statement)
    record = await prove_theorem(
        Theorem.from_text(statement),
        environment=ToyEnvironment(),
        generator=ScriptedPolicy(tactics),
        budget=SearchBudget(expansions=expansions, tactic_timeout_s=1),
        listener=trace,
    )
    return record, trace.tree(record)


async def test_every_outcome_is_kept_with_its_message() -> None:
    record, tree = await traced("theorem c : 1 to 3", ["add 2", "nonsense", "sorry", "wait 9", "done"])
    first, second = tree.nodes[:2]
    assert [attempt.status for attempt in first.attempts] == [
        "advanced",
        "rejected",
        "gave_up",
        "timed_out",
        "rejected",
    ]
    assert first.attempts[1].message == "unknown tactic 'nonsense'"
    assert (first.attempts[0].child, first.attempts[0].new) == (1, True)
    assert (second.parent, second.tactic, second.depth, second.goals) == (0, "add 2", 1, ("3 ⊢ 3",))
    assert [expansion.order for node in tree.nodes for expansion in node.expansions] == [1, 2]
    assert tree.proof is not None
    assert [(step.node, step.attempt) for step in tree.proof.steps] == [(0, 0), (1, 4)]
    assert record.proved


async def test_steps_of_a_proof_are_its_tactics() -> None:
    record, tree = await traced("theorem c : 3 to 24", ["add 1", "double", "done"], expansions=100)
    assert tree.proof is not None
    steps = [tree.nodes[step.node].attempts[step.attempt] for step in tree.proof.steps]
    assert tuple(attempt.tactic for attempt in steps) == record.search.tactics
    assert steps[-1].status is AttemptStatus.CLOSED


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 20), st.integers(0, 40), TACTICS, st.integers(1, 15))
async def test_counts_agree_with_the_record_and_the_tree_is_a_tree(
    start: int, target: int, tactics: list[str], expansions: int
) -> None:
    record, tree = await traced(f"theorem c : {start} to {target}", tactics, expansions)
    attempts = [attempt for node in tree.nodes for attempt in node.attempts]
    spent = record.search.statistics
    assert len(attempts) == spent.tactics
    assert sum(len(node.expansions) for node in tree.nodes) == spent.expansions
    for status in ("advanced", "rejected", "gave_up", "timed_out"):
        assert sum(attempt.status == status for attempt in attempts) == getattr(spent, status)
    assert len(tree.nodes) == 1 + sum(attempt.new for attempt in attempts)
    assert [node.id for node in tree.nodes if node.parent is None] == [0]
    for node in tree.nodes[1:]:
        assert node.parent is not None
        parent = tree.nodes[node.parent]
        assert node.depth == parent.depth + 1
        assert any((a.child, a.tactic) == (node.id, node.tactic) for a in parent.attempts)
    assert (tree.proof is not None) == (record.search.stop is StopReason.FOUND)
    assert SearchTree.model_validate_json(tree.to_json()) == tree


def state(name: str) -> ProofState:
    return ProofState((Goal(name),))


def test_state_reached_twice_keeps_its_best_path() -> None:
    trace = SearchTrace("theorem t : x")
    root, short, far = Node(state("root")), state("short"), state("far")
    long = Node(short, ("slow",), ("p",), -5.0)
    better = Node(short, ("step", "quick"), ("p", "p"), -2.0)
    other = Node(far, ("step",), ("p",), -1.0)
    slow, step, quick = (TacticCandidate(name, p, "p") for name, p in (("slow", -5.0), ("step", -1.0), ("quick", -1.0)))
    trace(Expanded(root, (slow, step), 0))
    trace(Tried(root, slow, Advanced(long.state), True))
    trace(Tried(root, step, Advanced(far), True))
    trace(Expanded(other, (quick,), 1))
    trace(Tried(other, quick, Advanced(short), False))
    waiting = trace.tree().nodes[1]
    assert (waiting.parent, waiting.tactic, waiting.depth, waiting.logprob) == (2, "quick", 2, -2.0)
    # The search has the last word: with a length penalty the shorter path may be the better one.
    trace(Expanded(long, (), 0))
    assert (trace.tree().nodes[1].parent, trace.tree().nodes[1].depth) == (0, 1)
    trace(Expanded(better, (), 0))
    node = trace.tree().nodes[1]
    assert [expansion.order for expansion in node.expansions] == [3, 4]


def test_path_back_to_an_ancestor_makes_no_circle() -> None:
    trace = SearchTrace("theorem t : x")
    root, child = Node(state("a")), Node(state("b"), ("go",), ("p",), -1.0)
    go, back = TacticCandidate("go", -1.0, "p"), TacticCandidate("back", -1.0, "p")
    trace(Expanded(root, (go,), 0))
    trace(Tried(root, go, Advanced(child.state), True))
    trace(Expanded(child, (back,), 0))
    trace(Tried(child, back, Advanced(root.state), False))
    trace(Expanded(Node(root.state, ("go", "back"), ("p", "p"), -2.0), (go,), 0))
    tree = trace.tree()
    assert [node.parent for node in tree.nodes] == [None, 0]
    assert [expansion.order for expansion in tree.nodes[0].expansions] == [1, 3]


def test_refused_proofs_are_marked() -> None:
    trace = SearchTrace("theorem t : x")
    node = Node(state("a"))
    first, second = TacticCandidate("first", -1.0, "p"), TacticCandidate("second", -1.0, "p")
    trace(Expanded(node, (first, second), 0))
    for candidate in (first, second):
        trace(Tried(node, candidate, Closed(), False))
        trace(Found((candidate.tactic,)))
    tree = trace.tree()
    assert [(proof.accepted, proof.steps[0].attempt) for proof in tree.found] == [(False, 0), (None, 1)]
    assert tree.proof is None


def test_long_messages_are_cut_and_odd_values_fit_into_json() -> None:
    trace = SearchTrace("theorem t : x")
    node, odd = Node(state("a")), TacticCandidate("exact \ud800", -math.inf, "p")
    trace(Expanded(node, (odd,), 0))
    trace(Tried(node, odd, Rejected("x" * 10_000), False))
    attempt = json.loads(trace.tree().to_json())["nodes"][0]["attempts"][0]
    assert len(attempt["message"]) == LONGEST_MESSAGE
    assert (attempt["tactic"], attempt["logprob"]) == ("exact ?", -1e6)


def test_listeners_hear_every_event_in_their_order() -> None:
    heard: list[tuple[str, SearchEvent]] = []
    event = Found(("rfl",))
    each_of(lambda e: heard.append(("a", e)), lambda e: heard.append(("b", e)))(event)
    assert heard == [("a", event), ("b", event)]


def test_large_search_stays_a_tree() -> None:
    tree = made_up_trace(states=300, per_state=8).tree()
    assert len(tree.nodes) > 300
    assert max(node.depth for node in tree.nodes) > 5
    assert len(tree.found) == 1
    assert tree.nodes[tree.found[0].steps[-1].node].attempts[-1].status is AttemptStatus.CLOSED
