"""From an accepted proof to a shorter one that is accepted as well."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable

from prover.core.record import Shortening, Verification
from prover.environments.environment import ProofEnvironment, ProofSession
from prover.errors import ProofEnvironmentError
from prover.proving.shortening.answers import answers
from prover.proving.shortening.layout import laid_out
from prover.proving.shortening.shorter import Shortener
from prover.proving.shortening.steps import steps
from prover.proving.shortening.trials import KnownOutcomes, Trials
from prover.search.cancelling import SearchCancelledError, unless_cancelled

logger = logging.getLogger(__name__)

EFFORT = 2.0
"""Units that may be spent on a shorter proof, where nobody says otherwise."""

LEAST_EFFORT = 1.0
"""May be spent even if the search took less; verifying the proof once more takes about as long."""

Verify = Callable[[tuple[str, ...]], Awaitable[Verification]]


def effort_for(search_effort: float, most: float = EFFORT) -> float:
    """Return what may be spent on a shorter proof: as much as finding it took, within bounds."""
    return min(most, max(search_effort, LEAST_EFFORT))


def shortens(environment: ProofEnvironment) -> bool:
    """Are proofs made shorter? With the embedded Lean, where what that takes is counted and has been measured."""
    return environment.identity.startswith("lean4@") and environment.identity.endswith("+core.wasm32")


async def shortened(
    tactics: tuple[str, ...],
    accepted: Verification,
    verify: Verify,
    session: ProofSession,
    known: KnownOutcomes,
    *,
    effort: float,
    timeout_s: float,
    cancel: asyncio.Event | None = None,
) -> tuple[Verification, Shortening]:
    """Return the verification of a shorter proof, or the one given if there is none, and what was done for it.

    `known`: what the search has tried; `effort`: what may be spent beyond that; `timeout_s`: for one tactic. Whatever
    fails here, the accepted proof stands.
    """
    started = time.monotonic()
    trials = Trials(session, known, effort=effort, timeout_s=timeout_s, cancel=cancel)
    verification, kept, by_clock = accepted, tactics, False
    try:
        for candidate in await _candidates(tactics, accepted, trials):
            verdict = await unless_cancelled(cancel, verify(candidate))
            by_clock = by_clock or verdict.timed_out
            if verdict.accepted and set(verdict.axioms) <= set(accepted.axioms):  # short, but from no more than before
                verification, kept = verdict, candidate
                break
            logger.info(
                "a shorter proof is not taken: %s: %s", "; ".join(candidate)[:1000], verdict.reason or verdict.axioms
            )
    except (ProofEnvironmentError, SearchCancelledError) as error:
        logger.info("the proof stays as it was found: %r", error)
        by_clock = True
    return verification, Shortening(
        tactics=kept,
        longer=accepted.source if verification is not accepted else None,
        effort=round(trials.spent, 6),
        elapsed_s=time.monotonic() - started,
        by_clock=by_clock or trials.by_clock,
    )


async def _candidates(tactics: tuple[str, ...], accepted: Verification, trials: Trials) -> list[tuple[str, ...]]:
    """Return what may stand in place of a proof, the best first."""
    initial = trials.session.initial
    found = await trials.prove(initial, steps(tactics), most=math.inf)
    found = found or await trials.prove(initial, tactics, most=math.inf)
    if found is None:
        return []
    proof = await Shortener(trials, answers(accepted.messages)).shorter(found)
    texts = dict.fromkeys([laid_out(proof), proof.tactics, laid_out(found)])
    return [text for text in texts if "\n".join(text) != "\n".join(tactics)]
