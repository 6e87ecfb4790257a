"""Made-up searches of any size, as a search reports them."""

from __future__ import annotations

import random

from prover.core.proof_state import Advanced, Closed, GaveUp, Goal, ProofState, Rejected, TacticOutcome, TimedOut
from prover.policies.generator import TacticCandidate
from prover.search.events import EventListener, Expanded, Found, Tried
from prover.search.frontier import Frontier, Node
from prover.search.trace import SearchTrace

FAILURES = ("simp made no progress", "omega could not prove the goal", "unknown identifier 'h₇'", "type mismatch")


def made_up_trace(*, states: int, per_state: int, seed: int = 1, proved: bool = True) -> SearchTrace:
    """A search that expands `states` states with `per_state` tactics each; the last expansion closes the theorem."""
    trace = SearchTrace("theorem big (x y : Nat) (h₁ : x < y) : f x ≤ f y")
    report_made_up(trace, states=states, per_state=per_state, seed=seed, proved=proved)
    return trace


def report_made_up(listener: EventListener, *, states: int, per_state: int, seed: int = 1, proved: bool = True) -> None:
    """Report such a search to a listener."""
    chance = random.Random(seed)
    frontier = Frontier()
    frontier.push(Node(ProofState((goal(0),))))
    reached = 1
    for expansion in range(states):
        node = frontier.pop()
        candidates = tuple(
            TacticCandidate(
                f"{chance.choice(['simp', 'rw', 'apply', 'exact', 'cases'])} [h{chance.randrange(400)}, lemma_{at}]",
                -chance.expovariate(0.7) - 0.01,
                chance.choice(["automation", "structure", "model"]),
            )
            for at in range(per_state)
        )
        listener(Expanded(node, candidates, len(frontier)))
        for at, candidate in enumerate(candidates):
            outcome: TacticOutcome
            new = False
            taken = chance.uniform(0.0005, 0.4)
            if at < 2:
                number = reached if at == 0 or chance.random() < 0.9 else chance.randrange(reached)
                reached = max(reached, number + 1)
                state = ProofState((goal(number),))
                new = frontier.push(
                    Node(
                        state,
                        (*node.tactics, candidate.tactic),
                        (*node.sources, candidate.source),
                        node.logprob + candidate.logprob,
                    )
                )
                outcome = Advanced(state, taken)
            elif proved and expansion == states - 1 and at == per_state - 1:
                outcome = Closed(taken)
            elif at == 2:
                outcome = GaveUp("the tactic uses sorry", taken)
            elif at == 3 and chance.random() < 0.2:
                outcome = TimedOut("(deterministic) timeout at `whnf`, 200000 heartbeats", 10.0)
            else:
                failure = chance.choice(FAILURES)
                outcome = Rejected(f"{failure}\n{node.state.text}", taken)
            listener(Tried(node, candidate, outcome, new))
            if isinstance(outcome, Closed):
                listener(Found((*node.tactics, candidate.tactic)))


def goal(number: int) -> Goal:
    """A goal of common size."""
    return Goal(f"x y : Nat\nh₁ : x < y\nih : ∀ z, z < {number} → f z ≤ f y\n⊢ f (x + {number}) ≤ f (y + {number})")
