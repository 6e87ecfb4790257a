"""A sequence-to-sequence model in this process, such as ReProver's tactic generator (arXiv 2306.15626).

vLLM does not serve such encoder-decoders, so transformers runs it, with beam search as its authors do. Needs the extra
`local`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from prover.core.distribution import install_line
from prover.errors import LanguageModelError
from prover.models.model import Completion, Prompt, Sampling, Usage


class EncoderDecoderModel:
    """`name`: a folder, or a model on the Hugging Face hub. It is loaded at the first request."""

    def __init__(self, name: str, *, revision: str | None = None, longest_input: int = 2300) -> None:
        self._name = name
        self._revision = revision
        self._longest_input = longest_input
        self._loaded: tuple[Any, Any] | None = None
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model")  # one model, one request at a time
        self.usage = Usage()

    @property
    def identity(self) -> str:
        """The model's name and revision."""
        return f"{self._name}@{self._revision}" if self._revision else self._name

    async def identify(self) -> str:
        """Return the model's name."""
        return self.identity

    async def complete(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        """Return the `sampling.n` best outputs by beam search with their log-probabilities."""
        texts = [prompt for prompt in prompts if isinstance(prompt, str)]
        if len(texts) != len(prompts):
            raise LanguageModelError(f"{self._name} reads plain text, and this prompt format is a chat")
        return await asyncio.get_running_loop().run_in_executor(self._worker, self._generate, texts, sampling)

    async def close(self) -> None:
        """Stop the thread once its current request has ended."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _load(self) -> tuple[Any, Any]:
        if self._loaded is None:
            try:
                from transformers import AutoModelForSeq2SeqLM, AutoTokenizer
            except ImportError as error:
                raise LanguageModelError(f"for a model in this process: {install_line('local')}") from error
            try:
                tokenizer = AutoTokenizer.from_pretrained(self._name, revision=self._revision)
                model = AutoModelForSeq2SeqLM.from_pretrained(self._name, revision=self._revision).eval()
            except (OSError, ValueError) as error:
                raise LanguageModelError(f"cannot load {self._name}: {str(error).splitlines()[0]}") from error
            self._loaded = tokenizer, model
        return self._loaded

    def _generate(self, prompts: list[str], sampling: Sampling) -> list[list[Completion]]:
        import torch

        tokenizer, model = self._load()
        started = time.monotonic()
        found: list[list[Completion]] = []
        for prompt in prompts:
            encoded = tokenizer(prompt, return_tensors="pt", truncation=True, max_length=self._longest_input)
            with torch.inference_mode():
                output = model.generate(
                    **encoded,
                    max_length=sampling.max_tokens,
                    num_beams=sampling.n,
                    num_return_sequences=sampling.n,
                    length_penalty=0.0,
                    do_sample=False,
                    early_stopping=False,
                    output_scores=True,
                    return_dict_in_generate=True,
                )
            texts = tokenizer.batch_decode(output.sequences, skip_special_tokens=True)
            lengths = (output.sequences != tokenizer.pad_token_id).sum(dim=1).tolist()
            scores = output.sequences_scores.tolist() if sampling.n > 1 else [0.0]
            found.append(
                [
                    Completion(text, min(0.0, score), int(length))
                    for text, score, length in zip(texts, scores, lengths, strict=True)
                ]
            )
            self.usage.prompt_tokens += int(encoded["input_ids"].shape[1])
            self.usage.completion_tokens += int(sum(lengths))
        self.usage.requests += 1
        self.usage.seconds += time.monotonic() - started
        return found
