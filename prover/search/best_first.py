"""Best-first search over proof states.

The most probable path is extended first, as in the Llemma paper (section 3.3) and GPT-f: priority is the sum of
the log-probabilities of a path's tactics. An expansion tries only so many candidates. A policy that has more of them
gets its state back into the frontier, ranked by what is left: so a long list never keeps the search at one state, and
a dear source of candidates is asked only where the cheap ones failed.

A tactic that nobody has set a limit for (a model's) first gets a share of the effort that one tactic may take. If that
is too little, its state comes back for it, ranked below by the logarithm of how much dearer the second try is. A model
that likes `decide` on large numbers would otherwise spend the theorem's effort on a handful of tactics.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, assert_never

from prover.core.budget import TACTIC_EFFORT, BudgetMeter
from prover.core.effort import Limit
from prover.core.proof_state import (
    Advanced,
    Closed,
    GaveUp,
    ProofState,
    Rejected,
    TacticOutcome,
    TimedOut,
    normalise_tactic,
)
from prover.core.record import SearchResult, SearchStatistics, StopReason
from prover.environments.environment import ProofSession
from prover.policies.generator import Observant, Prefetching, TacticCandidate, TacticGenerator
from prover.search.events import EventListener, Expanded, Found, SearchEvent, Tried
from prover.search.frontier import Frontier, Node

T = TypeVar("T")
LOOKAHEAD = 2
"""So many waiting states are announced to a policy that can work ahead."""

AT_ONCE = 4
"""So many candidates go to the assistant together: then listeners hear what became of them."""

FIRST_SHARE = 0.2
"""Of the effort that a tactic may take, what it gets at first."""

SECOND_TRY = math.log(FIRST_SHARE)
"""Added to the log-probability (nats) of a tactic that is to be tried again with all of its effort."""

Confirm = Callable[[tuple[str, ...]], Awaitable[bool]]


async def best_first_search(
    session: ProofSession,
    generator: TacticGenerator,
    meter: BudgetMeter,
    *,
    seed: int = 0,
    length_penalty: float = 0.0,
    confirm: Confirm | None = None,
    listener: EventListener | None = None,
    cancel: asyncio.Event | None = None,
) -> SearchResult:
    """Search until a proof is found, nothing is left to expand, the budget is spent, or `cancel` is set.

    `confirm` is asked about each found proof (normally: verification); the search goes on after a no. Neither its time
    nor its effort counts. A proof found by the very last permitted step counts.
    """
    search = _Search(session, generator, meter, seed, Frontier(length_penalty), confirm, listener, cancel)
    return await search.run()


@dataclass(slots=True)
class _Search:
    """One search, and what it has seen so far."""

    session: ProofSession
    generator: TacticGenerator
    meter: BudgetMeter
    seed: int
    frontier: Frontier
    confirm: Confirm | None
    listener: EventListener | None
    cancel: asyncio.Event | None
    tried: dict[ProofState, set[str]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    waited: dict[str, float] = field(default_factory=lambda: {"policy_s": 0.0, "assistant_s": 0.0})
    depth: int = 0

    async def run(self) -> SearchResult:
        """Expand the best state until something ends the search."""
        self.frontier.push(Node(self.session.initial))
        try:
            while self.frontier:
                if limit := self.meter.spent:
                    return self._result(StopReason.BUDGET_SPENT, limit=limit)
                node = self.frontier.pop()
                if found := await self._expand(node):
                    return self._result(StopReason.FOUND, found)
                self.session.release([node.state])
        except _CancelledSearchError:
            return self._result(StopReason.CANCELLED)
        if self.counts["not_tried"]:
            return self._result(StopReason.BUDGET_SPENT, limit=self.meter.spent or Limit.TIME)
        return self._result(StopReason.EXHAUSTED)

    async def _expand(self, node: Node) -> Node | None:
        """Try the next candidates of a state, which waits again if there are more. Returns the end of a proof."""
        self.meter.expansions += 1
        asking = self.generator.propose([node.state], n=self.meter.budget.candidates, seed=self.seed, tried=node.tried)
        (proposal,) = await self._unless_cancelled(self._timed("policy_s", asking))
        candidates = _new(proposal.candidates, self.tried.setdefault(node.state, set()))
        late = list(node.late)
        if not proposal.candidates:
            most = self.meter.budget.candidates
            candidates, late = late[:most], late[most:]
        self._report(Expanded(node, tuple(candidates), len(self.frontier)))
        if isinstance(self.generator, Prefetching):
            self.generator.prefetch([waiting.state for waiting in self.frontier.best(LOOKAHEAD)], seed=self.seed)
        if found := await self._try_all(node, candidates, late):
            return found
        waiting = [candidate.logprob + SECOND_TRY for candidate in late]
        waiting += [proposal.more] if proposal.more is not None else []
        if waiting:
            again = replace(node, tried=node.tried + len(proposal.candidates), late=tuple(late))
            self.frontier.put_back(again, max(waiting))
        return None

    async def _try_all(self, node: Node, candidates: list[TacticCandidate], late: list[TacticCandidate]) -> Node | None:
        """Try candidates until a proof is found and confirmed; what needs more effort than it got goes to `late`."""
        while candidates:
            portion = candidates[:AT_ONCE]
            outcomes = await self._apply(node.state, portion)
            found: Node | None = None
            for candidate, outcome in zip(portion, outcomes, strict=False):
                found = await self._take_in(node, candidate, outcome, late)
            candidates = candidates[len(outcomes) :]
            if found is not None:
                self._report(Found(found.tactics))
                if self.confirm is None or await self._unless_cancelled(self._paused(self.confirm(found.tactics))):
                    return found
            elif len(outcomes) < len(portion):  # nothing is left for the others
                self.counts["not_tried"] += len(candidates)
                return None
        return None

    async def _apply(self, state: ProofState, candidates: Sequence[TacticCandidate]) -> list[TacticOutcome]:
        applying = self.session.apply(
            state,
            [candidate.tactic for candidate in candidates],
            effort=[self._effort(candidate) for candidate in candidates],
            timeout_s=self.meter.budget.tactic_timeout_s,
            deadline_s=self.meter.remaining_s,
            effort_left=self.meter.remaining_effort,
        )
        outcomes = await self._unless_cancelled(self._timed("assistant_s", applying))
        self.meter.tactics += len(outcomes)
        for outcome in outcomes:
            self.meter.effort += outcome.effort
        return outcomes

    async def _take_in(
        self, node: Node, proposed: TacticCandidate, outcome: TacticOutcome, late: list[TacticCandidate]
    ) -> Node | None:
        """Draw the consequences of what became of a candidate. Returns the last node of a proof, if it is one."""
        written = outcome.written if isinstance(outcome, Advanced | Closed) else None
        candidate = replace(proposed, tactic=written) if written else proposed
        if isinstance(outcome, Closed):
            shorter = self._shortest(node.state, candidate.tactic, self._effort(proposed))
            candidate = replace(candidate, tactic=await self._unless_cancelled(shorter))
        path = (*node.tactics, candidate.tactic), (*node.sources, candidate.source)
        self.depth = max(self.depth, len(path[0]))
        new, found = False, None
        match outcome:
            case Advanced(state):
                new = self.frontier.push(Node(state, *path, node.logprob + candidate.logprob))
                self.counts["advanced"] += 1
                self.counts["seen_again"] += not new
            case Closed():
                found = Node(node.state, *path, node.logprob + candidate.logprob)
            case Rejected():
                self.counts["rejected"] += 1
            case GaveUp():
                self.counts["gave_up"] += 1
            case TimedOut():
                self.counts["out_of_effort" if outcome.limit is Limit.EFFORT else "timed_out"] += 1
                if self._may_need_more(proposed, outcome):
                    late.append(replace(proposed, effort=self._most_effort))
            case _:
                assert_never(outcome)
        self._report(Tried(node, candidate, outcome, new))
        if isinstance(self.generator, Observant):
            self.generator.observe(node.state, candidate, outcome)
        return found

    def _effort(self, candidate: TacticCandidate) -> float:
        """Return what a candidate may take: its policy's limit, or at first a share of what a tactic may take."""
        own = candidate.effort if candidate.effort < math.inf else FIRST_SHARE * self._most_effort
        return min(own, self.meter.budget.tactic_effort or math.inf)

    @property
    def _most_effort(self) -> float:
        return self.meter.budget.tactic_effort or TACTIC_EFFORT

    def _may_need_more(self, candidate: TacticCandidate, outcome: TimedOut) -> bool:
        """Was it stopped at its first share, rather than by a limit that a second try would meet again?"""
        if candidate.effort < math.inf:
            return False
        if self.session.counts_effort:
            return outcome.limit is Limit.EFFORT
        return not 0 < outcome.elapsed_s < self._effort(candidate)

    async def _shortest(self, state: ProofState, tactic: str, effort: float) -> str:
        """Return a tactic that closes the goal without what stands behind a `<;>` in vain."""
        parts = tactic.split(" <;> ")
        shorter = [" <;> ".join(parts[:n]) for n in range(1, len(parts))]
        if not shorter:
            return tactic
        outcomes = await self.session.apply(state, shorter, effort=effort, timeout_s=self.meter.budget.tactic_timeout_s)
        return shorter[len(outcomes) - 1] if outcomes and isinstance(outcomes[-1], Closed) else tactic

    def _report(self, event: SearchEvent) -> None:
        if self.listener:
            self.listener(event)

    def _result(self, stop: StopReason, node: Node | None = None, *, limit: Limit | None = None) -> SearchResult:
        by_clock = self.counts["timed_out"] > 0 or limit is Limit.TIME or stop is StopReason.CANCELLED
        return SearchResult(
            stop=stop,
            limit=limit,
            effort_unit="heartbeats" if self.session.counts_effort else "seconds",
            reproducible=self.session.counts_effort and self.generator.reproducible and not by_clock,
            tactics=node and node.tactics,
            sources=node.sources if node else (),
            statistics=SearchStatistics(
                expansions=self.meter.expansions,
                tactics=self.meter.tactics,
                depth=self.depth,
                effort=round(self.meter.effort, 6),
                elapsed_s=self.meter.elapsed_s,
                **self.waited,
                **self.counts,
            ),
        )

    async def _unless_cancelled(self, work: Coroutine[Any, Any, T]) -> T:
        """Await `work`, but stop it at once when `cancel` is set."""
        if self.cancel is None:
            return await work
        task = asyncio.ensure_future(work)
        waiter = asyncio.ensure_future(self.cancel.wait())
        try:
            await asyncio.wait({task, waiter}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            raise _CancelledSearchError
        finally:
            for pending in (task, waiter):
                pending.cancel()
            await asyncio.gather(task, waiter, return_exceptions=True)

    async def _timed(self, name: str, work: Awaitable[T]) -> T:
        """Await `work`, and add the seconds to what was waited for `name`."""
        before = self.meter.clock()
        try:
            return await work
        finally:
            self.waited[name] += self.meter.clock() - before

    async def _paused(self, work: Awaitable[T]) -> T:
        """Await `work` without its time counting."""
        before = self.meter.clock()
        try:
            return await work
        finally:
            self.meter.started += self.meter.clock() - before


class _CancelledSearchError(Exception):
    """The caller's `cancel` event was set."""


def _new(candidates: Sequence[TacticCandidate], tried: set[str]) -> list[TacticCandidate]:
    """Drop what was tried before, up to white space; the rest counts as tried from now on."""
    new: list[TacticCandidate] = []
    for candidate in candidates:
        tactic = normalise_tactic(candidate.tactic)
        if tactic and tactic not in tried:
            tried.add(tactic)
            new.append(replace(candidate, tactic=tactic))
    return new
