"""The global order of a mixture: shares, ranks, resuming."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prover.data.corpora.mixture import MixedSequences, Mixture
from prover.data.corpora.packing import PackedSequence, Shuffle
from prover.errors import InvalidCorpusError
from prover.train.recipe import Data
from prover.train.stream import MemoryTokens, MixedCorpus
from tests.data.corpora.sources import MemorySource

LLEMMA = Mixture.llemma()


def sequences(*, rank: int = 0, world_size: int = 1, seed: int = 3) -> MixedSequences:
    sources = [
        MemorySource(name, [5, 9, 2, 14], first=100 * i, prompts=[1, 0, 2, 0]) for i, name in enumerate(LLEMMA.weights)
    ]
    return MixedSequences(sources, LLEMMA, context_length=8, seed=seed, rank=rank, world_size=world_size)


def content(sequence: PackedSequence) -> tuple[object, ...]:
    return (
        sequence.number,
        sequence.source,
        sequence.tokens.tolist(),
        sequence.labels.tolist(),
        sequence.starts.tolist(),
    )


def taken(parts: list[MixedSequences], steps: int) -> list[tuple[object, ...]]:
    return sorted((content(next(part)) for _ in range(steps) for part in parts), key=lambda row: int(str(row[0])))


def test_the_papers_mixture() -> None:
    weights = LLEMMA.weights
    assert weights["arxiv"] == pytest.approx(0.271, abs=1e-3)
    assert weights["open-web-math"] == pytest.approx(0.543, abs=1e-3)
    assert weights["algebraic-stack"] == pytest.approx(0.136, abs=1e-3)
    assert weights["pile"] == pytest.approx(0.02)
    assert weights["github"] == pytest.approx(0.03)
    assert Mixture.parse("llemma") == LLEMMA
    assert Mixture.parse(str(LLEMMA)).weights == pytest.approx(weights, abs=1e-5)


@given(st.lists(st.floats(0.01, 10), min_size=1, max_size=6), st.integers(1, 300))
def test_no_source_gets_ahead_of_its_share_or_starves(weights: list[float], steps: int) -> None:
    mixture = Mixture(weights={f"s{i}": weight for i, weight in enumerate(weights)})
    mixed = MixedSequences([MemorySource(name, [3]) for name in mixture.weights], mixture, context_length=2, seed=0)
    counts = dict.fromkeys(mixture.weights, 0)
    for _ in range(steps):
        counts[next(mixed).source] += 1
    for name, count in counts.items():
        assert count < steps * mixture.weights[name] + 1
        assert count > steps * mixture.weights[name] - len(weights)
    assert mixed.epochs == pytest.approx({name: count * 2 / 3 for name, count in counts.items()})


@pytest.mark.parametrize("ranks", [1, 2, 3, 8])
def test_ranks_share_one_order(ranks: int) -> None:
    parts = [sequences(rank=rank, world_size=ranks) for rank in range(ranks)]
    assert taken(parts, 48 // ranks) == taken([sequences()], 48)


@pytest.mark.parametrize(("before", "after"), [(1, 1), (2, 3), (4, 1), (3, 8)])
def test_another_number_of_ranks_goes_on_in_the_same_order(before: int, after: int) -> None:
    parts = [sequences(rank=rank, world_size=before) for rank in range(before)]
    done = taken(parts, 5)
    states = [json.loads(json.dumps(part.state_dict())) for part in parts]
    assert all(state == states[0] for state in states)
    assert len(json.dumps(states[0])) < 300
    resumed = [sequences(rank=rank, world_size=after) for rank in range(after)]
    for part in resumed:
        part.load_state_dict(states[0])
    rest = taken(resumed, 6)
    assert done + rest == taken([sequences()], 5 * before + 6 * after)


def test_skipped_sequences_are_left_out_and_nothing_else() -> None:
    mixed, whole = sequences(), taken([sequences()], 20)
    first = taken([mixed], 4)
    mixed.skip(7)
    assert first + taken([mixed], 9) == whole[:4] + whole[11:]


@pytest.mark.parametrize("shuffle", ["sequences", "documents"])
def test_a_place_is_of_one_way_to_shuffle(shuffle: Shuffle) -> None:
    sources = [MemorySource("wood", [9] * 9)]
    made = {
        what: MixedSequences(sources, Mixture.parse("wood=1"), context_length=4, seed=0, shuffle=what)
        for what in ("sequences", "documents")
    }
    next(made[shuffle])
    for what, other in made.items():
        if what != shuffle:
            with pytest.raises(InvalidCorpusError, match="another corpus, mixture, seed"):
                other.load_state_dict(made[shuffle].state_dict())


def test_a_place_of_an_earlier_version_is_one_of_shuffled_documents() -> None:
    place = {"version": 1, "fingerprint": "5080a164d3dd2c00", "position": 3, "drawn": {"wood": 3}}
    mixture = Mixture.parse("wood=1")
    mixed = MixedSequences([MemorySource("wood", [9] * 9)], mixture, context_length=4, seed=0, shuffle="documents")
    mixed.load_state_dict(place)
    assert mixed.position == 3


def test_proof_pile_2_alone_has_a_mixture_and_the_papers_says_what_it_misses() -> None:
    sources = [MemorySource(name, [9]) for name in ("arxiv", "open-web-math", "algebraic-stack")]
    alone = MixedSequences(sources, Mixture.parse("proof-pile-2"), context_length=4, seed=0)
    assert alone.mixture.weights == pytest.approx({"arxiv": 2 / 7, "open-web-math": 4 / 7, "algebraic-stack": 1 / 7})
    with pytest.raises(InvalidCorpusError, match=r"`prover data general DATA` brings github and pile, .* does without"):
        MixedSequences(sources, LLEMMA, context_length=4, seed=0)
    with pytest.raises(InvalidCorpusError, match=r"the corpus has arxiv$"):
        MixedSequences(sources[:1], LLEMMA, context_length=4, seed=0)
    everything = [MemoryTokens(name, [[1, 2, 3]]) for name in LLEMMA.weights]
    corpus = MixedCorpus(Data(mixture="proof-pile-2", context_length=2), everything)
    training = corpus.training(rank=0, world_size=1)
    assert {next(training).source for _ in range(20)} == {"arxiv", "open-web-math", "algebraic-stack"}


def test_a_state_of_other_data_is_refused() -> None:
    state = sequences().state_dict()
    with pytest.raises(InvalidCorpusError, match="another corpus, mixture, seed"):
        sequences(seed=4).load_state_dict(state)


@pytest.mark.parametrize("text", ["", "arxiv", "arxiv=0", "arxiv=1,arxiv=2", "arxiv=x", "arxiv=-1", "arxiv=nan"])
def test_what_is_no_mixture_is_refused(text: str) -> None:
    with pytest.raises(InvalidCorpusError, match="is no mixture"):
        Mixture.parse(text)


def test_a_mixture_that_is_written_out_chooses_what_to_train_on() -> None:
    sources = [MemoryTokens("wood", [[1, 2, 3]]), MemoryTokens("stone", [[4, 5, 6]])]
    corpus = MixedCorpus(Data(mixture="stone=1", context_length=2), sources, sources)
    training = corpus.training(rank=0, world_size=1)
    assert {next(training).source for _ in range(6)} == {"stone"}
    assert set(corpus.held_out(rank=0, world_size=1)) == {"stone", "wood"}
    with pytest.raises(InvalidCorpusError, match="open-web-math, pile; the corpus has stone, wood"):
        MixedCorpus(Data(mixture="llemma", context_length=2), sources).training(rank=0, world_size=1)
    with pytest.raises(InvalidCorpusError, match="the mixture is of glass, stone; the corpus has stone, wood"):
        MixedCorpus(Data(mixture="stone=1,glass=1", context_length=2), sources).training(rank=0, world_size=1)


def test_mixture_and_corpus_must_have_the_same_sources() -> None:
    with pytest.raises(InvalidCorpusError, match="the corpus has wood"):
        MixedSequences([MemorySource("wood", [3])], Mixture.parse("stone=1"), context_length=2, seed=0)
