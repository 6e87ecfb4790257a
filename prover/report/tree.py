"""The picture of one search: a page to walk through what was tried where, and why it failed."""

from __future__ import annotations

from typing import Any

from prover.policies.identities import policy_in_words
from prover.report.standalone_page import page
from prover.search.trace import AttemptStatus, SearchTree

_STATUSES = list(AttemptStatus)
_SCRIPTS = ("search", "outcomes", "filter", "outline", "map", "attempts", "whole", "panel", "view", "main")


def tree_page(tree: SearchTree) -> str:
    """Return the page, an HTML text."""
    name = tree.record.name if tree.record else "search"
    return page("tree", title=f"{name} · search tree", scripts=_SCRIPTS, styles=("view", "style"), data=tree_data(tree))


def tree_data(tree: SearchTree) -> dict[str, Any]:
    """Return what the page's script reads: every text once in `strings`, nodes and attempts as rows that point there.

    A search of 5,000 states tries 100,000 tactics, most of them with a text and a message that occurred before.
    """
    strings: dict[str, int] = {}

    def text(value: str) -> int:
        return strings.setdefault(value, len(strings))

    nodes = [
        {
            "parent": node.parent,
            "tactic": None if node.tactic is None else text(node.tactic),
            "goals": [text(goal) for goal in node.goals],
            "logprob": round(node.logprob, 4),
            "depth": node.depth,
            "expansions": [[e.order, e.candidates, e.frontier] for e in node.expansions],
            "attempts": [
                [
                    text(a.tactic),
                    text(a.source),
                    round(a.logprob, 4),
                    _STATUSES.index(a.status),
                    text(a.message),
                    round(a.elapsed_s, 5),
                    a.expansion,
                    a.child,
                    int(a.new),
                ]
                for a in node.attempts
            ],
        }
        for node in tree.nodes
    ]
    return {
        "theorem": tree.theorem,
        "record": tree.record.model_dump(mode="json") if tree.record else None,
        "policy": policy_in_words(tree.record.policy) if tree.record else None,
        "found": [proof.model_dump(mode="json") for proof in tree.found],
        "statuses": [str(status) for status in _STATUSES],
        "nodes": nodes,
        "strings": list(strings),
    }
