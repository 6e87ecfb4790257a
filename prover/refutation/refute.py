"""Showing that a statement of Lean is false."""

from __future__ import annotations

import itertools
import logging
import math
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from prover.core.proof_state import Closed, Rejected
from prover.core.theorem import Theorem
from prover.environments.environment import ProofEnvironment, ProofSession
from prover.errors import InvalidTheoremError
from prover.policies.terms import GoalView
from prover.refutation.counterexamples import QUICK, Instance, automation, first_of, instance_of, instances
from prover.refutation.evaluation import Evaluation, landmarks
from prover.refutation.negation import can_be_negated, levels_in, negated
from prover.refutation.negation_search import proof_of_negation
from prover.refutation.reading import constructors, introduced, kinds_of
from prover.refutation.solver import models
from prover.refutation.values import Values
from prover.refutation.variables import Kind, Variable

logger = logging.getLogger(__name__)

AT_ONCE = 16
MOST_UNDECIDED = 40
TACTIC_EFFORT = 0.25
TACTIC_S = 60.0
COMPUTED, DECIDED = 0.4, 0.7
"""Share of the effort after which computation gives way to automation, and that to a search."""
_DECIDED = re.compile(r"proved that the proposition\s.*\sis false", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FoundRefutation:
    """The negated statement, tactics that prove it, and the false instance, if it took one. Not verified."""

    negation: Theorem
    tactics: tuple[str, ...]
    instance: Instance | None


@dataclass(slots=True)
class _Spending:
    """Units of effort that are left."""

    left: float

    @property
    def over(self) -> bool:
        return self.left <= 0


async def find_refutation(
    theorem: Theorem, environment: ProofEnvironment, *, effort: float = 2.0
) -> FoundRefutation | None:
    """Return how a statement is shown to be false, if that is found with so many units of effort.

    Raises:
        InvalidTheoremError: the statement cannot be used.
        ProofEnvironmentError: the proof assistant failed.
    """
    if not can_be_negated(theorem):
        return None
    async with environment.open(theorem) as session:
        state, variables = await introduced(session)
        kinds = await kinds_of(session, state, variables)
        own = await constructors(session, kinds)
    view = GoalView.of(state.goals[0])
    tried = itertools.chain(
        instances(kinds, Values(own, landmarks(view)), Evaluation.of(view).excludes), _suggested(kinds, view)
    )
    try:
        async with _open_negated(theorem, environment) as (negation, session):
            found = await _proved(session, tried, automation(view.definitions), _Spending(effort))
    except InvalidTheoremError as error:  # a theorem that cannot be stated as an axiom
        logger.info("the negation cannot be stated: %s", error)
        return None
    return FoundRefutation(negation, *found) if found else None


def _suggested(kinds: Sequence[tuple[Variable, Kind]], view: GoalView) -> Iterator[Instance]:
    """Yield the instances that a solver suggests, if numbers are all that the statement is about."""
    if all(kind is Kind.PROOF or variable.name in view.numbers for variable, kind in kinds):
        yield from (instance_of(kinds, found) for found in models(view))


async def _proved(
    session: ProofSession, tried: Iterator[Instance], steps: Sequence[str], spending: _Spending
) -> tuple[tuple[str, ...], Instance | None] | None:
    """Return what proves the negation: an instance that is false, by computation, else by automation, else a search."""
    undecided: list[Instance] = []
    whole = spending.left
    for deciding, until in ((QUICK, COMPUTED), (first_of(steps), DECIDED)):
        for portion in _portions(tried if deciding == QUICK else iter(undecided[:MOST_UNDECIDED])):
            if whole - spending.left >= until * whole:
                break
            if found := await _refuting(session, portion, deciding, spending, undecided):
                return (await _plainest(session, found, steps, deciding),), found
    if spending.over:
        return None
    return await proof_of_negation(session, undecided, effort=spending.left)


async def _plainest(session: ProofSession, found: Instance, steps: Sequence[str], deciding: str) -> str:
    """Return the tactic that refutes by a single step, if there is one."""
    if deciding == QUICK:
        return found.refuting(deciding)
    tactics = [found.refuting(step) for step in steps]
    outcomes = await session.apply(session.initial, tactics, timeout_s=TACTIC_S, effort=TACTIC_EFFORT)
    plain = outcomes and isinstance(outcomes[-1], Closed)
    return tactics[len(outcomes) - 1] if plain else found.refuting(deciding)


@asynccontextmanager
async def _open_negated(theorem: Theorem, environment: ProofEnvironment) -> AsyncIterator[tuple[Theorem, ProofSession]]:
    """Open the negation, in fixed universes if the statement is about all of them."""
    negation = negated(theorem)
    async with environment.open(negation) as session:
        levels, level = levels_in(session.initial.text)
        if not levels:
            yield negation, session
            return
    negation = negated(theorem, levels, level=level)
    async with environment.open(negation) as session:
        yield negation, session


async def _refuting(
    session: ProofSession, portion: Sequence[Instance], deciding: str, spending: _Spending, undecided: list[Instance]
) -> Instance | None:
    """Try some instances; those that could not be decided are added to `undecided`."""
    outcomes = await session.apply(
        session.initial,
        [instance.refuting(deciding) for instance in portion],
        timeout_s=TACTIC_S,
        effort=TACTIC_EFFORT,
        effort_left=spending.left,
    )
    for instance, outcome in zip(portion, outcomes, strict=False):
        spending.left -= outcome.effort
        if isinstance(outcome, Closed):
            return instance
        if deciding == QUICK and not (isinstance(outcome, Rejected) and _DECIDED.search(outcome.message)):
            undecided.append(instance)
    if len(outcomes) < len(portion):
        spending.left = -math.inf
    return None


def _portions(tried: Iterator[Instance]) -> Iterator[list[Instance]]:
    """Cut into lists: one to begin with, then ever more, so that the first counterexample is found at once."""
    size = 1
    portion: list[Instance] = []
    for instance in tried:
        portion.append(instance)
        if len(portion) == size:
            yield portion
            portion, size = [], min(2 * size, AT_ONCE)
    if portion:
        yield portion
