"""Sources mixed by weight into the one endless order of sequences that all ranks of a training run share.

A trainer reads it like this (each rank its own object; torch is not needed here):

    sequences = MixedSequences(sources, Mixture.llemma(), context_length=4096, seed=0, rank=r, world_size=W)
    for sequence in sequences:            # PackedSequence: tokens, labels int32 [4096], source, segments, positions
        ...
    state = sequences.state_dict()        # small JSON, the same on every rank after as many steps
    sequences.load_state_dict(state)      # also with another rank and world size: the global order stays
    sequences.skip(n)                     # leave out the next n sequences of the global order (after a rollback)

The global order numbers all sequences from 0. Rank r of W takes the numbers n + r, n + r + W, ... from where the state
is; so ranks that have taken equally many are at one place, `position`, and any number of ranks can go on from it.
Which source number n is drawn from follows from the weights alone: always the one that is furthest behind, so that
no source is ever a whole sequence ahead of its share.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, field_validator

from prover.data.corpora.packing import PackedSequence, SourceStream, TokenSource
from prover.errors import InvalidCorpusError

STATE_VERSION = 1
LLEMMA = "llemma"


class Mixture(BaseModel):
    """The share of each source in the tokens that are trained on. Weights are scaled to add up to 1."""

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
        proof_pile = {"arxiv": 2.0, "open-web-math": 4.0, "algebraic-stack": 1.0}
        return cls(weights={**{name: w / 7 * 0.95 for name, w in proof_pile.items()}, "pile": 0.02, "github": 0.03})

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `llemma`, or `SOURCE=WEIGHT,SOURCE=WEIGHT`. Raises InvalidCorpusError."""
        if text == LLEMMA:
            return cls.llemma()
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
                f"{text!r} is no mixture; write `llemma`, or SOURCE=WEIGHT,SOURCE=WEIGHT with positive weights"
            ) from error

    def of(self, names: Sequence[str]) -> Mixture:
        """Return the mixture of these sources only, scaled again."""
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
    ) -> None:
        """`separate`: for attention within documents, see SourceStream.

        Raises:
            InvalidCorpusError: mixture and sources are not of the same names, a source is empty, no such rank.
        """
        names = {source.name for source in sources}
        if names != set(mixture.weights) or len(names) != len(sources):
            raise InvalidCorpusError(
                f"the mixture is of {', '.join(sorted(mixture.weights))}; the corpus has {', '.join(sorted(names))}"
            )
        if not 0 <= rank < world_size:
            raise InvalidCorpusError(f"there is no rank {rank} of {world_size}")
        self.streams = {
            source.name: SourceStream(source, context_length, seed=seed, separate=separate) for source in sources
        }
        self.mixture = mixture
        self.rank, self.world_size = rank, world_size
        self.position = 0
        """How many sequences all ranks together are past."""
        self._weights = sorted(mixture.weights.items())
        self._drawn = dict.fromkeys(sorted(names), 0)
        tokens = {name: stream.tokens for name, stream in self.streams.items()}
        about = [context_length, seed, separate, self._weights, sorted(tokens.items())]
        self._fingerprint = hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]

    def __iter__(self) -> Iterator[PackedSequence]:
        return self

    def __next__(self) -> PackedSequence:
        """Return the rank's next sequence. There is always one: a source that is at its end begins a new epoch."""
        own: tuple[str, int] | None = None
        for rank in range(self.world_size):
            drawn = self._draw()
            own = drawn if rank == self.rank else own
        assert own is not None  # the rank is one of them
        source, k = own
        number = self.position - self.world_size + self.rank
        return self.streams[source].sequence(k, number=number)

    def skip(self, sequences: int) -> None:
        """Leave out so many sequences of the global order: on all ranks the same number."""
        for _ in range(sequences):
            self._draw()

    @property
    def epochs(self) -> dict[str, float]:
        """How often each source has been passed through so far."""
        return {
            name: self._drawn[name] * stream.context_length / stream.tokens for name, stream in self.streams.items()
        }

    def state_dict(self) -> dict[str, Any]:
        """Return the place in the order as JSON data. Take it when all ranks have taken equally many sequences."""
        return {
            "version": STATE_VERSION,
            "fingerprint": self._fingerprint,
            "position": self.position,
            "drawn": dict(self._drawn),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there.

        Raises:
            InvalidCorpusError: the state is of another corpus, mixture, seed or context length.
        """
        if state.get("version") != STATE_VERSION or state.get("fingerprint") != self._fingerprint:
            raise InvalidCorpusError(
                "the saved place in the data is of another corpus, mixture, seed or context length; "
                "give the same ones, or start the data from its beginning"
            )
        self.position = int(state["position"])
        self._drawn = {name: int(state["drawn"][name]) for name in self._drawn}

    def _draw(self) -> tuple[str, int]:
        """Advance the global order by one; return its source, and which sequence of that."""
        wanted = self.position + 1
        name = max(self._weights, key=lambda item: item[1] * wanted - self._drawn[item[0]])[0]
        k = self._drawn[name]
        self._drawn[name] += 1
        self.position += 1
        return name, k
