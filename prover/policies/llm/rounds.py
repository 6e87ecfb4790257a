"""Candidates that a model gives in rounds: it is asked again only after all earlier ones were tried."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace

from prover.policies.generator import Proposal, TacticCandidate, portion

Ask = Callable[[int], Awaitable[Iterable[TacticCandidate]]]
"""Asks the model for the candidates of a round; the argument is its number, from 0."""


@dataclass(slots=True)
class Rounds:
    """The rounds at one proof state: at most `most`, of which `done` are over and gave `given`."""

    most: int
    done: int = 0
    given: list[TacticCandidate] = field(default_factory=list)

    @property
    def left(self) -> bool:
        """May the model be asked again?"""
        return self.done < self.most

    async def propose(self, ask: Ask, *, n: int, tried: int) -> Proposal:
        """Return the `n` candidates after the first `tried`, asking for as many rounds as that takes.

        A candidate that an earlier round gave is left out. The next round is expected to be about as likely as the
        last candidate of this one.
        """
        while len(self.given) <= tried and self.left:
            found = await ask(self.done)
            self.done += 1
            known = {candidate.tactic for candidate in self.given}
            self.given += [candidate for candidate in found if candidate.tactic not in known]
        proposal = portion(self.given, n, tried)
        if proposal.more is None and self.left:
            return replace(proposal, more=self.given[-1].logprob)
        return proposal
