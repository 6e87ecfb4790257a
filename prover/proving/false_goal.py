"""From a goal that was not proved to a verified proof that it is false."""

from __future__ import annotations

import asyncio
import re

from prover.core.record import Refutation
from prover.core.theorem import Theorem
from prover.environments.environment import ProofEnvironment
from prover.environments.syntax.lean.commands import HOLES, pieces
from prover.environments.syntax.lean.tokens import tokens
from prover.errors import InvalidTheoremError
from prover.proving.goal_text import theorem_of_goal
from prover.proving.refute import refute, refutes_unasked

EFFORT = 2.0
"""Units of effort for a counterexample."""
_NOT_THE_SAME = re.compile(r":=|✝|\?\w|⋯")
"""Local definitions, names that cannot be written, unknowns, omitted terms: less is printed than the goal says."""


async def false_goal(
    goal: str,
    text: str,
    line: int,
    environment: ProofEnvironment,
    *,
    effort: float = EFFORT,
    cancel: asyncio.Event | None = None,
) -> Refutation | None:
    """Look for a counterexample of a goal as it is printed, stated as a theorem, and verify what is found.

    `text`, `line`: the file that it is in, and where, counted from 1. None as well if the goal cannot be read back,
    or is more than is printed.

    Raises:
        ProofEnvironmentError: the proof assistant failed.
        CancelledError: `cancel` was set.
    """
    if _NOT_THE_SAME.search(goal) or not refutes_unasked(environment):
        return None
    try:
        return await refute(goal_in_file(goal, text, line), environment, effort=effort, cancel=cancel)
    except InvalidTheoremError:  # Lean does not always read what it prints
        return None


def goal_in_file(goal: str, text: str, line: int) -> Theorem:
    """Return a theorem that states a goal of a file behind the commands that end before it, but for unproved ones.

    `line` counts from 1. Raises InvalidTheoremError if the goal cannot be stated.
    """
    start = sum(len(each) + 1 for each in text.split("\n")[: line - 1])
    before = (piece.text for piece in pieces(text) if piece.end <= start)
    header = "".join(each for each in before if not any(token.text in HOLES for token in tokens(each)))
    return theorem_of_goal(goal, header=header)
