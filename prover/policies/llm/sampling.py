"""How the policies ask a language model: how they sample, and what they do about prompts that are too long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prover.errors import ContextOverflowError, PromptTooLongError
from prover.models.model import Completion, LanguageModel, Prompt, Sampling
from prover.policies.llm.prompts.prompt import PromptFormat, Query, characters

SHORTER = 0.75
"""Factor by which a prompt that overflows the model's context is shortened, again and again until it fits."""


@dataclass(frozen=True, slots=True)
class LlmOptions:
    """How a model is asked.

    `samples`: continuations drawn for a state at once; `batches`: how often that may be done; `temperature`: None takes
    the format's; `normalised`: score a tactic by its log-probability a token (as the Llemma paper does) instead of by
    the sum; `beam`: token-level beam search instead of sampling.
    """

    samples: int = 32
    batches: int = 1
    temperature: float | None = None
    max_tokens: int | None = None
    normalised: bool = True
    beam: bool = False

    def temperature_for(self, prompt_format: PromptFormat) -> float:
        """Return the temperature that was chosen, else the format's."""
        return prompt_format.temperature if self.temperature is None else self.temperature

    def sampling(self, prompt_format: PromptFormat, *, seed: int) -> Sampling:
        """Return how answers to prompts of that format are drawn. Greedy decoding gives one."""
        temperature = self.temperature_for(prompt_format)
        return Sampling(
            n=1 if temperature == 0 and not self.beam else self.samples,
            temperature=temperature,
            top_p=prompt_format.top_p,
            max_tokens=self.max_tokens or prompt_format.max_tokens,
            stop=prompt_format.stop,
            seed=seed,
            beam=self.beam,
        )


async def sample(
    model: LanguageModel, prompt_format: PromptFormat, query: Query, options: LlmOptions, *, seed: int
) -> list[Completion]:
    """Return the model's answers to a query, shortened as far as it must be; none if it is too long even so.

    Raises:
        LanguageModelError: the model cannot be reached, does not exist, or answers nonsense.
    """
    return await complete_first_that_fits(
        model, shorter_and_shorter(prompt_format, query), options.sampling(prompt_format, seed=seed)
    )


async def complete_first_that_fits(
    model: LanguageModel, prompts: Iterable[Prompt], sampling: Sampling
) -> list[Completion]:
    """Return the completions of the first prompt that fits into the model's context; none if no prompt does.

    Raises:
        LanguageModelError: the model cannot be reached, does not exist, or answers nonsense.
    """
    for prompt in prompts:
        try:
            (completions,) = await model.complete([prompt], sampling)
        except ContextOverflowError:
            continue
        return completions
    return []


def shorter_and_shorter(prompt_format: PromptFormat, query: Query) -> Iterator[Prompt]:
    """Yield the prompt for a query, then shorter ones, as long as the format can leave something out."""
    limit: int | None = None
    while True:
        try:
            prompt = prompt_format.render(query, limit=limit)
        except PromptTooLongError:
            return
        yield prompt
        limit = int(characters(prompt) * SHORTER)
