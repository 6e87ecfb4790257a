"""Documents concatenated and cut into sequences of the context length: no token is lost, none is padding.

`prover.data.corpora.mixture` then draws the sequences of several sources in turn.

A source's stream is all its documents, each with its end-of-document token, epoch after epoch without end, each in a
new order. Its pieces are the tokens [i * context_length, (i + 1) * context_length). They are not taken in that order,
in which a long document would fill many sequences in a row, but shuffled within an epoch: sequence number k is piece
p(k). It is a pure function of (seed, source, k). So resuming needs no replay, and any rank can make any sequence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from prover.data.corpora.shuffling import shuffled
from prover.errors import InvalidCorpusError

IGNORED = -100
"""The label where nothing is predicted, as in torch.nn.functional.cross_entropy."""

Tokens = npt.NDArray[np.int32]

Shuffle = Literal["sequences", "documents"]
"""What is shuffled in each epoch: documents, and then the sequences cut from them; or only documents."""


class TokenSource(Protocol):
    """The tokenised documents of one source."""

    @property
    def name(self) -> str:
        """Name of the source in mixtures."""

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Tokens of each document with its end-of-document token, [documents]; all positive."""

    @property
    def prompts(self) -> npt.NDArray[np.int64]:
        """Number of tokens at the start of each document that are given, not predicted, [documents]."""

    def read(self, document: int, start: int, stop: int) -> Tokens:
        """Return tokens [start, stop) of a document, int32 [stop - start]."""


@dataclass(frozen=True, slots=True)
class PackedSequence:
    """One training sequence of `context_length` = T tokens.

    tokens: int32 [T]
    labels: int32 [T]; labels[i] follows tokens[i], also beyond the sequence's end, or is IGNORED
    starts: int32 [D]; where a document, or the rest of one, starts; the first is 0
    source: of all its tokens
    number: its position in the global order (in a pass over one source: in that pass)
    """

    tokens: Tokens
    labels: Tokens
    starts: Tokens
    source: str
    number: int

    @property
    def segments(self) -> Tokens:
        """Which document of the sequence each token is of, counted from 0, int32 [T]: for a block-diagonal mask."""
        marks = np.zeros(len(self.tokens), np.int32)
        marks[self.starts[1:]] = 1
        return np.cumsum(marks, dtype=np.int32)

    @property
    def positions(self) -> Tokens:
        """Each token's position in its document within this sequence, int32 [T]: for rotary embeddings."""
        return np.arange(len(self.tokens), dtype=np.int32) - self.starts[self.segments]

    @property
    def cumulative_lengths(self) -> Tokens:
        """Where documents start, and T, int32 [D + 1]: `cu_seqlens` of attention over variable lengths."""
        return np.append(self.starts, np.int32(len(self.tokens)))


class SourceStream:
    """The endless stream of one source, as sequences.

    `separate`: attention stays within a document, so a document's first token is not a label.
    Otherwise it is, as in the Llemma paper's training (gpt-neox masks neither attention nor loss there).
    `in_order`: documents come in stored order in every epoch, and so do the sequences.
    """

    def __init__(
        self,
        source: TokenSource,
        context_length: int,
        *,
        seed: int = 0,
        separate: bool = False,
        shuffle: Shuffle = "sequences",
        in_order: bool = False,
    ) -> None:
        """Raises InvalidCorpusError if the source has no tokens."""
        if context_length < 1:
            raise InvalidCorpusError(f"a context length of {context_length} holds no tokens")
        self.source = source
        self.context_length = context_length
        self.tokens = int(source.lengths.sum())
        if not len(source.lengths) or int(source.lengths.min()) < 1:
            raise InvalidCorpusError(f"the source {source.name} has no documents, or an empty one")
        self._seed = seed
        self._separate = separate
        self._in_order = in_order
        self._shuffles_sequences = shuffle == "sequences" and not in_order
        self._pieces = -(-self.tokens // context_length)  # of an epoch; the last one reaches into the next
        self._piece_orders: dict[int, npt.NDArray[np.int64]] = {}
        self._epochs: dict[int, tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]] = {}

    def sequence(self, k: int, *, number: int | None = None) -> PackedSequence:
        """Return sequence k of the stream; `number`: its position in the global order."""
        first = self._piece(k) * self.context_length
        return self._make(first, first + self.context_length, k if number is None else number, ends=False)

    def once(self, *, rank: int = 0, world_size: int = 1) -> Iterator[PackedSequence]:
        """Yield each token once, for validation: of W ranks, number r has the sequences r, r + W, ...

        The very last sequence is padded with its last token, without labels. Ranks may differ by one sequence.
        """
        for k in range(rank, -(-self.tokens // self.context_length), world_size):
            stop = min(self.tokens, (k + 1) * self.context_length)
            yield self._make(k * self.context_length, stop, k, ends=stop == self.tokens)

    def _piece(self, k: int) -> int:
        """Return which piece of the stream sequence k is: each once, those of an epoch before those of the next."""
        if not self._shuffles_sequences:
            return k
        epoch, place = divmod(k, self._pieces)
        if epoch not in self._piece_orders:
            name = f"{self.source.name} sequences"
            self._piece_orders = {epoch: shuffled(self._pieces, seed=self._seed, source=name, epoch=epoch)}
        return epoch * self._pieces + int(self._piece_orders[epoch][place])

    def _make(self, first: int, stop: int, number: int, *, ends: bool) -> PackedSequence:
        """Make the sequence of tokens [first, stop); `ends`: the stream ends there."""
        parts: list[Tokens] = []
        predicted: list[npt.NDArray[np.bool_]] = []
        starts: list[int] = []
        at, after = first, stop if ends else stop + 1  # one more token, for the last label
        while at < after:
            document, offset = self._at(at)
            count = min(int(self.source.lengths[document]) - offset, after - at)
            if at < stop:
                starts.append(at - first)
            parts.append(self.source.read(document, offset, offset + count))
            unlabelled = max(int(self.source.prompts[document]), int(self._separate))
            predicted.append(np.arange(offset, offset + count) >= unlabelled)
            at += count
        stream = np.concatenate(parts)
        targets = np.where(np.concatenate(predicted), stream, np.int32(IGNORED)).astype(np.int32)
        tokens, labels = stream[: stop - first], targets[1:]
        if len(tokens) < self.context_length:
            tokens = np.pad(tokens, (0, self.context_length - len(tokens)), mode="edge")
        if len(labels) < self.context_length:
            labels = np.pad(labels, (0, self.context_length - len(labels)), constant_values=IGNORED)
        return PackedSequence(tokens, labels, np.array(starts, np.int32), self.source.name, number)

    def _at(self, token: int) -> tuple[int, int]:
        """Return the document of a token of the stream, and its position there."""
        epoch, within = divmod(token, self.tokens)
        order, ends = self._epoch(epoch)
        place = int(np.searchsorted(ends, within, side="right"))
        return int(order[place]), within - (int(ends[place - 1]) if place else 0)

    def _epoch(self, epoch: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the documents in that epoch's order, and where each ends."""
        epoch = 0 if self._in_order else epoch
        if epoch not in self._epochs:
            documents = len(self.source.lengths)
            if self._in_order:
                order = np.arange(documents, dtype=np.int64)
            else:
                order = shuffled(documents, seed=self._seed, source=self.source.name, epoch=epoch)
            while len(self._epochs) > 1:  # a sequence, and an epoch's sequences together, can extend into the next one
                del self._epochs[min(self._epochs)]
            self._epochs[epoch] = order, np.cumsum(self.source.lengths[order])
        return self._epochs[epoch]
