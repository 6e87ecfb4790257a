"""A quick test of the goals of a search: is one of them false for small values?

The goal is closed over its variables, and its negation tried at a few instances. What Lean says of them is not
verified: it only orders the search.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from prover.core.proof_state import Goal, ProofState
from prover.environments.environment import ProofSession
from prover.policies.terms import GoalView
from prover.refutation.counterexamples import instances
from prover.refutation.evaluation import Evaluation, landmarks
from prover.refutation.probing import false_instance
from prover.refutation.reading import FOR_TYPES, constructors_of, with_types
from prover.refutation.types import TypeTerm
from prover.refutation.values import Constructors, Values
from prover.refutation.variables import Kind, Variable, named, variables_of
from prover.search.goal_tests import GoalAnswer

EFFORT = 0.02
"""Units of effort that the test of a goal may take."""
MOST_INSTANCES = 6
MOST_GOALS = 3  # of a state
_UNTESTABLE = re.compile(r":=|\?\w|⋯")  # a definition in the context, an unknown, something that is not printed
_INSTANCE = re.compile(r"inst(?:_\d+)?\b")


class GoalRefuter:
    """Tests the goals of one search; what it has found of a goal, it remembers. See `GoalTest`."""

    def __init__(self) -> None:
        self._known: dict[Goal, str | None] = {}
        self._constructors: Constructors = {}
        self._asked: set[str] = set()

    async def __call__(self, session: ProofSession, state: ProofState, *, effort_left: float) -> GoalAnswer:
        """Test the first goals of a state."""
        spent = 0.0
        for place, goal in enumerate(state.goals[:MOST_GOALS]):
            if goal not in self._known:
                found, effort = await self._false_for(session, state, place, effort_left - spent)
                self._known[goal] = found
                spent += effort
            if (counterexample := self._known[goal]) is not None:
                return GoalAnswer(counterexample, spent)
        return GoalAnswer(None, spent)

    async def _false_for(
        self, session: ProofSession, state: ProofState, place: int, effort_left: float
    ) -> tuple[str | None, float]:
        """Return for which values a goal is false, if that is found, and the effort that it took."""
        goal = state.goals[place]
        if _UNTESTABLE.search(goal.text) or effort_left <= 0:
            return None, 0.0
        variables, _ = named(variables_of(goal))
        view = GoalView.of(goal)
        facts = {fact.name.partition(".")[0] for fact in view.facts}
        kinds = [(variable, _kind(variable, facts)) for variable in variables]
        values = Values(await self._own(session, kinds), landmarks(view))
        tried = itertools.islice(instances(kinds, values, Evaluation.of(view).excludes), MOST_INSTANCES)
        found, spent = await false_instance(session, state, tried, effort=min(EFFORT, effort_left), place=place)
        return (found.shown() if found else None), spent

    async def _own(self, session: ProofSession, kinds: Sequence[tuple[Variable, Kind]]) -> Constructors:
        """Return the constructors of the types that have come so far, after asking for those that are new."""
        variables = [variable for variable, _ in kinds]
        types = [
            with_types(v.type, variables, choice)
            for v, kind in kinds
            if kind is Kind.DATA and v.type
            for choice in FOR_TYPES
        ]
        for type_ in types:
            if str(type_) not in self._asked:
                self._asked.add(str(type_))
                self._constructors |= await constructors_of(session, [type_])
        return self._constructors


def _kind(variable: Variable, facts: set[str]) -> Kind:
    if _INSTANCE.match(variable.name):
        return Kind.INSTANCE
    if variable.name in facts or variable.type is None:
        return Kind.PROOF
    return Kind.DATA if _looks_like_data(variable.type) else Kind.PROOF


def _looks_like_data(type_: TypeTerm) -> bool:
    """Is a type, as far as its form tells, none of proofs? Those mention variables where types mention types."""
    return Values().known(type_) or type_.head[:1].isupper() or not type_.arguments
