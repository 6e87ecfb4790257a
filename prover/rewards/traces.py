"""Training examples from recorded searches: which of two tactics is better, and what a state is worth.

Searches for theorems held out for evaluation give nothing, nor do proofs that verification rejected.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prover.core.held_out import is_held_out
from prover.core.proof_state import normalise_tactic
from prover.search.trace import AttemptStatus, SearchTree, TracedNode

FAILED = frozenset({AttemptStatus.REJECTED, AttemptStatus.GAVE_UP, AttemptStatus.TIMED_OUT})
DISCOUNT = 0.95
"""Factor on a state's value for each further tactic that its proof needs."""


def preference_pairs(tree: SearchTree, *, most: int = 8) -> Iterator[dict[str, Any]]:
    """Yield pairs at each state of the accepted proof: its tactic (`chosen`) and one that failed there (`rejected`).

    Tactics that advanced may be as good and are left out. At most `most` pairs a state, with the failures that the
    policy ranked highest. The keys are those that TRL's DPOTrainer reads, and the origin of the pair.
    """
    if tree.proof is None or _is_held_out(tree):
        return
    for step in tree.proof.steps:
        node = tree.nodes[step.node]
        chosen = node.attempts[step.attempt]
        failed = {
            normalise_tactic(attempt.tactic): attempt
            for attempt in sorted(node.attempts, key=lambda attempt: attempt.logprob)
            if attempt.status in FAILED and normalise_tactic(attempt.tactic) != normalise_tactic(chosen.tactic)
        }
        for attempt in sorted(failed.values(), key=lambda attempt: -attempt.logprob)[:most]:
            yield {
                "prompt": _state(node),
                "chosen": chosen.tactic,
                "rejected": attempt.tactic,
                "rejected_because": str(attempt.status),
                "theorem": _name(tree),
            }


def value_targets(tree: SearchTree) -> Iterator[dict[str, Any]]:
    """Yield the values of states.

    A state of the accepted proof has `value` 0.95^(tactics to the end - 1), so 1 if one tactic closes it. A state that
    was expanded without leading to a proof has value 0 and `proved` false. How much that says depends on `expansions`,
    the budget that went into it and its descendants.
    """
    if _is_held_out(tree):
        return
    steps = tree.proof.steps if tree.proof else ()
    on_path = {step.node: len(steps) - place for place, step in enumerate(steps)}
    below = _expansions_below(tree)
    for node in tree.nodes:
        if node.id in on_path:
            length = on_path[node.id]
            yield _target(tree, node, True, round(DISCOUNT ** (length - 1), 6), below[node.id], length)
        elif node.expansions and not _above(tree, node.id, on_path):
            yield _target(tree, node, False, 0.0, below[node.id], None)


def _target(
    tree: SearchTree, node: TracedNode, proved: bool, value: float, expansions: int, length: int | None
) -> dict[str, Any]:
    return {
        "state": _state(node),
        "value": value,
        "proved": proved,
        "tactics_left": length,
        "expansions": expansions,
        "theorem": _name(tree),
    }


def _expansions_below(tree: SearchTree) -> dict[int, int]:
    counts = {node.id: len(node.expansions) for node in tree.nodes}
    for node in sorted(tree.nodes, key=lambda node: -node.depth):
        if node.parent is not None:
            counts[node.parent] += counts[node.id]
    return counts


def _above(tree: SearchTree, number: int, on_path: dict[int, int]) -> bool:
    """Does a state lead to a state of the proof, by a path other than the proof's?"""
    return any(attempt.child in on_path for attempt in tree.nodes[number].attempts if attempt.child is not None)


def _state(node: TracedNode) -> str:
    return "\n\n".join(node.goals)


def _name(tree: SearchTree) -> str:
    return tree.record.name if tree.record else ""


def _is_held_out(tree: SearchTree) -> bool:
    return is_held_out(_name(tree), tree.record.statement if tree.record else tree.theorem)
