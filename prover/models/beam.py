"""Beam search over tokens that honours stop strings.

vLLM's engine no longer has beam search, and its server's version ignores stop strings, so every beam runs to
`max_tokens`. The Llemma paper's candidates are 32 beams. This produces them from one-token calls, which prefix caching
makes cheap.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from prover.models.model import Completion, Sampling

ENDS_OF_TEXT = ("</s>", "<|endoftext|>", "<|end_of_text|>", "<|eot_id|>", "<|im_end|>")


class TokenModel(Protocol):
    """Next tokens, and the text of tokens."""

    async def next_tokens(self, sequences: Sequence[Sequence[int]], count: int) -> list[dict[int, float]]:
        """Return the likeliest next tokens of each sequence with their log-probabilities; maybe fewer than `count`."""

    async def text_of(self, tokens: Sequence[int]) -> str:
        """Return the text of tokens."""


async def beam_search(model: TokenModel, prompt: Sequence[int], sampling: Sampling) -> list[Completion]:
    """Return the `sampling.n` most probable continuations that end, best first; truncated ones fill the rest."""
    width = sampling.n
    stops = (*sampling.stop, *ENDS_OF_TEXT)
    live: list[tuple[float, tuple[int, ...], str]] = [(0.0, (), "")]
    ended: list[Completion] = []
    for _ in range(sampling.max_tokens):
        tops = await model.next_tokens([[*prompt, *tokens] for _, tokens, _ in live], 2 * width)
        grown = sorted(
            (
                (logprob + next_logprob, (*tokens, token))
                for (logprob, tokens, _), top in zip(live, tops, strict=True)
                for token, next_logprob in top.items()
            ),
            reverse=True,
        )[: 2 * width]
        texts = await asyncio.gather(*(model.text_of(tokens) for _, tokens in grown))
        live = []
        for (logprob, tokens), text in zip(grown, texts, strict=True):
            end = min((at for stop in stops if (at := text.find(stop)) >= 0), default=None)
            if end is not None:
                ended.append(Completion(text[:end], logprob, len(tokens)))
            elif len(live) < width:
                live.append((logprob, tokens, text))
        ended = sorted(ended, key=_score, reverse=True)[:width]
        if not live or (len(ended) == width and live[0][0] <= min(c.logprob or 0.0 for c in ended)):
            break
    cut = [Completion(text, logprob, len(tokens), finished=False) for logprob, tokens, text in live]
    return [*ended, *cut][:width]


def _score(completion: Completion) -> float:
    return completion.logprob or 0.0
