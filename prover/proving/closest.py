"""How far a search got: its most promising states as proofs with `sorry` at the goals that are open.

Each is checked afresh, as a proof is. It is shown only if Lean objects to `sorry` and to nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from prover.core.proof_state import Goal, ProofState
from prover.core.record import UnfinishedProof
from prover.core.theorem import Theorem
from prover.environments.environment import OpenedTheorem, ProofEnvironment
from prover.environments.holes import FileEnvironment
from prover.environments.syntax.lean.conjuncts import conjuncts
from prover.errors import InvalidTheoremError, ProofEnvironmentError
from prover.proving.goal_text import theorem_of_goal
from prover.proving.refute import refutes_unasked
from prover.refutation.refute import find_refutation
from prover.search.cancelling import SearchCancelledError, unless_cancelled
from prover.search.frontier import Node

logger = logging.getLogger(__name__)

CLOSEST = 3
"""Unfinished proofs in a record, where nobody says otherwise."""
MORE_CHECKS = 2
"""So many proofs may fail their check before fewer are shown."""
CHECK_TIMEOUT_S = 300.0  # ends only what hangs
TEST_EFFORT = 0.1
"""Units of effort for the counterexamples of a goal."""
MOST_TESTS = 10
USES_SORRY = "the proof uses sorry"
"""What every Lean environment says of a proof that is complete but for `sorry`."""

_METAVARIABLE = re.compile(r"(?<![\w\])}?!'])\?\w")
_NAMED = "case "


def can_show_unfinished(environment: ProofEnvironment) -> bool:
    """Does the environment check texts with `sorry`? Lean does, embedded or in a project; Isabelle is not asked."""
    return refutes_unasked(environment) or isinstance(environment, FileEnvironment)


def rank(node: Node) -> tuple[float, ...]:
    """Return what sorts the states of a search, the most promising first: few goals, and small ones.

    Of states with as many goals, those come first that are cases of their own, whose siblings are closed (Lean prints
    the names of cases), then those whose goals have no gaps in them.
    """
    goals = node.state.goals
    unnamed = not all(goal.text.startswith(_NAMED) for goal in goals)
    gaps = any(_METAVARIABLE.search(goal.text) for goal in goals)
    return (len(goals), unnamed, gaps, sum(map(_size, goals)), node.depth)


def _size(goal: Goal) -> int:
    return len("".join(goal.text.split()))


async def closest_proofs(
    nodes: Iterable[Node],
    theorem: Theorem,
    opened: OpenedTheorem,
    environment: ProofEnvironment,
    *,
    most: int = CLOSEST,
    timeout_s: float = CHECK_TIMEOUT_S,
    cancel: asyncio.Event | None = None,
) -> tuple[UnfinishedProof, ...]:
    """Return the first `most` of the nodes that no test refutes, as checked proofs with `sorry`.

    Of two nodes on one path only the first is taken. A proof assistant that fails here costs what is shown, no more.
    """
    if not can_show_unfinished(environment):
        return ()
    found: list[UnfinishedProof] = []
    tests = _Tests(theorem, opened, environment)
    checks = 0
    try:
        for node in nodes:
            if len(found) == most or checks == most + MORE_CHECKS:
                break
            if any(_on_one_path(node.tactics, other.tactics) for other in found):
                continue
            if await unless_cancelled(cancel, tests.refute(node.state)):
                continue
            checks += 1
            if source := await unless_cancelled(cancel, _checked(node, theorem, environment, timeout_s)):
                goals = tuple(goal.text for goal in node.state.goals)
                found.append(UnfinishedProof(tactics=node.tactics, goals=goals, source=source))
    except SearchCancelledError:
        pass
    except ProofEnvironmentError as error:
        logger.warning("how far the search got is not shown: %s", error)
    return tuple(found)


def with_sorry(state: ProofState) -> list[str]:
    """Return the tactics that leave every goal of a state open: one `sorry` for each."""
    return ["sorry"] if len(state.goals) == 1 else ["· sorry"] * len(state.goals)


async def _checked(node: Node, theorem: Theorem, environment: ProofEnvironment, timeout_s: float) -> str | None:
    """Return the text of an unfinished proof, or None if Lean objects to more than `sorry`."""
    checked = await environment.check(theorem, [*node.tactics, *with_sorry(node.state)], timeout_s=timeout_s)
    if checked.reason == USES_SORRY and not checked.messages and isinstance(environment, FileEnvironment):
        # It was refused by its words. Files may have such words.
        text = Theorem.from_text(checked.source or "")
        checked = await environment.check_file(text, timeout_s=timeout_s, original=theorem)
    if checked.timed_out:
        raise ProofEnvironmentError(f"an unfinished proof was not checked within {timeout_s:.3g} s")
    elaborated = any("declaration uses" in message.text for message in checked.messages)
    return checked.source if checked.reason == USES_SORRY and elaborated else None


@dataclass(slots=True)
class _Tests:
    """Quick tests of goals, so that no false one is shown as open. What cannot be tested may be true."""

    theorem: Theorem
    opened: OpenedTheorem
    environment: ProofEnvironment
    left: int = MOST_TESTS

    async def refute(self, state: ProofState) -> bool:
        """Is one of the goals, or a part of a goal that is a conjunction, false?"""
        if not refutes_unasked(self.environment):
            return False
        for goal in state.goals:
            context, turnstile, target = goal.text.rpartition("⊢ ")
            for part in conjuncts(target):
                if self.left and await self._is_false(f"{context}{turnstile}{part}"):
                    return True
        return False

    async def _is_false(self, goal: str) -> bool:
        self.left -= 1
        imports = "".join(f"import {module}\n" for module in self.theorem.imports if self.theorem.imports != ("Init",))
        try:
            stated = theorem_of_goal(goal, header=imports + self.opened.header)
            return await find_refutation(stated, self.environment, effort=TEST_EFFORT) is not None
        except InvalidTheoremError:  # Lean does not always read what it prints
            return False


def _on_one_path(one: Sequence[str], other: Sequence[str]) -> bool:
    return all(mine == theirs for mine, theirs in zip(one, other, strict=False))  # up to the end of the shorter
