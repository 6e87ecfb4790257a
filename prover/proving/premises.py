"""Theorems of the library that may help at a printed goal, by name: for someone who looks for one to cite."""

from __future__ import annotations

import logging

from pydantic import Field

from prover.core.record import Frozen
from prover.environments.environment import ProofEnvironment
from prover.errors import InvalidTheoremError
from prover.policies.premises.retrieval import PremiseSource
from prover.proving.client_library import readings

logger = logging.getLogger(__name__)

READING_S = 20.0
UNREAD = "the goal cannot be read by this server's Lean, so nothing is known that is like it"


class Premise(Frozen):
    """A theorem of the library, and the module that declares it."""

    name: str
    module: str


class PremisesFound(Frozen):
    """The best first. Whether one applies, only the client's own Lean can say."""

    premises: tuple[Premise, ...]
    environment: str
    notes: tuple[str, ...] = Field(default=(), description="why there are none")


class PremiseFinder:
    """Finds premises in the library of one proof assistant."""

    def __init__(self, environment: ProofEnvironment, library: PremiseSource) -> None:
        self._environment = environment
        self._library = library

    async def for_state(self, state: str, *, header: str = "", n: int = 16) -> PremisesFound:
        """Return at most `n` theorems for the first goal of a proof state as Lean prints it.

        Raises:
            InvalidTheoremError: the text holds no goal.
            ProofEnvironmentError: the assistant failed.
        """
        for reading in readings(state, header, self._environment.identity):
            try:
                async with self._environment.open(reading, timeout_s=READING_S) as session:
                    goal = session.initial.goals[0]
            except InvalidTheoremError as error:
                logger.debug("a printed goal cannot be read back: %s", error)
                continue
            known = await self._library.for_theorem(reading)
            library = known.index.library
            theorems = [library.theorems[known.index.number[name]] for name in known.for_goal(goal, n)]
            found = tuple(Premise(name=each.name, module=library.modules[each.module][0]) for each in theorems)
            return PremisesFound(premises=found, environment=self._environment.identity)
        return PremisesFound(premises=(), environment=self._environment.identity, notes=(UNREAD,))
