"""The policies of a service: opened on first use, and again when a model is back that they were opened without."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from prover.core.proof_state import ProofState
from prover.core.theorem import Theorem
from prover.errors import LanguageModelError, ModelUnavailableError
from prover.policies.generator import Proposal, TacticGenerator, for_theorem
from prover.storage.ending import end_tasks

logger = logging.getLogger(__name__)

Opening = Callable[..., AbstractAsyncContextManager[TacticGenerator]]
"""Opens the policy of a name; `left_out` is told if that has to do without its model."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 60.0
"""How long a model that does not answer is left alone before it is asked again: doubled each time."""


class Policies:
    """Policies by name, shared by all jobs of a worker, or all requests of an API.

    A model that is away when a mixture is opened is left out of it, and asked for in the background: jobs go on at
    once, and those that start after it is back have it. A policy that cannot do without it is refused at once until
    then, so that jobs that wait for the model keep no others waiting.
    """

    def __init__(
        self, opening: Opening, model_answers: Callable[[], Awaitable[bool]], *, pause_s: float = FIRST_PAUSE_S
    ) -> None:
        self._opening = opening
        self._model_answers = model_answers
        self._pause_s = pause_s
        self._stack = AsyncExitStack()
        self._open: dict[str | None, TacticGenerator] = {}
        self._without: set[str | None] = set()
        self._refused: dict[str | None, ModelUnavailableError] = {}
        self._locks: dict[str | None, asyncio.Lock] = {}
        self._asking: asyncio.Task[None] | None = None

    async def get(self, name: str | None) -> TacticGenerator:
        """Return the policy of that name.

        Raises:
            InvalidPolicyError: there is no such policy.
            LanguageModelError: it needs a model that cannot be used.
        """
        if name is not None and name.startswith("scripted:"):  # there may be any number, and none holds resources
            async with self._opening(name) as policy:
                return policy
        # Many jobs wait for a model that does not answer, but only once, and not for another policy's.
        async with self._locks.setdefault(name, asyncio.Lock()):
            if name in self._refused:
                raise ModelUnavailableError(str(self._refused[name]))
            if name not in self._open:
                self._open[name] = await self._opened(name)
            return self._open[name]

    async def close(self) -> None:
        """Close all policies."""
        if self._asking is not None:
            await end_tasks(self._asking)
        await self._stack.aclose()

    async def _opened(self, name: str | None) -> TacticGenerator:
        reasons: list[LanguageModelError] = []
        async with AsyncExitStack() as stack:
            try:
                policy = await stack.enter_async_context(self._opening(name, left_out=reasons.append))
            except ModelUnavailableError as error:
                self._refused[name] = error
                self._ask_again()
                raise
            if reasons:  # it holds nothing of the model's: closed here, it still works
                logger.warning("jobs go on without the model: %s", reasons[0])
                self._without.add(name)
                self._ask_again()
            else:
                self._stack.push_async_exit(stack.pop_all())
        return policy

    def _ask_again(self) -> None:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())

    async def _ask(self) -> None:
        """Wait until the model answers, then forget what there was without it."""
        pause_s = self._pause_s
        while True:
            await asyncio.sleep(pause_s)
            if await self._model_answers():
                break
            pause_s = min(LONGEST_PAUSE_S, 2 * pause_s)
        logger.info("the model answers: jobs from now on have it")
        for name in self._without:
            self._open.pop(name, None)
        self._without.clear()
        self._refused.clear()


class DefaultPolicy:
    """The policy without a name, as it is when a theorem comes: nothing waits for its model before."""

    reproducible = False

    def __init__(self, policies: Policies) -> None:
        self._policies = policies

    @property
    def identity(self) -> str:
        """Which one it is, only a theorem says."""
        return "default"

    @asynccontextmanager
    async def for_theorem(self, theorem: Theorem) -> AsyncIterator[TacticGenerator]:
        """Give what it is now, for this theorem."""
        async with for_theorem(await self._policies.get(None), theorem) as policy:
            yield policy

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        """Ask what it is now."""
        policy = await self._policies.get(None)
        return await policy.propose(states, n=n, seed=seed, tried=tried)
