"""A proof as people write it: one tactic a line, a bullet for each of several goals, no long lines."""

from __future__ import annotations

from prover.proving.shortening.lines import wrapped
from prover.proving.shortening.proof import Proof

WIDTH = 98
"""Columns, beside the two by which a proof is indented."""
BULLET = "· "


def laid_out(proof: Proof, width: int = WIDTH) -> tuple[str, ...]:
    """Return the proof's lines, each with what is indented below it."""
    branches = proof.branches()
    trunk = proof.tactics[: proof.trunk] if branches else proof.tactics
    lines = [wrapped(tactic, width) for tactic in trunk]
    for branch in branches:
        inner = "\n".join(laid_out(branch, width - len(BULLET)))
        lines.append(BULLET + inner.replace("\n", "\n" + " " * len(BULLET)))
    return tuple(lines)
