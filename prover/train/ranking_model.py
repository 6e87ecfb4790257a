"""Goals in kinds: the table that outcomes make without a model, and the Llama that tells the kind from the text.

B states, M attempts at each (padded), K kinds, F families.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812  # its usual name
from torch import Tensor, nn

from prover.ranking import FamilyTable
from prover.train.model import Llama
from prover.train.ranking_data import State
from prover.train.recipe import ModelShape

PLACES = 6
SPREAD = 1.5
"""Log-odds: how far the odds of one kind are expected to be from those of all."""
PSEUDO_ATTEMPTS = 5.0


@dataclass(frozen=True, slots=True)
class Tried:
    """What was tried at some states, [B, M] each; `counts` is 0 where a state had fewer attempts."""

    family: Tensor
    place: Tensor
    closed: Tensor
    seconds: Tensor
    counts: Tensor

    @classmethod
    def of(cls, states: Sequence[State], families: Sequence[str]) -> Tried:
        """Return the attempts of these families."""
        number = {family: at for at, family in enumerate(families)}
        rows = [[attempt for attempt in state.attempts if attempt.family in number] for state in states]
        most = max(1, *(len(row) for row in rows))

        def padded(values: list[list[float]], kind: torch.dtype) -> Tensor:
            return torch.tensor([row + [0.0] * (most - len(row)) for row in values]).to(kind)

        return cls(
            padded([[number[a.family] for a in row] for row in rows], torch.long),
            padded([[min(a.place, PLACES - 1) for a in row] for row in rows], torch.long),
            padded([[float(a.closed) for a in row] for row in rows], torch.float),
            padded([[a.seconds for a in row] for row in rows], torch.float),
            padded([[1.0] * len(row) for row in rows], torch.float),
        )

    def __getitem__(self, rows: Sequence[int]) -> Tried:
        """Return some of the states."""
        at = torch.tensor(rows)
        return Tried(self.family[at], self.place[at], self.closed[at], self.seconds[at], self.counts[at])


class Kinds(nn.Module):
    """The table: how common each kind is, and what closes goals of each."""

    usual: Tensor

    def __init__(self, tried: Tried, families: int, kinds: int, seed: int) -> None:
        super().__init__()
        closed, count = _sums(tried, tried.closed, families), _sums(tried, tried.counts, families)
        base = float(closed.sum() / count.sum())
        rates = (closed + PSEUDO_ATTEMPTS * base) / (count + PSEUDO_ATTEMPTS)
        self.register_buffer("usual", torch.logit(rates, eps=1e-4))
        generator = torch.Generator().manual_seed(seed)
        self.common = nn.Parameter(torch.zeros(kinds))
        self.odds = nn.Parameter(self.usual + torch.randn(kinds, families, generator=generator))
        self.later = nn.Parameter(torch.zeros(PLACES - 1))

    @property
    def places(self) -> Tensor:
        """What each place adds to the log-odds."""
        return torch.cat((self.later.new_zeros(1), self.later))

    def evidence(self, tried: Tried) -> Tensor:
        """Return the log-likelihood [B, K] of what became of the attempts at each state, if it is of each kind."""
        odds = self.odds[:, tried.family] + self.places[tried.place]  # [K, B, M]
        likelihood = tried.closed * F.logsigmoid(odds) + (1 - tried.closed) * F.logsigmoid(-odds)
        return (likelihood * tried.counts).sum(-1).T

    def loss(self, tried: Tried, added: Tensor | float = 0.0) -> Tensor:
        """Return the nats an attempt; `added` [B, K]: what the model adds to the log-probabilities of the kinds."""
        joint = F.log_softmax(self.common + added, -1) + self.evidence(tried)
        return -joint.logsumexp(-1).sum() / tried.counts.sum()

    def penalty(self) -> Tensor:
        """Return minus the logarithm of what is thought of the odds beforehand (a constant apart)."""
        return ((self.odds - self.usual) / SPREAD).square().sum() / 2 + self.later.square().sum() / 2

    def fit(self, tried: Tried, steps: int, rate: float = 0.05) -> None:
        """Find the likeliest table. All states at once."""
        optimizer = torch.optim.Adam(self.parameters(), lr=rate)
        for step in range(steps):
            for group in optimizer.param_groups:
                group["lr"] = rate * 0.5 * (1 + math.cos(math.pi * step / steps))
            loss = self.loss(tried) + self.penalty() / tried.counts.sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    @torch.no_grad()
    def table(self, tried: Tried, families: tuple[str, ...], first_token: int) -> FamilyTable:
        """Return the table for the search, with the mean seconds of each family at the states of each kind."""
        belongs = F.softmax(self.common + self.evidence(tried), -1)  # [B, K]
        taken, count = (_sums(tried, what, len(families)) for what in (tried.seconds * tried.counts, tried.counts))
        mean = (taken + PSEUDO_ATTEMPTS * taken.sum() / count.sum()) / (count + PSEUDO_ATTEMPTS)
        seconds = []
        for kind in range(len(self.common)):
            share = belongs[:, kind, None] * tried.counts
            of_kind = _sums(tried, tried.seconds * share, len(families)) + PSEUDO_ATTEMPTS * mean
            seconds.append(of_kind / (_sums(tried, share, len(families)) + PSEUDO_ATTEMPTS))
        rounded = lambda values: tuple(round(value, 4) for value in values.tolist())  # noqa: E731
        return FamilyTable(
            families,
            rounded(F.log_softmax(self.common, -1)),
            tuple(map(rounded, self.odds)),
            rounded(self.places),
            tuple(map(rounded, seconds)),
            first_token,
        )


class Reader(nn.Module):
    """A Llama, and what of it tells kinds: the logits of their tokens, behind the text's own."""

    def __init__(self, shape: ModelShape, first_token: int, ask: int) -> None:
        super().__init__()
        self.llama = Llama(shape)
        self.first_token = first_token
        self.ask = ask

    def forward(self, tokens: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return what is added for each kind [B, K], and the loss of the text. `tokens` [B, T]; the last one asks."""
        logits = self.llama(tokens)
        added = logits[torch.arange(len(tokens)), lengths - 1, self.first_token :]
        inside = torch.arange(tokens.shape[1])[None] < lengths[:, None] - 1
        wanted = tokens.roll(-1, 1).masked_fill(~inside | (tokens.roll(-1, 1) == self.ask), -100)
        return added.float(), text_loss(logits[..., : self.first_token], wanted)


def text_loss(logits: Tensor, wanted: Tensor) -> Tensor:
    """Return the mean cross-entropy of [B, T, V] in nats. V is without the kinds' tokens: they are no text."""
    return F.cross_entropy(logits.flatten(0, 1).float(), wanted.flatten(), ignore_index=-100)


def _sums(tried: Tried, what: Tensor, families: int) -> Tensor:
    """Return the sums over each family [F]."""
    return torch.zeros(families).index_add_(0, tried.family.flatten(), (what * tried.counts).flatten())
