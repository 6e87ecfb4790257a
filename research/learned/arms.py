"""Each way of choosing tactics on one theorem, with the same outcomes and a clock of Lean's own seconds."""

from __future__ import annotations

import hashlib
import math
import random
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from prover.assembly.policies import open_policy
from prover.bench.problem_sets import Problem
from prover.core.budget import BudgetMeter, SearchBudget
from prover.core.proof_state import Closed, ProofState, TacticOutcome, TimedOut
from prover.data.mining.outcomes import introduced
from prover.environments.cached import CachedEnvironment
from prover.environments.environment import OpenedTheorem, ProofEnvironment, ProofSession
from prover.errors import InvalidTheoremError
from prover.policies.automation.closers import AUTOMATION, CLOSED, ClosersPolicy
from prover.policies.generator import TacticGenerator, TheoremAware
from prover.policies.premises.retrieval import PremiseSource
from prover.proving.shortening.last_tactic import shorten_in
from prover.proving.verify import verify
from prover.search.best_first import best_first_search
from prover.settings import ModelSettings, Settings
from prover.storage.cache import MemoryCache
from research.policy import TURNS, llama_policy

ONE_LINER_S = 3.0


@dataclass(frozen=True, slots=True)
class Arm:
    """A policy by its name in the tables; `turns`: how it takes turns with the model, if not as usual."""

    name: str
    policy: str
    folder: str
    turns: str | None

    @classmethod
    def of(cls, spec: str) -> Arm:
        """Read one: `closers`, `base=small:runs/base`, `early=small:runs/base@closers:8,model:32,closers:10000`."""
        name, named, rest = spec.rpartition("=")
        policy, _, place = rest.partition(":")
        folder, _, turns = place.partition("@")
        if policy not in {"closers", "ranked", "model", "small"} or (policy in {"ranked", "model"}) > bool(folder):
            raise click.BadParameter(
                f"{rest!r} is no arm: closers, ranked:FOLDER, model:FOLDER, small[:FOLDER][@TURNS]"
            )
        return cls(name if named else rest, policy, folder, turns or None)

    @asynccontextmanager
    async def open(self, library: PremiseSource) -> AsyncIterator[TacticGenerator]:
        """Give the policy. Raises what `llama_policy` and `open_policy` raise."""
        if self.policy in {"model", "small"} and self.folder:
            turns = None if self.policy == "model" else self.turns or TURNS
            async with llama_policy(Path(self.folder), library, turns=turns) as policy:
                yield policy
            return
        url = "none" if self.policy == "closers" else f"small:{self.folder}" if self.folder else "small"
        settings = Settings(model=ModelSettings(url=url))
        name = None if self.policy == "small" else self.policy
        async with open_policy(name, settings, cache=MemoryCache(), library=library) as policy:
            yield policy


class ClockedSession:
    """A session that adds up the seconds which Lean says that tactics took, from the cache or not.

    Of a tactic that had to be stopped by force Lean says nothing: it counts with its limit.
    """

    def __init__(self, session: ProofSession) -> None:
        self._session = session
        self.seconds = 0.0

    @property
    def theorem(self) -> OpenedTheorem:
        return self._session.theorem

    @property
    def initial(self) -> ProofState:
        return self._session.initial

    def release(self, states: Any) -> None:
        """States are kept: another arm comes to them."""

    @property
    def counts_effort(self) -> bool:
        return self._session.counts_effort

    async def apply(
        self,
        state: ProofState,
        tactics: Sequence[str],
        *,
        timeout_s: float,
        effort: float | Sequence[float] = math.inf,
        deadline_s: float = math.inf,
        effort_left: float = math.inf,
    ) -> list[TacticOutcome]:
        outcomes = await self._session.apply(
            state, tactics, timeout_s=timeout_s, effort=effort, deadline_s=deadline_s, effort_left=effort_left
        )
        for outcome in outcomes:
            by_force = isinstance(outcome, TimedOut) and not outcome.elapsed_s
            self.seconds += min(outcome.effort, deadline_s) if by_force else outcome.elapsed_s
        return outcomes


async def compare(
    problem: Problem, lean: ProofEnvironment, arms: Mapping[str, TacticGenerator], budget: SearchBudget, seed: int
) -> dict[str, Any]:
    """Return the line of results: for each arm when it was proved (Lean seconds, expansions), or what it spent.

    Theorems that one of Lean's own tactics proves, behind the introductions or (`decide`) before, are left out:
    `one_liner`. What a tactic did and how long it took is asked of Lean once; all arms see the same. The order of the
    arms is random.
    """
    first: dict[str, Any] = {"problem": problem.name, "split": problem.split, "error": None}
    own = CachedEnvironment(lean, MemoryCache())
    order = list(arms)
    random.Random(hashlib.sha256(problem.name.encode()).hexdigest()).shuffle(order)
    verdicts: dict[tuple[str, ...], bool] = {}
    found: dict[str, Any] = {}
    try:
        theorem = await lean.forbidding(problem.theorem())
        async with own.open(theorem) as session:
            if one := await _one_liner(session):
                return {**first, "one_liner": one}

            async def confirm(tactics: tuple[str, ...]) -> bool:
                if tactics not in verdicts:
                    verdicts[tactics] = (await verify(theorem, tactics, lean, timeout_s=30)).accepted
                return verdicts[tactics]

            for name in order:
                clocked = ClockedSession(session)
                generator = arms[name]
                meter = BudgetMeter(budget, clock=lambda clocked=clocked: clocked.seconds)  # type: ignore[misc]
                began = time.monotonic()
                aware = (
                    generator.for_theorem(theorem) if isinstance(generator, TheoremAware) else nullcontext(generator)
                )
                async with aware as policy:
                    shorten = shorten_in(clocked, timeout_s=budget.tactic_timeout_s)
                    result = await best_first_search(
                        clocked, policy, meter, seed=seed, confirm=confirm, shorten=shorten
                    )
                found[name] = {
                    "proved": result.tactics is not None,
                    "lean_s": round(clocked.seconds, 4),
                    "expansions": result.statistics.expansions,
                    "tactics": result.statistics.tactics,
                    "wall_s": round(time.monotonic() - began, 3),
                    "proof": result.tactics,
                    "sources": result.sources,
                }
    except InvalidTheoremError as error:
        return {**first, "error": f"statement: {error.reason}"[:200]}
    return {**first, "one_liner": None, "arms": found, "order": order}


async def _one_liner(session: ProofSession) -> str | None:
    """Return the first of Lean's own tactics that proves the theorem."""
    state = await introduced(session, ClosersPolicy())
    automation = [tactic for tactic, _ in AUTOMATION]
    decisions = [tactic for tactic, _ in CLOSED]
    for at, tactics in ((state, automation), (session.initial, decisions if state != session.initial else [])):
        if tactics:
            outcomes = await session.apply(at, tactics, timeout_s=ONE_LINER_S)
            if isinstance(outcomes[-1], Closed):
                return tactics[len(outcomes) - 1]
    return None
