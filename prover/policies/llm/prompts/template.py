"""Prompt formats that are words with places in them, as raw text or as a chat; most models' are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from prover.models.model import Message, Prompt
from prover.policies.llm.prompts.errors_shown import shown_errors
from prover.policies.llm.prompts.fitting import fitted, from_a_line
from prover.policies.llm.prompts.prompt import Query
from prover.policies.llm.prompts.wording import Wording, filled, values_of

Read = Callable[[str, Query], str | None]


@dataclass(frozen=True, slots=True)
class TemplateFormat:
    """Words, and how the answer is read. A format whose wording has a correction shows what failed.

    `longest_context`: characters before the cursor that are shown. `closing`: the tag at which the server stopped, and
    which it cut off: an answer that is shown again gets it back.
    """

    name: str
    wording: Wording
    read: Read
    max_tokens: int
    temperature: float
    samples: int
    top_p: float = 1.0
    stop: tuple[str, ...] = ()
    whole_proof: bool = False
    own_words: bool = False
    longest_context: int | None = None
    closing: str = ""

    @property
    def corrects(self) -> bool:
        """Was it made for rounds?"""
        return bool(self.wording.correction)

    def render(self, query: Query, *, limit: int | None = None) -> Prompt:
        """Return the text, or the messages; the earliest failures are dropped first."""
        if self.longest_context is not None:
            query = replace(query, context=from_a_line(query.context, len(query.context) - self.longest_context))
        if self.wording.text:
            return fitted(self._text, query, limit)
        return fitted(self._messages, query, limit)

    def parse(self, text: str, query: Query) -> str | None:
        """Return the tactic or proof in an answer."""
        return self.read(text, query)

    def _text(self, query: Query, _: int) -> str:
        return filled(self.wording.text, values_of(query))

    def _messages(self, query: Query, _: int) -> tuple[Message, ...]:
        words, values = self.wording, values_of(query)
        messages = [Message("system", filled(words.system, values))] if words.system else []
        messages.append(Message("user", filled(words.user, values)))
        for number, failure in enumerate(query.failures if self.corrects else (), start=1):
            told = {**values, "errors": shown_errors(words.error, failure), "round": str(number)}
            answer = self._whole(failure.answer)
            messages += [Message("assistant", answer), Message("user", filled(words.correction, told))]
        return tuple(messages)

    def _whole(self, answer: str) -> str:
        """Return an answer with the tag at which it was stopped."""
        opening = self.closing.replace("/", "", 1)
        return answer + self.closing if self.closing and opening in answer.rpartition(self.closing)[2] else answer
