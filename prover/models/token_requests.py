"""Requests about single tokens, which beam search needs and vLLM answers."""

from __future__ import annotations

from collections.abc import Sequence

from prover.errors import LanguageModelError
from prover.models.abilities import Abilities
from prover.models.transport import RefusedError, Transport
from prover.models.wire import Detokenized, TextAnswer, Tokens


class TokenRequests:
    """The tokens of a text, those that may follow, and the text of tokens: a `TokenModel` on a server."""

    def __init__(self, transport: Transport, abilities: Abilities, model: str) -> None:
        self._transport = transport
        self._abilities = abilities
        self._model = model

    async def tokens_of(self, prompt: str) -> list[int]:
        """Return the tokens of a prompt. Raises LanguageModelError if the server does not tell them."""
        body = {"model": self._model, "prompt": prompt}
        try:
            return (await self._transport.request("POST", "/tokenize", body, Tokens)).tokens
        except RefusedError as error:
            raise LanguageModelError(f"the server cannot do beam search (vLLM can): {error}") from error

    async def next_tokens(self, sequences: Sequence[Sequence[int]], count: int) -> list[dict[int, float]]:
        """Return the likeliest next tokens of each sequence with their log-probabilities; see `beam.py`."""
        count = min(count, self._abilities.most_alternatives)
        body = {
            "model": self._model,
            "prompt": [list(sequence) for sequence in sequences],
            "max_tokens": 1,
            "temperature": 0.0,
            "logprobs": count,
            "return_tokens_as_token_ids": True,
        }
        try:
            answer = await self._transport.request("POST", "/v1/completions", body, TextAnswer)
        except RefusedError as error:
            if "logprobs" not in error.reason or not self._abilities.fewer_alternatives(count):
                raise
            return await self.next_tokens(sequences, count)
        self._transport.count(answer.usage)
        found: list[dict[int, float]] = []
        for choice in sorted(answer.choices, key=lambda choice: choice.index):
            tops = (choice.logprobs and choice.logprobs.top_logprobs) or []
            if not tops or tops[0] is None or not all(token.startswith("token_id:") for token in tops[0]):
                raise LanguageModelError("the server cannot do beam search: it tells no token ids (vLLM does)")
            found.append({int(token.removeprefix("token_id:")): logprob for token, logprob in tops[0].items()})
        return found

    async def text_of(self, tokens: Sequence[int]) -> str:
        """Return the text of tokens."""
        body = {"model": self._model, "tokens": list(tokens)}
        return (await self._transport.request("POST", "/detokenize", body, Detokenized)).prompt
