"""Wall time with a request at the model, with Lean at work, and with neither."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from prover.core.proof_state import ProofState, TacticOutcome
from prover.core.record import Verification
from prover.core.theorem import Theorem
from prover.environments.environment import OPEN_TIMEOUT_S, ProofEnvironment, ProofSession
from prover.environments.wrapping import WrappingEnvironment, WrappingSession
from prover.models.model import Completion, LanguageModel, Prompt, Sampling
from prover.models.wrapping import WrappedModel


@dataclass(slots=True)
class Occupancy:
    """Seconds with `model`, `lean`, `both` or `neither` at work."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(("model", "lean", "both", "neither"), 0.0))
    _at_work: dict[str, int] = field(default_factory=lambda: {"model": 0, "lean": 0})
    _since: float = field(default_factory=time.monotonic)

    @contextmanager
    def at(self, who: str) -> Iterator[None]:
        """Count the time inside as work of `who`."""
        self._turn()
        self._at_work[who] += 1
        try:
            yield
        finally:
            self._turn()
            self._at_work[who] -= 1

    def shares(self) -> dict[str, float]:
        """Return the shares of wall time with the model at work, with Lean, with neither."""
        self._turn()
        total = sum(self.seconds.values())
        return {
            "model": (self.seconds["model"] + self.seconds["both"]) / total,
            "lean": (self.seconds["lean"] + self.seconds["both"]) / total,
            "neither": self.seconds["neither"] / total,
        }

    def _turn(self) -> None:
        now = time.monotonic()
        model, lean = (self._at_work[who] > 0 for who in ("model", "lean"))
        name = "both" if model and lean else "model" if model else "lean" if lean else "neither"
        self.seconds[name] += now - self._since
        self._since = now


class WatchedModel(WrappedModel):
    """A model whose time is counted."""

    def __init__(self, model: LanguageModel, occupancy: Occupancy) -> None:
        super().__init__(model)
        self._occupancy = occupancy
        self.calls = 0

    async def complete(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        self.calls += 1
        with self._occupancy.at("model"):
            return await self._model.complete(prompts, sampling)


class WatchedEnvironment(WrappingEnvironment):
    """An environment whose time is counted: starting, trying, verifying."""

    def __init__(self, environment: ProofEnvironment, occupancy: Occupancy) -> None:
        super().__init__(environment)
        self._occupancy = occupancy

    @asynccontextmanager
    async def open(self, theorem: Theorem, *, timeout_s: float = OPEN_TIMEOUT_S) -> AsyncIterator[ProofSession]:
        context = super().open(theorem, timeout_s=timeout_s)
        with self._occupancy.at("lean"):
            session = await context.__aenter__()
        try:
            yield WatchedSession(session, self._occupancy)
        finally:
            await context.__aexit__(None, None, None)

    async def check(self, theorem: Theorem, tactics: Sequence[str], *, timeout_s: float) -> Verification:
        with self._occupancy.at("lean"):
            return await super().check(theorem, tactics, timeout_s=timeout_s)

    async def check_source(self, source: Theorem, *, against: Theorem | None, timeout_s: float) -> Verification:
        with self._occupancy.at("lean"):
            return await super().check_source(source, against=against, timeout_s=timeout_s)


class WatchedSession(WrappingSession):
    """A session whose time is counted."""

    def __init__(self, session: ProofSession, occupancy: Occupancy) -> None:
        super().__init__(session)
        self._occupancy = occupancy

    async def apply(self, state: ProofState, tactics: Sequence[str], **limits: Any) -> list[TacticOutcome]:
        with self._occupancy.at("lean"):
            return await super().apply(state, tactics, **limits)
