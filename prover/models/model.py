"""The interface of a language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


Prompt = str | tuple[Message, ...]
"""Raw text that a base model continues, or a chat to which the server applies the model's template."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How continuations are drawn.

    `beam`: take the `n` best of a token-level beam search; temperature, top_p and seed are then ignored.
    """

    n: int = 32
    temperature: float = 1.0
    top_p: float = 1.0
    max_tokens: int = 256
    stop: tuple[str, ...] = ()
    seed: int = 0
    beam: bool = False


def seed_of_round(seed: int, number: int) -> int:
    """Return the seed of a round of samples, counted from 0, in a run of the given seed: different for every pair.

    With seed + number, the second round of a run would repeat the first round of the next run, and pass@k over runs
    would count the same samples twice.
    """
    return seed + 1_000_003 * number


@dataclass(frozen=True, slots=True)
class Completion:
    """One continuation, without the stop text that ended it.

    `logprob`: nats, summed over its `tokens` tokens including those of the stop; None if the server returns none.
    `finished`: it ended by itself and was not truncated at `max_tokens`.
    """

    text: str
    logprob: float | None
    tokens: int
    finished: bool = True

    @property
    def mean_logprob(self) -> float | None:
        """Log-probability per token (nats), the score in the Llemma paper's search."""
        return None if self.logprob is None else self.logprob / max(1, self.tokens)


@dataclass(slots=True)
class Usage:
    """Total use of a model so far. `seconds`: summed over requests, which may overlap."""

    requests: int = 0
    completions: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    retries: int = 0
    seconds: float = field(default=0.0)

    def as_dict(self) -> dict[str, float]:
        """Return the counts by name."""
        return {name: round(value, 3) for name, value in asdict(self).items()}


class LanguageModel(Protocol):
    """Continues prompts. Calls may run concurrently; cancelling one affects no other."""

    @property
    def identity(self) -> str:
        """The model's name (and revision, if known): part of records and cache keys."""

    @property
    def usage(self) -> Usage:
        """Total use so far."""

    async def identify(self) -> str:
        """Find out which model this is and return its name, which `identity` has from then on.

        Raises:
            LanguageModelError: the model cannot be reached, or is not the requested one.
        """

    async def complete(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        """Return `sampling.n` continuations for each prompt (fewer only if some are equal).

        Raises:
            LanguageModelError: the model cannot be reached, does not exist, or gives an invalid answer.
            ContextOverflowError: a prompt and its answer do not fit into the model's context.
        """

    async def close(self) -> None:
        """Close its connections."""


@runtime_checkable
class HasNotes(Protocol):
    """A model that goes on when its server cannot do all that was asked, and says so."""

    @property
    def notes(self) -> Sequence[str]:
        """What the server cannot do, each once."""


@runtime_checkable
class HasContext(Protocol):
    """A model that knows how long prompt and answer may be together."""

    @property
    def context(self) -> int | None:
        """Tokens; None if unknown."""


def context_of_model(model: LanguageModel) -> int | None:
    """Return how many tokens prompt and answer may have together, if that is known."""
    return model.context if isinstance(model, HasContext) else None


def notes_of_model(model: LanguageModel) -> tuple[str, ...]:
    """Return what a model's server could not do."""
    return tuple(model.notes) if isinstance(model, HasNotes) else ()
