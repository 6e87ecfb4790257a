"""Best-first search over proof states.

The most probable path is extended first, as in the Llemma paper (section 3.3) and GPT-f: priority is the sum of
the log-probabilities of a path's tactics. An expansion tries only so many candidates. A policy that has more of them
gets its state back into the frontier, ranked by what is left: so a long list never keeps the search at one state, and
a dear source of candidates is asked only where the cheap ones failed.

A tactic that nobody has set a limit for (a model's) first gets a share of the time that one tactic may take. If that
is too little, its state comes back for it, ranked below by the logarithm of how much dearer the second try is. A model
that likes `decide` on large numbers would otherwise spend the theorem's time on a handful of tactics.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, TypeVar, assert_never

from prover.budget import BudgetMeter
from prover.environments.environment import ProofSession
from prover.policy.generator import Foresighted, Observant, TacticCandidate, TacticGenerator
from prover.proof_state import Advanced, Closed, GaveUp, ProofState, Rejected, TimedOut, normalise_tactic
from prover.record import SearchResult, SearchStatistics, StopReason
from prover.search.events import EventListener, Expanded, Found, SearchEvent, Tried
from prover.search.frontier import Frontier, Node

T = TypeVar("T")
LOOKAHEAD = 2
"""So many waiting states are announced to a policy that can work ahead."""

FIRST_SHARE = 0.2
"""Of the time that a tactic may take, what it gets at first."""

SECOND_TRY = math.log(FIRST_SHARE)
"""Added to the log-probability (nats) of a tactic that is to be tried again with all of its time."""

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

    `confirm` is asked about each found proof (normally: verification); the search goes on after a no. Its time
    does not count. A proof found by the very last permitted step counts.
    """
    frontier = Frontier(length_penalty)
    frontier.push(Node(session.initial))
    tried: dict[ProofState, set[str]] = {}
    counts: Counter[str] = Counter()
    waited: dict[str, float] = {"policy_s": 0.0, "assistant_s": 0.0}
    depth = 0

    def report(event: SearchEvent) -> None:
        if listener:
            listener(event)

    def result(stop: StopReason, node: Node | None = None) -> SearchResult:
        statistics = SearchStatistics(
            expansions=meter.expansions,
            tactics=meter.tactics,
            depth=depth,
            elapsed_s=meter.elapsed_s,
            **waited,
            **counts,
        )
        return SearchResult(
            stop=stop,
            tactics=node and node.tactics,
            sources=node.sources if node else (),
            statistics=statistics,
        )

    try:
        while frontier:
            if meter.spent:
                return result(StopReason.BUDGET_SPENT)
            node = frontier.pop()
            meter.expansions += 1
            (proposal,) = await _unless(
                cancel,
                _timed(
                    meter.clock,
                    waited,
                    "policy_s",
                    generator.propose([node.state], n=meter.budget.candidates, seed=seed, tried=node.tried),
                ),
            )
            candidates = _new(proposal.candidates, tried.setdefault(node.state, set()))
            late: list[TacticCandidate] = list(node.late)
            if not proposal.candidates:
                candidates, late = late[: meter.budget.candidates], late[meter.budget.candidates :]
            report(Expanded(node, tuple(candidates), len(frontier)))
            if isinstance(generator, Foresighted):
                generator.expect([waiting.state for waiting in frontier.best(LOOKAHEAD)], seed=seed)
            while candidates:  # more than once only if a found proof was refused
                limits = [_limit(candidate, meter) for candidate in candidates]
                outcomes = await _unless(
                    cancel,
                    _timed(
                        meter.clock,
                        waited,
                        "assistant_s",
                        session.apply(
                            node.state,
                            [candidate.tactic for candidate in candidates],
                            timeout_s=limits,
                            deadline_s=meter.remaining_s,
                        ),
                    ),
                )
                meter.tactics += len(outcomes)
                found: Node | None = None
                for proposed, limit_s, outcome in zip(candidates, limits, outcomes, strict=False):
                    written = outcome.written if isinstance(outcome, Advanced | Closed) else None
                    candidate = replace(proposed, tactic=written) if written else proposed
                    if isinstance(outcome, Closed):
                        shorter = _shortest(session, node.state, candidate.tactic, limit_s)
                        candidate = replace(candidate, tactic=await _unless(cancel, shorter))
                    child = (*node.tactics, candidate.tactic), (*node.sources, candidate.source)
                    depth = max(depth, len(child[0]))
                    new = False
                    match outcome:
                        case Advanced(state):
                            new = frontier.push(Node(state, *child, node.logprob + candidate.logprob))
                            counts["advanced"] += 1
                            counts["seen_again"] += not new
                        case Closed():
                            found = Node(node.state, *child, node.logprob + candidate.logprob)
                        case Rejected():
                            counts["rejected"] += 1
                        case GaveUp():
                            counts["gave_up"] += 1
                        case TimedOut():
                            counts["timed_out"] += 1
                            if proposed.timeout_s == math.inf and not 0 < outcome.elapsed_s < limit_s:
                                late.append(replace(proposed, timeout_s=meter.budget.tactic_timeout_s))
                        case _:
                            assert_never(outcome)
                    report(Tried(node, candidate, outcome, new))
                    if isinstance(generator, Observant):
                        generator.observe(node.state, candidate, outcome)
                if found is None:
                    break
                report(Found(found.tactics))
                if confirm is None or await _unless(cancel, _paused(meter, confirm(found.tactics))):
                    return result(StopReason.FOUND, found)
                candidates = candidates[len(outcomes) :]
            waiting = [candidate.logprob + SECOND_TRY for candidate in late]
            waiting += [proposal.more] if proposal.more is not None else []
            if waiting:
                again = replace(node, tried=node.tried + len(proposal.candidates), late=tuple(late))
                frontier.put_back(again, max(waiting))
            session.release([node.state])
        # Candidates that found no time left were not really tried.
        return result(StopReason.EXHAUSTED if meter.remaining_s > 0 else StopReason.BUDGET_SPENT)
    except _CancelledSearchError:
        return result(StopReason.CANCELLED)


def _limit(candidate: TacticCandidate, meter: BudgetMeter) -> float:
    """Return the seconds that a candidate gets: its own limit, or at first a share of what a tactic may take."""
    most_s = meter.budget.tactic_timeout_s
    own_s = candidate.timeout_s if candidate.timeout_s < math.inf else FIRST_SHARE * most_s
    return min(own_s, most_s, max(0.001, meter.remaining_s))


async def _shortest(session: ProofSession, state: ProofState, tactic: str, timeout_s: float) -> str:
    """Return a tactic that closes the goal without what stands behind a `<;>` in vain."""
    parts = tactic.split(" <;> ")
    shorter = [" <;> ".join(parts[:n]) for n in range(1, len(parts))]
    outcomes = await session.apply(state, shorter, timeout_s=timeout_s) if shorter else []
    return shorter[len(outcomes) - 1] if outcomes and isinstance(outcomes[-1], Closed) else tactic


def _new(candidates: Sequence[TacticCandidate], tried: set[str]) -> list[TacticCandidate]:
    """Drop what was tried before, up to white space; the rest counts as tried from now on."""
    new: list[TacticCandidate] = []
    for candidate in candidates:
        tactic = normalise_tactic(candidate.tactic)
        if tactic and tactic not in tried:
            tried.add(tactic)
            new.append(replace(candidate, tactic=tactic))
    return new


class _CancelledSearchError(Exception):
    """The caller's `cancel` event was set."""


async def _unless(cancel: asyncio.Event | None, work: Coroutine[Any, Any, T]) -> T:
    """Await `work`, but stop it at once when `cancel` is set."""
    if cancel is None:
        return await work
    task = asyncio.ensure_future(work)
    waiter = asyncio.ensure_future(cancel.wait())
    try:
        await asyncio.wait({task, waiter}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise _CancelledSearchError
    finally:
        for pending in (task, waiter):
            pending.cancel()
        await asyncio.gather(task, waiter, return_exceptions=True)


async def _timed(clock: Callable[[], float], waited: dict[str, float], name: str, work: Awaitable[T]) -> T:
    """Await `work`, and add the seconds to what was waited for `name`."""
    before = clock()
    try:
        return await work
    finally:
        waited[name] += clock() - before


async def _paused(meter: BudgetMeter, work: Awaitable[T]) -> T:
    """Await `work` without its time counting."""
    before = meter.clock()
    try:
        return await work
    finally:
        meter.started += meter.clock() - before
