"""A language model that says what a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from prover.errors import LanguageModelError
from prover.models.model import Completion, Prompt, Sampling, Usage

Speech = Callable[[Prompt, Sampling], list[Completion]]


def says(*answers: str | tuple[str, float]) -> Speech:
    """The same answers to everything; each with its log-probability, of two tokens."""

    def speak(prompt: Prompt, sampling: Sampling) -> list[Completion]:
        given = [answer if isinstance(answer, tuple) else (answer, -1.0) for answer in answers]
        return [Completion(text, logprob, 2) for text, logprob in given][: sampling.n]

    return speak


def fails(prompt: Prompt, sampling: Sampling) -> list[Completion]:
    raise LanguageModelError("the model is down")


class SpeakingModel:
    def __init__(self, speech: Speech, *, delay_s: float = 0.0) -> None:
        self.identity = "speaking"
        self.usage = Usage()
        self.asked: list[tuple[Prompt, Sampling]] = []
        self.cancelled = self.at_work = self.most_at_once = 0
        self._speech = speech
        self._delay_s = delay_s

    async def identify(self) -> str:
        return self.identity

    async def complete(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        self.asked += [(prompt, sampling) for prompt in prompts]
        self.at_work += 1
        self.most_at_once = max(self.most_at_once, self.at_work)
        try:
            await asyncio.sleep(self._delay_s)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.at_work -= 1
        return [self._speech(prompt, sampling) for prompt in prompts]

    async def close(self) -> None:
        pass
