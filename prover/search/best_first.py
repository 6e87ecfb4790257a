"""Best-first search over proof states.

The most probable path is extended first, as in GPT-f and in the Llemma paper (section 3.3): the priority of a state is
the sum of the log-probabilities on its path. An expansion tries a limited number of candidates. If the policy has
more, the state returns to the frontier, ranked by the best candidate left. So a long list does not hold the search at
one state, and an expensive source of candidates is asked only where the cheap ones failed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from prover.core.budget import BudgetMeter
from prover.core.effort import Limit
from prover.core.proof_state import Advanced, Closed, ProofState, TacticOutcome, normalise_tactic
from prover.core.record import SearchResult, StopReason
from prover.environments.environment import ProofSession
from prover.policies.generator import Observant, Prefetching, Proposal, TacticCandidate, TacticGenerator
from prover.search.cancelling import SearchCancelledError, unless_cancelled
from prover.search.effort_shares import SECOND_TRY, EffortShares
from prover.search.events import EventListener, Expanded, Found, SearchEvent, Tried
from prover.search.frontier import Frontier, Node
from prover.search.goal_tests import GoalTest
from prover.search.tally import Tally

LOOKAHEAD = 2
"""Number of waiting states that are announced to a policy that can work ahead."""

BATCH = 4
"""Number of candidates sent to the assistant together. Listeners hear of them after each batch."""

Confirm = Callable[[tuple[str, ...]], Awaitable[bool]]
"""Is a proof that was found to be kept?"""

Shorten = Callable[[ProofState, str, float], Awaitable[str]]
"""From a state, a tactic that closes it and the effort allowed: the tactic, or a shorter one that closes it as well."""

Refuted = Callable[[], Awaitable[bool]]
"""Is the statement known to be false?"""

ALONE = 0.1
"""Units of effort that a search takes before it asks whether the statement is false: most proofs take less."""


async def best_first_search(
    session: ProofSession,
    generator: TacticGenerator,
    meter: BudgetMeter,
    *,
    seed: int = 0,
    length_penalty: float = 0.0,
    confirm: Confirm | None = None,
    shorten: Shorten | None = None,
    refuted: Refuted | None = None,
    goal_test: GoalTest | None = None,
    listener: EventListener | None = None,
    cancel: asyncio.Event | None = None,
) -> SearchResult:
    """Search until a proof is found, nothing is left to expand, the budget is spent, or `cancel` is set.

    `confirm` is asked about each proof found, normally by verifying it; if it says no, the search goes on. Neither its
    time nor its effort counts. `shorten` is applied to the last tactic of each; its effort does not count. A proof
    found by the very last permitted step counts. `refuted` is asked once, if the search takes long, and can end it;
    this counts as little as `confirm` does. `goal_test` is asked about each new state, and its effort counts: what it
    shows to be false waits until nothing else is left.
    """
    shares = EffortShares(meter.budget, session.counts_effort)
    tally, frontier = Tally(meter), Frontier(length_penalty)
    search = _Search(
        session, generator, meter, seed, confirm, shorten, refuted, goal_test, listener, cancel, shares, tally, frontier
    )
    return await search.run()


def _settles(state: ProofState, outcome: TacticOutcome) -> bool:
    """Was the first goal closed, and nothing else changed? Other ways to close it can wait."""
    return isinstance(outcome, Advanced) and bool(outcome.state.goals) and outcome.state.goals == state.goals[1:]


class _StatementRefutedError(Exception):
    """The statement is false. Never leaves the search."""


@dataclass(slots=True)
class _Search:
    """One search, and what it has seen so far."""

    session: ProofSession
    generator: TacticGenerator
    meter: BudgetMeter
    seed: int
    confirm: Confirm | None
    shorten: Shorten | None
    refuted: Refuted | None
    goal_test: GoalTest | None
    listener: EventListener | None
    cancel: asyncio.Event | None
    shares: EffortShares
    tally: Tally
    frontier: Frontier
    tried: dict[ProofState, set[str]] = field(default_factory=dict)

    async def run(self) -> SearchResult:
        """Expand the best state until something ends the search."""
        self.frontier.push(Node(self.session.initial))
        try:
            while self.frontier:
                if limit := self.meter.spent:
                    return self._result(StopReason.BUDGET_SPENT, limit=limit)
                node = self.frontier.pop()
                if proof := await self._expand(node):
                    return self._result(StopReason.FOUND, proof)
                self.session.release([node.state])
        except SearchCancelledError:
            return self._result(StopReason.CANCELLED)
        except _StatementRefutedError:
            return self._result(StopReason.REFUTED)
        if self.tally.counts["not_tried"]:
            return self._result(StopReason.BUDGET_SPENT, limit=self.meter.spent or Limit.TIME)
        return self._result(StopReason.EXHAUSTED)

    async def _expand(self, node: Node) -> Node | None:
        """Try the next candidates of a state, and put it back if there are more. Returns the end of a proof."""
        self.meter.expansions += 1
        proposal = await self._propose(node)
        candidates, retries = self._unseen(node.state, proposal.candidates), list(node.retries)
        if not proposal.candidates:
            most = self.meter.budget.candidates
            candidates, retries = retries[:most], retries[most:]
        self._report(Expanded(node, tuple(candidates), len(self.frontier)))
        if isinstance(self.generator, Prefetching):
            self.generator.prefetch([waiting.state for waiting in self.frontier.best(LOOKAHEAD)], seed=self.seed)
        if proof := await self._try_all(node, candidates, retries):
            return proof
        left = [candidate.logprob + SECOND_TRY for candidate in retries]
        left += [proposal.more] if proposal.more is not None else []
        if left:
            tried = node.tried + len(proposal.candidates)
            self.frontier.put_back(replace(node, tried=tried, retries=tuple(retries)), max(left))
        return None

    async def _try_all(
        self, node: Node, candidates: list[TacticCandidate], retries: list[TacticCandidate]
    ) -> Node | None:
        """Try candidates until one ends a proof that is confirmed. What deserves a second try is added to `retries`."""
        while candidates:
            await self._unless_refuted()
            batch = candidates[:BATCH]
            outcomes = await self._apply(node.state, batch)
            closed = bool(outcomes) and isinstance(outcomes[-1], Closed)
            doubts = [None if closed else await self._doubt(outcome) for outcome in outcomes]
            tried = zip(batch, outcomes, doubts, strict=False)
            children = [self._take_in(node, *each, retries) for each in tried]
            candidates = candidates[len(outcomes) :]
            if closed:
                if await self._confirmed(children[-1].tactics):
                    return children[-1]
            elif any(_settles(node.state, outcome) for outcome in outcomes):
                retries += candidates
                return None
            elif len(outcomes) < len(batch):  # the budget is spent
                self.tally.counts["not_tried"] += len(candidates)
                return None
        return None

    async def _doubt(self, outcome: TacticOutcome) -> str | None:
        """Return for which values a new state is false, if the test finds some; it then waits for all others."""
        if self.goal_test is None or not isinstance(outcome, Advanced) or self.frontier.knows(outcome.state):
            return None
        testing = self.goal_test(self.session, outcome.state, effort_left=self.meter.remaining_effort)
        with self.tally.waiting_for("assistant_s"):
            tested = await unless_cancelled(self.cancel, testing)
        self.meter.effort += tested.effort
        if tested.counterexample is not None:
            self.frontier.last(outcome.state)
        return tested.counterexample

    def _take_in(
        self,
        node: Node,
        candidate: TacticCandidate,
        outcome: TacticOutcome,
        counterexample: str | None,
        retries: list[TacticCandidate],
    ) -> Node:
        """Draw the consequences of an outcome. Returns the node at the end of the longer path."""
        if isinstance(outcome, Advanced | Closed) and outcome.written:
            candidate = replace(candidate, tactic=outcome.written)
        child = node.child(candidate, outcome.state if isinstance(outcome, Advanced) else node.state)
        new = isinstance(outcome, Advanced) and self.frontier.push(child)
        self.tally.add(outcome, depth=child.depth, new=new)
        if retry := self.shares.second_try(candidate, outcome):
            retries.append(retry)
        self._report(Tried(node, candidate, outcome, new, counterexample))
        if isinstance(self.generator, Observant):
            self.generator.observe(node.state, candidate, outcome)
        return child

    async def _propose(self, node: Node) -> Proposal:
        proposing = self.generator.propose(
            [node.state], n=self.meter.budget.candidates, seed=self.seed, tried=node.tried
        )
        with self.tally.waiting_for("policy_s"):
            (proposal,) = await unless_cancelled(self.cancel, proposing)
        return proposal

    async def _apply(self, state: ProofState, candidates: Sequence[TacticCandidate]) -> list[TacticOutcome]:
        applying = self.session.apply(
            state,
            [candidate.tactic for candidate in candidates],
            effort=[self.shares.of(candidate) for candidate in candidates],
            timeout_s=self.meter.budget.tactic_timeout_s,
            deadline_s=self.meter.remaining_s,
            effort_left=self.meter.remaining_effort,
        )
        with self.tally.waiting_for("assistant_s"):
            outcomes = await unless_cancelled(self.cancel, applying)
        self.meter.tactics += len(outcomes)
        for outcome in outcomes:
            self.meter.effort += outcome.effort
        if self.shorten and outcomes and isinstance(closing := outcomes[-1], Closed):
            candidate = candidates[len(outcomes) - 1]
            shorter = self.shorten(state, closing.written or candidate.tactic, self.shares.of(candidate))
            outcomes[-1] = replace(closing, written=await unless_cancelled(self.cancel, shorter))
        return outcomes

    async def _unless_refuted(self) -> None:
        """Ask once, when the search has taken some effort, whether there is anything to prove."""
        if self.refuted is None or self.meter.effort < ALONE:
            return
        asking, self.refuted = self.refuted(), None
        with self.meter.paused():
            if await unless_cancelled(self.cancel, asking):
                raise _StatementRefutedError

    async def _confirmed(self, tactics: tuple[str, ...]) -> bool:
        self._report(Found(tactics))
        if self.confirm is None:
            return True
        with self.meter.paused():
            return await unless_cancelled(self.cancel, self.confirm(tactics))

    def _unseen(self, state: ProofState, candidates: Sequence[TacticCandidate]) -> list[TacticCandidate]:
        """Return the candidates that are new at a state, up to white space, and mark them as tried."""
        tried = self.tried.setdefault(state, set())
        unseen: list[TacticCandidate] = []
        for candidate in candidates:
            tactic = normalise_tactic(candidate.tactic)
            if tactic and tactic not in tried:
                tried.add(tactic)
                unseen.append(replace(candidate, tactic=tactic))
        return unseen

    def _report(self, event: SearchEvent) -> None:
        if self.listener:
            self.listener(event)

    def _result(self, stop: StopReason, proof: Node | None = None, *, limit: Limit | None = None) -> SearchResult:
        return self.tally.result(
            stop, proof, limit=limit, counted=self.session.counts_effort, deterministic=self.generator.reproducible
        )
