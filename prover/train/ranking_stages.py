"""The two stages in which the model that ranks is trained: to continue texts, then to tell a goal's kind."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from prover.train.ranking_data import State
from prover.train.ranking_model import Kinds, Reader, Tried, text_loss

TEXT_WEIGHT = 0.1
EVERY = 25  # steps between looks at what is held out
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Examples:
    """States, the tokens that the model reads of each (the last one asks), and what was tried there."""

    states: list[State]
    questions: list[list[int]]
    tried: Tried


class Stages:
    """A model in training: its optimiser, its chance."""

    def __init__(self, reader: Reader, *, rate: float, batch: int, seed: int, say: Say) -> None:
        self.reader = reader
        self._rate = rate
        self._batch = batch
        self._chance = random.Random(seed)
        self._say = say
        matrices = [p for p in reader.parameters() if p.ndim > 1]
        norms = [p for p in reader.parameters() if p.ndim == 1]
        groups = [{"params": matrices, "weight_decay": 0.1}, {"params": norms, "weight_decay": 0.0}]
        self._optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95))

    def continue_texts(self, documents: Sequence[list[int]], steps: int) -> None:
        """Learn to predict each next token."""
        first_token = self.reader.first_token
        some = _batches([len(document) for document in documents], self._batch, self._chance)
        for step in range(steps):
            tokens, lengths = padded([documents[number] for number in next(some)])
            logits = self.reader.llama(tokens[:, :-1])
            wanted = tokens[:, 1:].masked_fill(torch.arange(1, tokens.shape[1])[None] >= lengths[:, None], -100)
            loss = text_loss(logits[..., :first_token], wanted)
            self._update(loss, _rate(step, steps, 2 * self._rate))
            if step % 50 == 0:
                self._say(f"text {step}: {loss.item():.3f} nats a token")

    def tell_kinds(
        self, kinds: Kinds, learned: Examples, held: Examples, steps: int, dropout: float
    ) -> list[tuple[int, float]]:
        """Learn to tell kinds; keep the weights that were best on what is held out.

        Returns the step and the nats an attempt on what is held out, each time they were looked at.
        """
        looks: list[tuple[int, float]] = []
        best: dict[str, Tensor] = {}
        many = _batches([len(asked) for asked in learned.questions], self._batch, self._chance)
        for step in range(steps + 1):
            if step % EVERY == 0 or step == steps:
                now = kinds.loss(held.tried, added(self.reader, held.questions)).item()
                self._say(f"step {step}: {now:.4f} nats an attempt held out")
                if not looks or now < min(loss for _, loss in looks):
                    best = {name: tensor.clone() for name, tensor in self.reader.state_dict().items()}
                looks.append((step, round(now, 5)))
            if step == steps:
                break
            numbers = next(many)
            tokens, lengths = padded([learned.questions[number] for number in numbers])
            if dropout:
                replaced = (torch.rand(tokens.shape) < dropout) & (tokens != self.reader.ask)
                tokens = tokens.where(~replaced, torch.randint(3, self.reader.first_token, tokens.shape))
            told, text = self.reader(tokens, lengths)
            self._update(kinds.loss(learned.tried[numbers], told) + TEXT_WEIGHT * text, _rate(step, steps, self._rate))
        self.reader.load_state_dict(best)
        return looks

    def _update(self, loss: Tensor, rate: float) -> None:
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.reader.parameters(), 1.0)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.step()
        self._optimizer.zero_grad()


@torch.inference_mode()
def added(reader: Reader, questions: Sequence[list[int]]) -> Tensor:
    """Return what the model adds for each kind [B, K]."""
    return torch.cat([reader(*padded(questions[i : i + 32]))[0] for i in range(0, len(questions), 32)])


def padded(sequences: Sequence[list[int]]) -> tuple[Tensor, Tensor]:
    """Return tokens [B, T], and how many of each row count."""
    longest = max(map(len, sequences))
    tokens = torch.tensor([sequence + [0] * (longest - len(sequence)) for sequence in sequences])
    return tokens, torch.tensor([len(sequence) for sequence in sequences])


def _batches(lengths: Sequence[int], size: int, chance: random.Random) -> Iterator[list[int]]:
    """Yield batches without end: the numbers of examples of about the same length."""
    while True:
        order = sorted(range(len(lengths)), key=lambda number: (lengths[number] // 16, chance.random()))
        batches = [order[i : i + size] for i in range(0, len(order), size)]
        chance.shuffle(batches)
        yield from batches


def _rate(step: int, steps: int, peak: float) -> float:
    warm = max(1, steps // 20)
    if step < warm:
        return peak * (step + 1) / warm
    return peak * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm))))
