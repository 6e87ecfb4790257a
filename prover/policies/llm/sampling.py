"""How the policies ask a language model: sampling, prompts that are too long, and what came back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from prover.core.plurals import counted
from prover.errors import ContextOverflowError, PromptTooLongError
from prover.models.abilities import UNSCORED
from prover.models.model import Completion, LanguageModel, Prompt, Sampling
from prover.policies.llm.prompts.prompt import PromptFormat, Query, characters

SHORTER = 0.75
"""Factor by which a prompt that overflows the model's context is shortened, again and again until it fits."""
MANY = 0.5
"""Share of answers that are of no use from which on it is said."""
TELLING = 3
"""Times that all samples must be alike before that is said: of one state a model may be sure."""
_GIVES_UP = re.compile(r"\b(?:sorry|admit)\b")


@dataclass(frozen=True, slots=True)
class LlmOptions:
    """How a model is asked.

    `samples`: continuations drawn for a state at once; `batches`: how often that may be done; `corrections`: how many
    are drawn for each proof that failed; `temperature`: None takes the format's; `normalised`: score a tactic by its
    log-probability a token (as the Llemma paper does) instead of by the sum; `beam`: token-level beam search instead
    of sampling; `words`: digest of the file whose words the prompt has; `notes`: what was assumed about the model.
    """

    samples: int = 32
    batches: int = 1
    corrections: int = 2
    temperature: float | None = None
    max_tokens: int | None = None
    normalised: bool = True
    beam: bool = False
    words: str = ""
    notes: tuple[str, ...] = ()

    def temperature_for(self, prompt_format: PromptFormat) -> float:
        """Return the temperature that was chosen, else the format's."""
        return prompt_format.temperature if self.temperature is None else self.temperature

    def prompt_identity(self, prompt_format: PromptFormat) -> str:
        """Return the format's name, and whose words it has if they are not those that ship."""
        return f"{prompt_format.name}@{self.words}" if self.words else prompt_format.name

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


@dataclass(slots=True)
class Heard:
    """What came back from a model in one search: answers, why some were of no use, prompts that did not fit."""

    answers: int = 0
    shortened: int = 0
    useless: Counter[str] = field(default_factory=Counter)
    too_long: int = 0
    why_too_long: str = ""
    refused: bool = False
    unscored: bool = False
    batches: int = 0
    alike: int = 0

    def read(self, completion: Completion, found: str | None, *, whole_proof: bool) -> str | None:
        """Count an answer out of which `found` was read, and return what can be used of it.

        A tactic that was cut off is none; of a whole proof the block may be complete.
        """
        self.answers += 1
        if found and (completion.finished or whole_proof):
            return found
        self.useless[_why_useless(completion)] += 1
        return None

    def drawn(self, completions: Sequence[Completion], sampling: Sampling) -> None:
        """Count answers that were drawn at once, and whether they differ."""
        if len(completions) > 1 and sampling.temperature > 0 and not sampling.beam:
            self.batches += 1
            self.alike += len({completion.text for completion in completions}) == 1

    def check_that_something_fits(self) -> None:
        """Raise PromptTooLongError if every prompt was too long so far."""
        if self.too_long and not self.answers:
            self.refused = True
            raise PromptTooLongError(f"the model cannot be asked about this theorem: {self.why_too_long}")

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the record should know."""
        notes: list[str] = []
        if self.too_long and not self.refused:
            notes.append(
                f"{counted(self.too_long, 'state')} could not be put to the model, however short: {self.why_too_long}"
            )
        if self.unscored:
            notes.append(UNSCORED)
        if self.batches >= TELLING and self.alike == self.batches:
            notes.append("samples were always alike: the server may take no temperature")
        if self.shortened:
            notes.append(f"{counted(self.shortened, 'prompt')} had to be shortened to fit into the model's context")
        lost = self.useless.total()
        if lost and lost >= MANY * self.answers:
            why = ", ".join(f"{many} {word}" for word, many in self.useless.most_common())
            notes.append(f"{lost} of {counted(self.answers, 'answer')} of the model were of no use: {why}")
        return tuple(notes)


def _why_useless(completion: Completion) -> str:
    if not completion.finished:
        return "cut off"
    if not completion.text.strip():
        return "empty"
    return "gave up (sorry)" if _GIVES_UP.search(completion.text) else "could not be read"


async def sample(
    model: LanguageModel,
    prompt_format: PromptFormat,
    query: Query,
    options: LlmOptions,
    *,
    seed: int,
    heard: Heard | None = None,
) -> list[Completion]:
    """Return the model's answers to a query, shortened as far as it must be; none if it is too long even so.

    Raises:
        LanguageModelError: the model cannot be reached, does not exist, or answers nonsense.
    """
    sampling = options.sampling(prompt_format, seed=seed)
    return await complete_first_that_fits(model, shorter_and_shorter(prompt_format, query), sampling, heard=heard)


async def complete_first_that_fits(
    model: LanguageModel, prompts: Iterable[Prompt], sampling: Sampling, *, heard: Heard | None = None
) -> list[Completion]:
    """Return the completions of the first prompt that fits into the model's context; none if no prompt does.

    Raises:
        LanguageModelError: the model cannot be reached, does not exist, or answers nonsense.
    """
    why = "the prompt is longer than its format allows"
    for number, prompt in enumerate(prompts):
        try:
            (completions,) = await model.complete([prompt], sampling)
        except ContextOverflowError as error:
            why = str(error)
            continue
        if heard:
            heard.shortened += number > 0
            heard.drawn(completions, sampling)
        return completions
    if heard:
        heard.too_long += 1
        heard.why_too_long = why
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
