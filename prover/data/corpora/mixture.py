"""Sources mixed by weight into one endless global order of sequences for all ranks of a run.

A trainer reads it like this (one object per rank; no torch):

    sequences = MixedSequences(sources, Mixture.llemma(), context_length=4096, seed=0, rank=r, world_size=W)
    for sequence in sequences:            # PackedSequence: tokens, labels int32 [4096], source, segments, positions
        ...
    state = sequences.state_dict()        # small JSON, equal on all ranks
    sequences.load_state_dict(state)      # also with another rank and world size
    sequences.skip(n)                     # skip n sequences of the global order (after a rollback)

The global order numbers all sequences from 0. From position n, rank r of W takes numbers n + r, n + r + W, ... Ranks
that have taken equally many share a `position`, from which any number of ranks can continue. The source of sequence n
follows from the weights alone: always the one furthest behind its share, so no source is ever a whole sequence ahead.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, field_validator

from prover.data.corpora.named_mixtures import LLEMMA, NAMED, way_out
from prover.data.corpora.packing import PackedSequence, Shuffle, SourceStream, TokenSource
from prover.errors import InvalidCorpusError

STATE_VERSION = 1


class Mixture(BaseModel):
    """The share of each source in the training tokens. Weights are scaled to sum to 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: Mapping[str, float]

    @field_validator("weights")
    @classmethod
    def _scaled(cls, weights: Mapping[str, float]) -> Mapping[str, float]:
        total = sum(weights.values())
        if not weights or not all(w > 0 and math.isfinite(w) for w in weights.values()):
            raise ValueError("a mixture needs sources with positive weights")
        return {name: weight / total for name, weight in weights.items()}

    @classmethod
    def llemma(cls) -> Self:
        """The Llemma paper's: arXiv, web and code as 2:4:1 at 95 %, 2 % Pile, 3 % GitHub (section 2.2, appendix)."""
        return cls(weights=NAMED[LLEMMA])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `llemma`, `proof-pile-2` (the same without general data), or `SOURCE=WEIGHT,...`.

        Raises:
            InvalidCorpusError: it is none of these.
        """
        if text in NAMED:
            return cls(weights=NAMED[text])
        weights: dict[str, float] = {}
        try:
            for part in text.split(","):
                name, weight = part.split("=")
                if name.strip() in weights:
                    raise ValueError(f"{name.strip()} is there twice")
                weights[name.strip()] = float(weight)
            return cls(weights=weights)
        except ValueError as error:
            raise InvalidCorpusError(
                f"{text!r} is no mixture; write `llemma`, `proof-pile-2`, or SOURCE=WEIGHT,SOURCE=WEIGHT "
                "with positive weights"
            ) from error

    def of(self, names: Sequence[str]) -> Mixture:
        """Return the mixture of these sources only, rescaled."""
        missing = [name for name in names if name not in self.weights]
        if missing or not names:
            raise InvalidCorpusError(f"the mixture has no {', '.join(missing) or 'source'}")
        return Mixture(weights={name: self.weights[name] for name in names})

    def __str__(self) -> str:
        return ",".join(f"{name}={weight:.6g}" for name, weight in self.weights.items())


class MixedSequences:
    """The training sequences of one rank, see the top of this file."""

    def __init__(
        self,
        sources: Sequence[TokenSource],
        mixture: Mixture,
        *,
        context_length: int,
        seed: int,
        rank: int = 0,
        world_size: int = 1,
        separate: bool = False,
        shuffle: Shuffle = "sequences",
    ) -> None:
        """`separate`, `shuffle`: see SourceStream.

        Raises:
            InvalidCorpusError: the names of mixture and sources differ, a source is empty, or there is no such rank.
        """
        names = {source.name for source in sources}
        if names != set(mixture.weights) or len(names) != len(sources):
            raise InvalidCorpusError(
                f"the mixture is of {', '.join(sorted(mixture.weights))}; the corpus has {', '.join(sorted(names))}"
                + way_out(set(mixture.weights), names)
            )
        if not 0 <= rank < world_size:
            raise InvalidCorpusError(f"there is no rank {rank} of {world_size}")
        self.streams = {
            source.name: SourceStream(source, context_length, seed=seed, separate=separate, shuffle=shuffle)
            for source in sources
        }
        self.mixture = mixture
        self.rank, self.world_size = rank, world_size
        self.position = 0
        """How many sequences all ranks together are past."""
        self._weights = sorted(mixture.weights.items())
        self._drawn = dict.fromkeys(sorted(names), 0)
        tokens = {name: stream.tokens for name, stream in self.streams.items()}
        about = [context_length, seed, separate, self._weights, sorted(tokens.items())]
        about += [shuffle] if shuffle == "sequences" else []  # places of earlier versions are of documents
        self._fingerprint = hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]

    def __iter__(self) -> Iterator[PackedSequence]:
        return self

    def __next__(self) -> PackedSequence:
        """Return the rank's next sequence. There is always one: a source at its end starts a new epoch."""
        own: tuple[str, int] | None = None
        for rank in range(self.world_size):
            drawn = self._draw()
            own = drawn if rank == self.rank else own
        assert own is not None  # the rank is one of them
        source, k = own
        number = self.position - self.world_size + self.rank
        return self.streams[source].sequence(k, number=number)

    def skip(self, sequences: int) -> None:
        """Skip so many sequences of the global order, the same number on all ranks."""
        for _ in range(sequences):
            self._draw()

    @property
    def epochs(self) -> dict[str, float]:
        """Epochs of each source so far."""
        return {
            name: self._drawn[name] * stream.context_length / stream.tokens for name, stream in self.streams.items()
        }

    def state_dict(self) -> dict[str, Any]:
        """Return the position as JSON data. Call it when all ranks have taken equally many sequences."""
        return {
            "version": STATE_VERSION,
            "fingerprint": self._fingerprint,
            "position": self.position,
            "drawn": dict(self._drawn),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a position.

        Raises:
            InvalidCorpusError: the state belongs to another corpus, mixture, seed or context length.
        """
        if state.get("version") != STATE_VERSION or state.get("fingerprint") != self._fingerprint:
            raise InvalidCorpusError(
                "the saved place in the data is of another corpus, mixture, seed or context length; "
                "give the same ones, or start the data from its beginning"
            )
        self.position = int(state["position"])
        self._drawn = {name: int(state["drawn"][name]) for name in self._drawn}

    def _draw(self) -> tuple[str, int]:
        """Advance the global order by one; return the source and the number of its sequence."""
        wanted = self.position + 1
        name = max(self._weights, key=lambda item: item[1] * wanted - self._drawn[item[0]])[0]
        k = self._drawn[name]
        self._drawn[name] += 1
        self.position += 1
        return name, k
