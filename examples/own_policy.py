"""A policy of your own: it looks at the goal and proposes tactics, and the search does the rest.

python examples/own_policy.py
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from prover import Lean, ProofState, Proposal, TacticCandidate


class ByShape:
    """Takes apart what the first goal is made of, then tries what closes it."""

    identity = "by-shape@1"  # in every record
    reproducible = True  # it proposes the same on every machine

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        """Return candidates for each state, after those that were tried: tactics with log-probabilities."""
        return [self._proposal(state, n, tried) for state in states]

    def _proposal(self, state: ProofState, n: int, tried: int) -> Proposal:
        goal = state.goals[0]
        tactics = {"And": ["constructor"], "Or": ["left", "right"], "→": ["intro h"]}.get(goal.target, [])
        tactics += [f"exact {hypothesis.name}" for hypothesis in goal.hypotheses]
        tactics += [f"exact {hypothesis.name}.1" for hypothesis in goal.hypotheses if hypothesis.head == "And"]
        tactics += [f"exact {hypothesis.name}.2" for hypothesis in goal.hypotheses if hypothesis.head == "And"]
        candidates = [TacticCandidate(tactic, log(0.5) * (1 + i), "shape") for i, tactic in enumerate(tactics)]
        following = candidates[tried + n :]
        return Proposal(tuple(candidates[tried : tried + n]), following[0].logprob if following else None)


def main() -> None:
    """Prove a theorem with it."""
    with Lean(policy=ByShape()) as lean:
        record = lean.prove("theorem t (p q r : Prop) (h : p ∧ q) : (r ∨ q) ∧ p", effort=30)
    print(record.policy, record.proved)
    print(record.proof)


if __name__ == "__main__":
    main()
