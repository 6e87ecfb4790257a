"""Of all that a search reaches, what ranks first is kept."""

from __future__ import annotations

from prover.core.proof_state import Advanced, Goal, ProofState, Rejected
from prover.policies.generator import TacticCandidate
from prover.search.events import Tried
from prover.search.frontier import Node
from prover.search.unfinished import UnfinishedPaths
from tests.search.searches import report_made_up

START = Node(ProofState((Goal("⊢ start"),)))


def tried(tactic: str, goal: str, *, new: bool = True) -> Tried:
    return Tried(START, TacticCandidate(tactic, -1.0, "test"), Advanced(ProofState((Goal(goal),))), new)


def shortest(node: Node) -> tuple[float, ...]:
    return (len(node.state.text),)


def test_best_ranked_nodes_are_kept_with_their_paths() -> None:
    paths = UnfinishedPaths(shortest, most=2)
    for tactic, goal in (("a", "⊢ long goal"), ("b", "⊢ p"), ("c", "⊢ longer goal"), ("d", "⊢ middle")):
        paths(tried(tactic, goal))
    assert [node.tactics for node in paths.best] == [("b",), ("d",)]


def test_of_equal_nodes_the_first_reached_counts() -> None:
    paths = UnfinishedPaths(shortest, most=2)
    for tactic, goal in (("a", "⊢ p"), ("b", "⊢ q"), ("c", "⊢ r")):
        paths(tried(tactic, goal))
    assert [node.tactics for node in paths.best] == [("a",), ("b",)]


def test_states_that_were_known_and_tactics_that_failed_lead_nowhere() -> None:
    paths = UnfinishedPaths(shortest)
    paths(tried("a", "⊢ p", new=False))
    paths(Tried(START, TacticCandidate("b", -1.0, "test"), Rejected("no"), False))
    assert paths.best == []


def test_large_search_is_kept_in_little() -> None:
    paths = UnfinishedPaths(shortest)
    report_made_up(paths, states=200, per_state=10, proved=False)
    assert 0 < len(paths.best) <= paths.most
    assert paths.best == sorted(paths.best, key=shortest)
