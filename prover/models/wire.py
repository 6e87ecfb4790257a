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


class ChatToken(Wire):
    logprob: float


class TextLogprobs(Wire):
    """Of a text: in two lists as OpenAI's interface has them, or token by token, as llama.cpp answers."""

    token_logprobs: list[float | None] = Field(default_factory=list)
    top_logprobs: list[dict[str, float] | None] | None = None
    content: list[ChatToken] | None = None

    @property
    def each(self) -> list[float | None]:
        """The logarithm of each token's probability."""
        return [token.logprob for token in self.content] if self.content is not None else self.token_logprobs


class TextChoice(Wire):
    index: int = 0
    text: str
    finish_reason: str | None = None
    logprobs: TextLogprobs | None = None

    def completion(self) -> Completion:
        """Read one choice of `/v1/completions`. The tokens of the stop are counted, as in the Llemma paper's score."""
        given = self.logprobs.each if self.logprobs else []
        return Completion(self.text, _sum(given), len(given), self.finish_reason != "length")


class TextAnswer(Wire):
    choices: list[TextChoice]
    usage: TokenUsage = TokenUsage()


class ChatLogprobs(Wire):
    content: list[ChatToken] | None = None


class ChatMessage(Wire):
    content: str | None = None
    reasoning_content: str | None = Field(default=None, description="where a server keeps the thoughts apart")
    reasoning: str | None = Field(default=None, description="the same, by its newer name")

    @property
    def said(self) -> str:
        """The answer; if that is empty, the thoughts, as thoughts."""
        if self.content and self.content.strip():
            return self.content
        thoughts = self.reasoning_content or self.reasoning
        return f"<think>{thoughts}</think>" if thoughts else self.content or ""


class ChatChoice(Wire):
    index: int = 0
    message: ChatMessage
    finish_reason: str | None = None
    logprobs: ChatLogprobs | None = None

    def completion(self) -> Completion:
        """Read one choice of `/v1/chat/completions`."""
        tokens = (self.logprobs.content if self.logprobs else None) or []
        given = [token.logprob for token in tokens]
        return Completion(self.message.said, _sum(given), len(given), self.finish_reason != "length")


class ChatAnswer(Wire):
    choices: list[ChatChoice]
    usage: TokenUsage = TokenUsage()


class ModelMeta(Wire):
    n_ctx: int | None = Field(default=None, description="tokens; llama.cpp's newer servers tell it")


class Model(Wire):
    id: str
    max_model_len: int | None = Field(default=None, description="tokens; vLLM and SGLang tell it, others may not")
    context_length: int | None = Field(default=None, description="the same by another name")
    meta: ModelMeta | None = None

    @property
    def length(self) -> int | None:
        """Length of the context in tokens, if the server tells it."""
        return self.max_model_len or self.context_length or (self.meta and self.meta.n_ctx) or None


class Models(Wire):
    data: list[Model]


class Tokens(Wire):
    tokens: list[int]


class Count(Wire):
    count: int


class Detokenized(Wire):
    prompt: str


def _sum(logprobs: Iterable[float | None]) -> float | None:
    known = [logprob for logprob in logprobs if logprob is not None]
    total = sum(known)
    return (0.0 if total > 0 else total) if known else None  # rounding may lift it above 0; NaN stays to be found
