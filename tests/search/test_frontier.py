"""The order in which states wait."""

from __future__ import annotations

from prover.core.proof_state import Goal, ProofState
from prover.policies.generator import TacticCandidate
from prover.search.frontier import Frontier, Node


def state(*goals: str) -> ProofState:
    return ProofState(tuple(Goal(goal) for goal in goals))


def step(logprob: float) -> TacticCandidate:
    return TacticCandidate("step", logprob, "p")


def test_what_it_took_to_close_a_goal_does_not_count_against_the_next() -> None:
    split = Node(state("whole")).child(step(-1.0), state("left", "right"))
    changed = split.child(step(-2.0), state("left'", "right"))
    assert (split.logprob, changed.logprob) == (-1.0, -3.0)
    assert changed.child(step(-4.0), state("right")).logprob == -1.0


def test_goals_within_goals_cost_what_they_did_when_they_appeared() -> None:
    outer = Node(state("whole")).child(step(-1.0), state("left", "right"))
    inner = outer.child(step(-2.0), state("a", "b", "right"))
    second = inner.child(step(-5.0), state("b", "right"))
    assert second.logprob == -3.0
    assert second.child(step(-0.5), state("right")).logprob == -1.0


def test_several_goals_may_close_at_once() -> None:
    outer = Node(state("whole")).child(step(-1.0), state("left", "right"))
    inner = outer.child(step(-2.0), state("a", "b", "right"))
    assert inner.child(step(-5.0), state("right")).logprob == -1.0


def test_the_last_steps_of_a_proof_come_first() -> None:
    frontier = Frontier()
    split = Node(state("whole")).child(step(-1.0), state("left", "right"))
    frontier.push(Node(state("elsewhere"), ("other",), ("p",), -2.0))
    frontier.push(split.child(step(-6.0), state("right")))
    assert frontier.pop().state == state("right")
