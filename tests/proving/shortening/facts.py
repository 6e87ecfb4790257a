"""A tiny session in which it is plain what a proof needs: goals are facts that are known, and what is wanted.

`intro x y` and `have x` make facts known, `use x [y, z]` closes a goal if it wants x and y and z are known, `split`
makes two goals of `a+b`, `skip` does nothing, `t <;> u` is what it is; `grind` closes a goal that wants `easy`,
`exact?` every goal, and `finish` all goals at once.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Iterable, Sequence

from prover.core.proof_state import Advanced, Closed, Goal, ProofState, Rejected, TacticOutcome, TimedOut
from prover.environments.environment import OpenedTheorem, each
from prover.errors import SessionCrashedError

COST = 0.01
NEEDED = {"one": {"a"}, "two": {"a", "b"}, "none": set[str]()}


class FactsSession:
    """One goal, or several. `crashes`, `hangs`: tactics at which the session is lost, or never ends."""

    counts_effort = True
    theorem = OpenedTheorem("t", "theorem t", "")

    def __init__(self, wanted: str, *, crashes: str = "", hangs: str = "") -> None:
        self.initial = _state([(frozenset(), wanted)])
        self.crashes, self.hangs = crashes, hangs
        self.tried: list[str] = []

    async def apply(
        self,
        state: ProofState,
        tactics: Sequence[str],
        *,
        timeout_s: float,
        effort: float | Sequence[float] = math.inf,
        deadline_s: float = math.inf,
        effort_left: float = math.inf,
    ) -> list[TacticOutcome]:
        """Try one tactic; see ProofSession."""
        (tactic,), (most,) = tactics, each(effort, tactics)
        self.tried.append(tactic)
        if tactic == self.crashes:
            raise SessionCrashedError("lost")
        if tactic == self.hangs:
            await asyncio.Event().wait()
        if most < COST:
            return [TimedOut("no effort", effort=most)]
        (known, wanted), *others = [_read(goal) for goal in state.goals]
        if tactic == "finish":
            return [Closed(effort=COST)]
        after = _after(tactic, known, wanted)
        if after is None:
            return [Rejected("no", effort=COST)]
        goals = [*after, *others]
        return [Advanced(_state(goals), effort=COST) if goals else Closed(effort=COST)]

    def release(self, states: Iterable[ProofState]) -> None:
        """Nothing is held."""


Facts = tuple[frozenset[str], str]


def _after(tactic: str, known: frozenset[str], wanted: str) -> list[Facts] | None:
    first, _, then = tactic.partition(" <;> ")
    if then:
        middle = _after(first, known, wanted)
        parts = None if middle is None else [_after(then, *goal) for goal in middle]
        return None if parts is None or None in parts else [goal for part in parts if part for goal in part]
    word, *names = re.findall(r"[\w?]+", tactic)
    match word:
        case "intro" | "have":
            return [(known | set(names), wanted)]
        case "skip":
            return [(known, wanted)]
        case "split" if "+" in wanted:
            return [(known, part) for part in wanted.split("+")]
        case "use" if names[0] == wanted and NEEDED[wanted] <= known & set(names[1:]):
            return []
        case "grind" if wanted == "easy":
            return []
        case "exact?":
            return []
        case _:
            return None


def _state(goals: Sequence[Facts]) -> ProofState:
    return ProofState(tuple(Goal(f"{' '.join(sorted(known))} ⊢ {wanted}") for known, wanted in goals))


def _read(goal: Goal) -> Facts:
    known, wanted = goal.text.split("⊢")
    return frozenset(known.split()), wanted.strip()
