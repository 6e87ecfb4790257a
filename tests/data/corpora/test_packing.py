"""Packing loses no token, keeps documents apart, and is a function of seed, source and number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prover.data.corpora.packing import IGNORED, PackedSequence, SourceStream
from prover.errors import InvalidCorpusError
from tests.data.corpora.sources import MemorySource

lengths = st.lists(st.integers(1, 40), min_size=1, max_size=30)
contexts = st.integers(1, 33)


@given(lengths, contexts, st.integers(0, 3))
def test_each_epoch_has_every_token_once(lengths: list[int], context: int, seed: int) -> None:
    source = MemorySource("s", lengths)
    stream = SourceStream(source, context, seed=seed, shuffle="documents")
    epochs = 3
    count = -(-epochs * stream.tokens // context)
    tokens = np.concatenate([stream.sequence(k).tokens for k in range(count)])[: epochs * stream.tokens]
    for epoch in np.split(tokens, epochs):
        assert sorted(epoch) == list(range(stream.tokens))


@given(lengths, contexts)
def test_documents_stay_whole_and_in_order_within_themselves(lengths: list[int], context: int) -> None:
    source = MemorySource("s", lengths)
    stream = SourceStream(source, context, seed=1, shuffle="documents")
    tokens = np.concatenate([stream.sequence(k).tokens for k in range(-(-stream.tokens // context))])[: stream.tokens]
    order = np.argsort([np.flatnonzero(tokens == document[0])[0] for document in source.documents])
    assert np.array_equal(tokens, np.concatenate([source.documents[i] for i in order]))


@given(lengths, contexts, st.integers(0, 20))
def test_labels_are_the_next_tokens_also_across_sequences(lengths: list[int], context: int, k: int) -> None:
    stream = SourceStream(MemorySource("s", lengths), context, shuffle="documents")
    now, after = stream.sequence(k), stream.sequence(k + 1)
    assert np.array_equal(now.labels, np.append(now.tokens[1:], after.tokens[0]))


@given(lengths, contexts, st.integers(0, 3))
def test_shuffled_sequences_are_those_of_the_documents_in_another_order(
    lengths: list[int], context: int, seed: int
) -> None:
    source = MemorySource("s", lengths)
    plain, mixed = (SourceStream(source, context, seed=seed, shuffle=what) for what in ("documents", "sequences"))
    pieces = -(-plain.tokens // context)
    for epoch in range(3):
        numbers = range(epoch * pieces, (epoch + 1) * pieces)
        wanted, found = ([stream.sequence(k) for k in numbers] for stream in (plain, mixed))
        assert sorted(map(content, found)) == sorted(map(content, wanted))
    drawn = np.concatenate([mixed.sequence(k).tokens for k in range(pieces)])
    assert set(drawn.tolist()) == set(range(plain.tokens))  # every token within the first epoch's sequences


def content(sequence: PackedSequence) -> tuple[list[int], list[int], list[int]]:
    return sequence.tokens.tolist(), sequence.labels.tolist(), sequence.starts.tolist()


def test_the_first_sequences_are_from_many_documents() -> None:
    """With only documents shuffled, 32 sequences would be from four of these."""
    source = MemorySource("long", [40_000] * 200)
    owners = {}
    for what in ("documents", "sequences"):
        stream = SourceStream(source, 4096, seed=0, shuffle=what)
        owners[what] = {int(stream.sequence(k).tokens[0]) // 40_000 for k in range(32)}
    assert len(owners["documents"]) == 4
    assert len(owners["sequences"]) > 24


@given(lengths, contexts, st.integers(0, 60))
def test_a_shuffled_sequence_depends_on_nothing_drawn_before(lengths: list[int], context: int, k: int) -> None:
    source = MemorySource("s", lengths)
    used = SourceStream(source, context, seed=5)
    for before in range(k):
        used.sequence(before)
    assert content(used.sequence(k)) == content(SourceStream(source, context, seed=5).sequence(k))


@given(lengths, contexts, st.integers(0, 20))
def test_segments_and_positions_agree_with_the_documents(lengths: list[int], context: int, k: int) -> None:
    source = MemorySource("s", lengths)
    sequence = SourceStream(source, context, separate=True).sequence(k)
    ends = np.cumsum(source.lengths)
    owner = np.searchsorted(ends, sequence.tokens, side="right")
    begins = np.flatnonzero(np.diff(owner, prepend=-1) | (np.diff(sequence.tokens, prepend=-2) != 1))
    assert list(sequence.starts) == list(begins)
    assert list(sequence.segments) == [int(np.sum(begins <= i)) - 1 for i in range(context)]
    assert list(sequence.positions) == [i - max(b for b in begins if b <= i) for i in range(context)]
    assert list(sequence.cumulative_lengths) == [*begins, context]
    first_of_documents = set(ends - source.lengths)
    assert not first_of_documents & set(sequence.labels[sequence.labels != IGNORED])


def test_prompts_are_given_and_answers_predicted() -> None:
    source = MemorySource("pairs", [5, 4], prompts=[3, 2])
    labels = np.concatenate([s.labels for s in SourceStream(source, 3, in_order=True).once()])
    assert list(labels) == [IGNORED, IGNORED, 3, 4, IGNORED, IGNORED, 7, 8, IGNORED]


@given(lengths, contexts, st.integers(1, 4))
def test_a_single_pass_predicts_every_token_but_the_first_once(lengths: list[int], context: int, ranks: int) -> None:
    stream = SourceStream(MemorySource("s", lengths), context, in_order=True)
    passes = [list(stream.once(rank=rank, world_size=ranks)) for rank in range(ranks)]
    labels = np.concatenate([sequence.labels for part in passes for sequence in part])
    assert sorted(labels[labels != IGNORED]) == list(range(1, stream.tokens))
    assert max(map(len, passes)) - min(map(len, passes)) <= 1


def test_epochs_and_seeds_have_orders_of_their_own() -> None:
    source = MemorySource("s", [1] * 64)
    orders = {
        tuple(SourceStream(source, 64, seed=seed).sequence(epoch).tokens) for seed in range(3) for epoch in range(3)
    }
    assert len(orders) == 9


def test_the_order_is_the_same_for_ever() -> None:
    stream = SourceStream(MemorySource("golden", [1] * 10), 10, seed=7)
    assert stream.sequence(0).tokens.tolist() == GOLDEN


def test_a_source_without_documents_is_refused() -> None:
    with pytest.raises(InvalidCorpusError, match="no documents"):
        SourceStream(MemorySource("s", []), 4)


def test_the_order_of_sequences_is_the_same_for_ever() -> None:
    stream = SourceStream(MemorySource("golden", [2] * 6), 2, seed=7)
    assert [int(stream.sequence(k).tokens[0]) // 2 for k in range(12)] == GOLDEN_SEQUENCES


GOLDEN_SEQUENCES = [4, 1, 3, 0, 5, 2, 0, 5, 2, 3, 1, 4]
GOLDEN = [0, 8, 3, 5, 1, 7, 2, 6, 9, 4]
