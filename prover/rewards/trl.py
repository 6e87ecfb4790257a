"""A reward function for TRL: a plain function of lists."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from types import TracebackType
from typing import Any, Self

from prover.rewards.verifier import ProofRewards

Messages = Sequence[dict[str, str]]


class TrlReward:
    """A reward function for TRL's GRPOTrainer and its like: `reward_funcs=[reward]`.

    The data set has a column `theorem`. The verifier keeps its processes between batches, so it runs on an event loop
    of its own, which ends with the context. An unknown reward is None, which TRL leaves out.
    """

    __name__ = "proof_verified"  # TRL logs it by this name

    def __init__(self, open_rewards: Callable[[], ProofRewards]) -> None:
        """`open_rewards` is called on the loop that the verifier will live on."""
        self._open = open_rewards
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="rewards", daemon=True)
        self._rewards: ProofRewards | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._rewards = self._await(self._opened())
        return self

    def __call__(
        self,
        prompts: Sequence[str | Messages],
        completions: Sequence[str | Messages],
        *,
        theorem: Sequence[str],
        **_: Any,
    ) -> list[float | None]:
        """Return a reward for each completion."""
        if self._rewards is None:
            raise RuntimeError("use it as a context: with TrlReward(...) as reward")
        texts = map(_text, completions)
        return [reward.value for reward in self._await(self._rewards.score(theorem, list(texts)))]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._rewards is not None:
            self._await(self._rewards.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _opened(self) -> ProofRewards:
        return self._open()

    def _await(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _text(completion: str | Messages) -> str:
    """Return what a model wrote; nothing for an answer that only calls tools."""
    if isinstance(completion, str):
        return completion
    return (completion[-1].get("content") or "") if completion else ""
