"""Showing that a statement of Lean is false."""

from __future__ import annotations

import itertools
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from prover.core.proof_state import ProofState
from prover.core.theorem import Theorem
from prover.environments.environment import ProofEnvironment, ProofSession
from prover.errors import InvalidTheoremError
from prover.policies.terms import GoalView
from prover.refutation.counterexamples import MOST_EXCLUDED, QUICK, Instance, automation, instance_of, instances
from prover.refutation.deciding import Deciding
from prover.refutation.evaluation import Evaluation, landmarks
from prover.refutation.mathlib import has_libraries, steps_known_to, suggested_by_plausible
from prover.refutation.negation import can_be_negated, levels_in, negated
from prover.refutation.negation_search import proof_of_negation
from prover.refutation.probing import false_instance
from prover.refutation.reading import constructors, introduced, kinds_of
from prover.refutation.solver import models
from prover.refutation.values import Constructors, Values
from prover.refutation.variables import Kind, Variable

logger = logging.getLogger(__name__)

AT_ONCE = 16  # instances that are tried before all others
AT_ONCE_EXCLUDED = 500  # and so many more that our own computation shows to be true
AT_ONCE_EFFORT = 0.05
"""Units of effort for them."""


@dataclass(frozen=True, slots=True)
class FoundRefutation:
    """The negated statement, tactics that prove it, and the false instance, if it took one. Not verified."""

    negation: Theorem
    tactics: tuple[str, ...]
    instance: Instance | None


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
        about = await _about(session)
        plausible = await suggested_by_plausible(session, about.kinds) if has_libraries(theorem) else []
    tried = itertools.chain(plausible, about.instances(), await _suggested(about))
    try:
        async with _open_negated(theorem, environment) as (negation, session):
            steps = automation(about.view.definitions)
            if has_libraries(theorem):
                steps = (*await steps_known_to(session), *steps)
            found = await _proved(session, tried, steps, effort)
    except InvalidTheoremError as error:  # a theorem that cannot be stated as an axiom
        logger.info("the negation cannot be stated: %s", error)
        return None
    return FoundRefutation(negation, *found) if found else None


async def refutation_at_once(theorem: Theorem, session: ProofSession) -> FoundRefutation | None:
    """Return the smallest instances' refutation, where computation decides: asked in the statement's own session.

    Raises:
        ProofEnvironmentError: the proof assistant failed.
    """
    if not can_be_negated(theorem):
        return None
    about = await _about(session)
    tried = itertools.islice(about.instances(most_excluded=AT_ONCE_EXCLUDED), AT_ONCE)
    found, _ = await false_instance(session, about.state, tried, effort=AT_ONCE_EFFORT)
    return FoundRefutation(negated(theorem), (found.refuting(QUICK),), found) if found else None


@dataclass(frozen=True, slots=True)
class _Statement:
    """What a statement is about, with everything introduced."""

    state: ProofState
    kinds: Sequence[tuple[Variable, Kind]]
    own: Constructors
    view: GoalView

    def instances(self, *, most_excluded: int = MOST_EXCLUDED) -> Iterator[Instance]:
        """Yield the instances that are not true by our own computation."""
        values, excludes = Values(self.own, landmarks(self.view)), Evaluation.of(self.view).excludes
        return instances(self.kinds, values, excludes, most_excluded=most_excluded)


async def _about(session: ProofSession) -> _Statement:
    state, variables = await introduced(session)
    kinds = await kinds_of(session, state, variables)
    return _Statement(state, kinds, await constructors(session, kinds), GoalView.of(state.goals[0]))


async def _suggested(about: _Statement) -> list[Instance]:
    """Return the instances that a solver suggests, if numbers are all that the statement is about."""
    if any(kind is not Kind.PROOF and variable.name not in about.view.numbers for variable, kind in about.kinds):
        return []
    return [instance_of(about.kinds, found) for found in await models(about.view)]


async def _proved(
    session: ProofSession, tried: Iterator[Instance], steps: Sequence[str], effort: float
) -> tuple[tuple[str, ...], Instance | None] | None:
    """Return what proves the negation: an instance that is false, or else what a search finds."""
    deciding = Deciding(session, steps, effort)
    if found := await deciding.false_instance(tried):
        instance, tactic = found
        return (tactic,), instance
    if deciding.left <= 0:
        return None
    return await proof_of_negation(session, deciding.undecided, effort=deciding.left)


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
