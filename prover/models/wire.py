"""The answers of an OpenAI-compatible server, as far as they are read.

Source: vLLM's OpenAI-compatible server (`/v1/completions`, `/v1/chat/completions`, `/v1/models`).
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, Field

from prover.models.model import Completion


class Wire(BaseModel):
    """Unknown members are ignored, since servers differ in them."""


class TokenUsage(Wire):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class TextLogprobs(Wire):
    token_logprobs: list[float | None] = Field(default_factory=list)
    top_logprobs: list[dict[str, float] | None] | None = None


class TextChoice(Wire):
    index: int
    text: str
    finish_reason: str | None = None
    logprobs: TextLogprobs | None = None

    def completion(self) -> Completion:
        """Read one choice of `/v1/completions`. The tokens of the stop are counted, as in the Llemma paper's score."""
        given = self.logprobs.token_logprobs if self.logprobs else []
        return Completion(self.text, _sum(given), len(given), self.finish_reason != "length")


class TextAnswer(Wire):
    choices: list[TextChoice]
    usage: TokenUsage = TokenUsage()


class ChatToken(Wire):
    logprob: float


class ChatLogprobs(Wire):
    content: list[ChatToken] | None = None


class ChatMessage(Wire):
    content: str | None = None


class ChatChoice(Wire):
    index: int
    message: ChatMessage
    finish_reason: str | None = None
    logprobs: ChatLogprobs | None = None

    def completion(self) -> Completion:
        """Read one choice of `/v1/chat/completions`."""
        tokens = (self.logprobs.content if self.logprobs else None) or []
        given = [token.logprob for token in tokens]
        return Completion(self.message.content or "", _sum(given), len(given), self.finish_reason != "length")


class ChatAnswer(Wire):
    choices: list[ChatChoice]
    usage: TokenUsage = TokenUsage()


class Model(Wire):
    id: str
    max_model_len: int | None = Field(default=None, description="tokens; vLLM tells it, others may not")


class Models(Wire):
    data: list[Model]


class Tokens(Wire):
    tokens: list[int]


class Detokenized(Wire):
    prompt: str


def _sum(logprobs: Iterable[float | None]) -> float | None:
    known = [logprob for logprob in logprobs if logprob is not None]
    total = sum(known)
    return (0.0 if total > 0 else total) if known else None  # rounding may lift it above 0; NaN stays to be found
