"""The trainer's input: sequences of tokens in a global order over all ranks. No torch.

`MixedCorpus` makes such streams from sources that `prover data pack` stored, or that are in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from prover.data.corpora.mixture import MixedSequences, Mixture
from prover.data.corpora.packing import SourceStream, Tokens, TokenSource
from prover.errors import InvalidCorpusError, InvalidRecipeError
from prover.train.data_record import DataRecord
from prover.train.recipe import Data


class TokenSequence(Protocol):
    """One training sequence of T tokens; see `prover.data.corpora.packing.PackedSequence`."""

    @property
    def tokens(self) -> Tokens:
        """The tokens, int32 [T]."""

    @property
    def labels(self) -> Tokens:
        """What is to be predicted after each token, or IGNORED, int32 [T]."""

    @property
    def segments(self) -> Tokens:
        """Which document of the sequence each token is of, int32 [T]."""

    @property
    def positions(self) -> Tokens:
        """Each token's place in its document within this sequence, int32 [T]."""

    @property
    def source(self) -> str:
        """Name of the source that the sequence is from."""


class TokenStream(Protocol):
    """The endless sequences of one rank.

    There is one global order: from position n, rank r of W takes numbers n + r, n + r + W, ... When all ranks have
    taken equally many sequences they share a position, from which any number of ranks can continue.
    """

    def __next__(self) -> TokenSequence:
        """Return the rank's next sequence."""

    def skip(self, sequences: int) -> None:
        """Skip sequences of the global order, the same number on all ranks."""

    def state_dict(self) -> dict[str, Any]:
        """Return the position in the global order as JSON data, equal on all ranks."""

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a position, possibly saved with another number of ranks."""


class TrainingCorpus(Protocol):
    """The data that a run is trained and validated on."""

    @property
    def record(self) -> DataRecord | None:
        """What is to be remembered of it; None: nothing, it is in memory."""

    def training(self, *, rank: int, world_size: int) -> TokenStream:
        """Return the rank's training sequences."""

    def held_out(self, *, rank: int, world_size: int) -> Mapping[str, Iterator[TokenSequence]]:
        """Return the rank's share of the sequences for validation, by source; every rank has the same names."""


class MemoryTokens:
    """A source whose documents are in memory. `prompts`: tokens at the start of each that are not trained on."""

    def __init__(self, name: str, documents: Sequence[Sequence[int]], prompts: Sequence[int] | None = None) -> None:
        self.name = name
        self.lengths: npt.NDArray[np.int64] = np.array([len(document) for document in documents], np.int64)
        self.prompts: npt.NDArray[np.int64] = np.array(prompts or [0] * len(documents), np.int64)
        self._documents = [np.array(document, np.int32) for document in documents]

    def read(self, document: int, start: int, stop: int) -> Tokens:
        """Return tokens [start, stop) of a document."""
        return self._documents[document][start:stop]


class MixedCorpus:
    """Training sources, mixed by weight, and held-out sources."""

    def __init__(
        self,
        data: Data,
        training: Sequence[TokenSource],
        held_out: Sequence[TokenSource] = (),
    ) -> None:
        self._data = data
        self.record: DataRecord | None = None
        self._mixture = Mixture.parse(data.mixture) if data.mixture else Mixture(weights={s.name: 1 for s in training})
        self._training = training
        if data.mixture is not None and self._mixture.weights.keys() <= {source.name for source in training}:
            self._training = [source for source in training if source.name in self._mixture.weights]
        self._held_out = held_out

    @property
    def sources(self) -> set[str]:
        """Names of the sources that are trained on."""
        return {source.name for source in self._training}

    def training(self, *, rank: int, world_size: int) -> TokenStream:
        """Return the rank's training sequences. Raises InvalidCorpusError if mixture and sources do not fit."""
        return MixedSequences(
            self._training,
            self._mixture,
            context_length=self._data.context_length,
            seed=self._data.seed,
            rank=rank,
            world_size=world_size,
            separate=self._data.separate,
            shuffle=self._data.shuffle,
        )

    def held_out(self, *, rank: int, world_size: int) -> Mapping[str, Iterator[TokenSequence]]:
        """Return the rank's share of each held-out source, every token once."""
        return {
            source.name: SourceStream(
                source, self._data.context_length, separate=self._data.separate, in_order=True
            ).once(rank=rank, world_size=world_size)
            for source in sorted(self._held_out, key=lambda source: source.name)
        }


def open_corpus(data: Data, vocabulary: int) -> MixedCorpus:
    """Return the corpus of a recipe; `vocabulary` is the model's.

    Raises:
        InvalidRecipeError: the recipe names no corpus, or a token in it exceeds the model's vocabulary.
        InvalidCorpusError: the corpus cannot be read, or has changed since it was packed.
    """
    from prover.data.corpora.check_packed import changed_shards
    from prover.data.corpora.corpus import PackedCorpus

    if data.corpus is None:
        raise InvalidRecipeError(
            "there is nothing to train on: --set data.corpus=FOLDER (`prover data pack` makes one)"
        )
    stored = PackedCorpus.read(data.corpus)
    if (largest := stored.largest(data.corpus)) >= vocabulary:
        raise InvalidRecipeError(
            f"{data.corpus} has the token {largest}, and the model has only 0 to {vocabulary - 1}: "
            "pack it with the model's tokenizer, or set model.vocab_size"
        )
    changed = list(changed_shards(stored, data.corpus)) if data.verify else []
    if changed:
        raise InvalidCorpusError(
            f"{data.corpus} is not as it was packed: another checksum of {', '.join(changed[:3])}"
            f"{' ...' if changed[3:] else ''}. `prover data pack` makes anew what has no .documents.npy"
        )
    training, held_out = (stored.sources(data.corpus, split) for split in ("train", "validation"))
    opened = MixedCorpus(data, training, held_out)
    opened.record = DataRecord.of(stored, opened.sources)
    return opened
