"""Which instance of a statement is false? By computation, else by automation, each with a share of the effort."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from prover.core.proof_state import Closed, Rejected
from prover.environments.environment import ProofSession
from prover.refutation.counterexamples import QUICK, Instance, first_of, portions

MOST_OF_A_FUNCTION = 2
MOST_UNDECIDED = 40  # that automation looks at
TACTIC_EFFORT = 0.25
TACTIC_S = 60.0
AFTER_CONCLUSIONS, AFTER_HYPOTHESES, AFTER_AUTOMATION = 0.7, 0.6, 0.3
"""Share of the effort that each stage leaves to those behind it."""
_DECIDED = re.compile(r"proved that the proposition\s.*\sis false", re.DOTALL)


@dataclass(slots=True)
class Deciding:
    """One attempt to refute. `steps`: automation, the plainest first. `left`: units of effort.

    `undecided`: the instances about which nothing is known so far.
    """

    session: ProofSession
    steps: Sequence[str]
    left: float
    undecided: list[Instance] = field(default_factory=list)

    async def false_instance(self, tried: Iterable[Instance]) -> tuple[Instance, str] | None:
        """Return an instance that is false, and the tactic that shows it."""
        whole = self.left
        steps = first_of(self.steps)
        found = await self._first(tried, lambda instance: instance.computed, AFTER_CONCLUSIONS * whole)
        if found is None and any(not all(instance.arguments) for instance in self.undecided):
            again, self.undecided = self.undecided, []
            found = await self._first(again, lambda instance: instance.refuting(QUICK), AFTER_HYPOTHESES * whole)
        if found is not None:
            return found, await self._plainest(found, (QUICK,), found.computed)
        again, self.undecided = self.undecided, []
        again = _varied(again)
        found = await self._first(
            again[:MOST_UNDECIDED], lambda instance: instance.refuting(steps), AFTER_AUTOMATION * whole
        )
        self.undecided = again
        return (found, await self._plainest(found, self.steps, found.refuting(steps))) if found else None

    async def _first(
        self, tried: Iterable[Instance], tactic: Callable[[Instance], str], spare: float
    ) -> Instance | None:
        """Return the first instance that a tactic shows to be false; what it does not decide is undecided."""
        for portion in portions(tried):
            if self.left <= spare:
                self.undecided += portion
                return None
            outcomes = await self.session.apply(
                self.session.initial,
                [tactic(instance) for instance in portion],
                timeout_s=TACTIC_S,
                effort=TACTIC_EFFORT,
                effort_left=self.left,
            )
            for instance, outcome in zip(portion, outcomes, strict=False):
                self.left -= outcome.effort
                if isinstance(outcome, Closed):
                    return instance
                if not (isinstance(outcome, Rejected) and _DECIDED.search(outcome.message)):
                    self.undecided.append(instance)
            if len(outcomes) < len(portion):
                self.left = -math.inf
        return None

    async def _plainest(self, found: Instance, steps: Sequence[str], otherwise: str) -> str:
        """Return the tactic that refutes by a single step, if there is one."""
        tactics = [found.refuting(step) for step in steps]
        outcomes = await self.session.apply(self.session.initial, tactics, timeout_s=TACTIC_S, effort=TACTIC_EFFORT)
        closed = bool(outcomes) and isinstance(outcomes[-1], Closed)
        return tactics[len(outcomes) - 1] if closed else otherwise


def _varied(tried: Iterable[Instance]) -> list[Instance]:
    """Leave out all but a few instances of the same functions, so that more functions have their turn."""
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for instance in tried:
        functions = tuple(value for value in instance.values.values() if value.startswith("(fun"))
        seen[functions] += 1
        if not functions or seen[functions] <= MOST_OF_A_FUNCTION:
            found.append(instance)
    return found
