"""Several policies in turns: the cheap ones first, the expensive ones where those failed."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace

from prover.core.proof_state import ProofState, TacticOutcome
from prover.core.theorem import Theorem
from prover.errors import GeneratorError
from prover.policies.generator import (
    Check,
    Observant,
    Prefetching,
    Proposal,
    TacticCandidate,
    TacticGenerator,
    for_theorem,
    let_check,
    notes_of,
    portion,
    put_at_goal,
    put_at_place,
)
from prover.policies.identities import policy_in_words

logger = logging.getLogger(__name__)

LEFT_OUT = "the model is left out: {error}"
"""The note of a mixture that does without a model from the beginning."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One policy's turn at a state: at most `n` candidates from it.

    `expected`: a guess of its best log-probability (nats), which ranks the state while it waits for the turn.
    `offset` (nats, at most 0) is added to its log-probabilities, to make those of different policies comparable.
    """

    policy: TacticGenerator
    n: int
    expected: float = -1.0
    offset: float = 0.0


@dataclass(slots=True)
class _Taken:
    """The candidates of the turns taken at a state, the next turn, and how many candidates each policy gave."""

    candidates: list[TacticCandidate] = field(default_factory=list)
    tactics: set[str] = field(default_factory=set)
    next_turn: int = 0
    given: dict[int, int] = field(default_factory=dict)


class MixturePolicy:
    """Takes turns at each state, one turn a visit.

    While the assistant tries the candidates of one turn, a policy that can work ahead prepares the next. A policy that
    fails (its model is down) is left out for the rest of the theorem; `notes` says so.
    """

    def __init__(self, turns: Sequence[Turn], *, notes: Sequence[str] = ()) -> None:
        if not turns:
            raise ValueError("a mixture needs at least one turn")
        self._turns = list(turns)
        self._known: dict[ProofState, _Taken] = {}
        self._failed: set[int] = set()
        self._notes = list(notes)

    @property
    def notes(self) -> tuple[str, ...]:
        """What failed, here and in the policies."""
        return tuple(dict.fromkeys([*self._notes, *(note for policy in self._policies for note in notes_of(policy))]))

    @property
    def _policies(self) -> list[TacticGenerator]:
        """The policies, each once."""
        return list({id(turn.policy): turn.policy for turn in self._turns}.values())

    @property
    def identity(self) -> str:
        """The turns in order."""
        return " + ".join(f"{turn.policy.identity}[{turn.n}]" for turn in self._turns)

    @property
    def reproducible(self) -> bool:
        """Are all of them?"""
        return all(turn.policy.reproducible for turn in self._turns)

    @asynccontextmanager
    async def for_theorem(self, theorem: Theorem) -> AsyncIterator[MixturePolicy]:
        """Give the mixture of the policies for this theorem."""
        async with AsyncExitStack() as stack:
            prepared: dict[int, TacticGenerator] = {}
            for turn in self._turns:
                if id(turn.policy) not in prepared:
                    prepared[id(turn.policy)] = await stack.enter_async_context(for_theorem(turn.policy, theorem))
            yield MixturePolicy(
                [replace(turn, policy=prepared[id(turn.policy)]) for turn in self._turns], notes=self._notes
            )

    def prefetch(self, states: Sequence[ProofState], *, seed: int) -> None:
        """Let the policies that have the next turn at these states work ahead."""
        for state in states:
            known = self._known.get(state)
            self._prepare(self._next(known.next_turn if known else 0), state, seed)

    def observe(self, state: ProofState, candidate: TacticCandidate, outcome: TacticOutcome) -> None:
        """Tell everyone."""
        for policy in self._policies:
            if isinstance(policy, Observant):
                policy.observe(state, candidate, outcome)

    def checked_by(self, check: Check) -> None:
        """Tell everyone; see ChecksProofs."""
        for policy in self._policies:
            let_check(policy, check)

    def at_place(self, context: str, prefix: str = "") -> None:
        """Tell everyone; see PlaceAware."""
        for policy in self._policies:
            put_at_place(policy, context, prefix)

    def at_goal(self, stated: Theorem | None) -> None:
        """Tell everyone; see GoalAware."""
        for policy in self._policies:
            put_at_goal(policy, stated)

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        """Return the candidates of the next turn. There is `more` as long as there are turns."""
        return [await self._propose(state, n, seed, tried) for state in states]

    async def _propose(self, state: ProofState, n: int, seed: int, tried: int) -> Proposal:
        known = self._known.setdefault(state, _Taken())
        while len(known.candidates) <= tried and (number := self._next(known.next_turn)) is not None:
            known.next_turn = number + 1
            self._prepare(self._next(number + 1), state, seed)
            await self._take(known, self._turns[number], state, seed)
        proposal = portion(known.candidates, n, tried)
        waiting = self._next(known.next_turn)
        if proposal.more is None and waiting is not None:
            return Proposal(proposal.candidates, more=self._turns[waiting].expected)
        return proposal

    def _prepare(self, number: int | None, state: ProofState, seed: int) -> None:
        policy = None if number is None else self._turns[number].policy
        if isinstance(policy, Prefetching):
            policy.prefetch([state], seed=seed)

    async def _take(self, known: _Taken, turn: Turn, state: ProofState, seed: int) -> None:
        key = id(turn.policy)
        given = known.given.get(key, 0)
        try:
            (proposal,) = await turn.policy.propose([state], n=turn.n, seed=seed, tried=given)
        except GeneratorError as error:
            self._failed.add(key)
            self._notes.append(f"{policy_in_words(turn.policy.identity)} is left out: {error}")
            logger.warning("%s", self._notes[-1])
            return
        known.given[key] = given + len(proposal.candidates)
        for candidate in proposal.candidates:
            if candidate.tactic not in known.tactics:
                known.tactics.add(candidate.tactic)
                known.candidates.append(replace(candidate, logprob=candidate.logprob + turn.offset))

    def _next(self, number: int) -> int | None:
        """Return the number of the first turn from this one on whose policy works."""
        for i in range(number, len(self._turns)):
            if id(self._turns[i].policy) not in self._failed:
                return i
        return None
