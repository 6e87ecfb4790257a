"""The small Llama in this process, on one core, without torch."""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController
from tokenizers import Tokenizer

from prover.errors import ContextOverflowError, LanguageModelError
from prover.models.model import Completion, Prompt, Sampling, Usage
from research.numpy_llama import Continuations, Keys, NumpyLlama, PrefixCache

BEGIN, END = "<s>", "</s>"


class EmbeddedModel:
    """A Llama of a few million parameters in `folder`; one thread at a time works with it."""

    def __init__(self, folder: Path) -> None:
        """Raises LanguageModelError: there is no such model."""
        self._folder = folder
        self.model = NumpyLlama(folder)
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # the library raises bare Exception
            raise LanguageModelError(f"cannot read the tokenizer in {folder}: {error}") from error
        self._begin, self._end = self._token(BEGIN), self._token(END)
        self._tokenizer.encode_special_tokens = True  # `</s>` in a prompt is text
        self._prefixes = PrefixCache(self.model)
        self._threads = ThreadpoolController()
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model")
        self.usage = Usage()
        self.identity = f"prover-small-{folder.name}@{_digest(folder / 'model.safetensors')}"

    async def identify(self) -> str:
        """Return the model's name."""
        return self.identity

    async def complete(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        """Return `sampling.n` continuations of each prompt."""
        texts = [prompt for prompt in prompts if isinstance(prompt, str)]
        if len(texts) != len(prompts) or sampling.beam:
            raise LanguageModelError(f"{self.identity} continues plain text, by sampling only")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, self._continued_on_one_core, texts, sampling)

    async def close(self) -> None:
        """Stop the thread once its current request has ended."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def encode(self, text: str) -> list[int]:
        """Return the tokens of a text."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def read(self, tokens: list[int]) -> tuple[NDArray[np.float32], Keys]:
        """Return the last token's hidden state and the keys; a known prefix is not read again."""
        with self._lock:
            return self._prefixes.read(tokens)

    def _token(self, text: str) -> int:
        number = self._tokenizer.token_to_id(text)
        if number is None:
            raise LanguageModelError(f"the tokenizer in {self._folder} has no {text}")
        return int(number)

    def _continued_on_one_core(self, prompts: Sequence[str], sampling: Sampling) -> list[list[Completion]]:
        # Matrices are small, and Lean has the other cores: threads that wait for each other made it ten times slower.
        with self._threads.limit(limits=1):
            return [self._continued(prompt, sampling) for prompt in prompts]

    def _continued(self, prompt: str, sampling: Sampling) -> list[Completion]:
        began = time.monotonic()
        tokens = [self._begin, *self.encode(prompt)]
        if len(tokens) + sampling.max_tokens > self.model.context:
            raise ContextOverflowError(f"{len(tokens)} tokens and the answer do not fit {self.model.context}")
        hidden, keys = self.read(tokens)
        chance = np.random.default_rng(sampling.seed)
        greedy = sampling.temperature == 0
        count = 1 if greedy else sampling.n
        logits = np.repeat(self.model.logits(hidden)[None], count, axis=0)
        so_far, going = Continuations(keys), np.arange(count)
        written: list[list[int]] = [[] for _ in range(count)]
        logprobs = [0.0] * count
        done: dict[int, Completion] = {}
        for step in range(sampling.max_tokens):
            chosen, chosen_logprobs = _draw(logits, sampling, chance)
            keep = []
            for row, (number, token, logprob) in enumerate(zip(going, chosen, chosen_logprobs, strict=True)):
                logprobs[number] += float(logprob)
                if token != self._end:
                    written[number].append(int(token))
                text = self._tokenizer.decode(written[number])
                cut = min((at for stop in sampling.stop if (at := text.find(stop)) >= 0), default=None)
                if token == self._end or cut is not None:
                    done[int(number)] = Completion(text[:cut], logprobs[number], step + 1)
                else:
                    keep.append(row)
            if not keep:
                break
            rows = np.array(keep)
            going = going[rows]
            if step + 1 < sampling.max_tokens:
                hidden, so_far = self.model.go_on(chosen[rows], so_far.kept(rows))
                logits = self.model.logits(hidden)
        for number in going:
            if int(number) not in done:
                text = self._tokenizer.decode(written[number])
                done[int(number)] = Completion(text, logprobs[number], sampling.max_tokens, finished=False)
        completions = [done[number] for number in sorted(done)]
        self.usage.requests += 1
        self.usage.completions += len(completions)
        self.usage.prompt_tokens += len(tokens)
        self.usage.completion_tokens += sum(completion.tokens for completion in completions)
        self.usage.seconds += time.monotonic() - began
        return completions


def _draw(
    logits: NDArray[np.float32], sampling: Sampling, chance: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return a token for each row of logits [N, V], and its log-probability without temperature, as vLLM gives it."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    logprobs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    rows = np.arange(len(logits))
    if sampling.temperature == 0:
        chosen = logits.argmax(axis=-1)
        return chosen, logprobs[rows, chosen]
    tempered = shifted / sampling.temperature
    if sampling.top_p < 1:
        weights = np.exp(tempered) / np.exp(tempered).sum(axis=-1, keepdims=True)
        order = np.argsort(-weights, axis=-1)
        before = np.cumsum(np.take_along_axis(weights, order, -1), -1) - np.take_along_axis(weights, order, -1)
        dropped = np.zeros_like(weights, dtype=bool)
        np.put_along_axis(dropped, order, before >= sampling.top_p, -1)
        tempered = np.where(dropped, -np.inf, tempered)
    chosen = (tempered + chance.gumbel(size=tempered.shape)).argmax(axis=-1)
    return chosen, logprobs[rows, chosen]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
