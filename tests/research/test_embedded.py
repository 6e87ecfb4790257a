from __future__ import annotations

import json
from pathlib import Path

import pytest

from prover.errors import ContextOverflowError, LanguageModelError
from prover.models.model import Sampling

pytestmark = pytest.mark.research
np = pytest.importorskip("numpy", reason="extra [research]: make test-research")
pytest.importorskip("tokenizers", reason="extra [research]: make test-research")
threadpoolctl = pytest.importorskip("threadpoolctl", reason="extra [research]: make test-research")

from research.embedded import EmbeddedModel  # noqa: E402
from research.numpy_llama import Continuations, NumpyLlama, PrefixCache, read_safetensors  # noqa: E402

GOLDEN = Path(__file__).parent.parent / "golden" / "llama"
"""A Llama of 20,000 random weights with two query heads a key head, and the logits that transformers gives for it; see
tests/research/test_golden_llama.py."""


@pytest.fixture(scope="module")
def golden() -> dict[str, list[object]]:
    return dict(json.loads((GOLDEN / "logits.json").read_text()))


@pytest.fixture(scope="module")
def llama() -> NumpyLlama:
    return NumpyLlama(GOLDEN)


def test_logits_are_those_of_transformers(llama: NumpyLlama, golden: dict[str, list[object]]) -> None:
    hidden, _ = llama.read(list(golden["tokens"]))  # type: ignore[arg-type]
    np.testing.assert_allclose(llama.logits(hidden), np.array(golden["logits"]), rtol=0, atol=2e-4)


def test_a_known_prefix_changes_nothing(llama: NumpyLlama, golden: dict[str, list[object]]) -> None:
    tokens: list[int] = list(golden["tokens"])  # type: ignore[arg-type]
    whole, keys = llama.read(tokens)
    for length in (1, 7, len(tokens) - 1):
        rest, again = llama.read(tokens, keys.first(length))
        np.testing.assert_allclose(rest, whole[length:], rtol=0, atol=1e-5)
        assert again.tokens == tuple(tokens)


def test_continuations_of_one_prefix_are_those_of_each_alone(llama: NumpyLlama) -> None:
    prefix = [3, 9, 4, 40, 7]
    _, keys = llama.read(prefix)
    answers = np.array([[5, 6], [7, 8], [60, 1]])
    hidden, so_far = llama.go_on(answers[:, 0], Continuations(keys))
    hidden, so_far = llama.go_on(answers[[0, 2], 1], so_far.kept(np.array([0, 2])))
    for row, answer in enumerate(answers[[0, 2]]):
        alone, _ = llama.read([*prefix, *answer.tolist()])
        np.testing.assert_allclose(hidden[row], alone[-1], rtol=0, atol=1e-5)


def test_the_prefix_cache_reads_only_what_is_new(llama: NumpyLlama) -> None:
    cache = PrefixCache(llama, entries=2)
    first, _ = cache.read([1, 2, 3, 4])
    assert cache.reused == 0
    cache.read([1, 2, 3, 9])
    assert cache.reused == 3
    again, _ = cache.read([1, 2, 3, 4])
    assert cache.reused == 6  # the last token is always read, for its logits
    np.testing.assert_allclose(again, first, rtol=0, atol=1e-5)


def test_what_does_not_fit_the_context_is_refused(llama: NumpyLlama) -> None:
    with pytest.raises(LanguageModelError, match="do not fit"):
        llama.read([1] * (llama.context + 1))
    with pytest.raises(LanguageModelError, match="cannot read the model"):
        NumpyLlama(GOLDEN / "nowhere")


def test_half_precision_is_read_as_what_it_says(tmp_path: Path) -> None:
    values = np.array([[1.0, -2.5], [0.125, 3.0]], dtype=np.float32)
    bits = (values.view(np.uint32) >> 16).astype("<u2").tobytes()
    halves = values.astype("<f2").tobytes()
    header = json.dumps(
        {
            "__metadata__": {"format": "pt"},
            "b": {"dtype": "BF16", "shape": [2, 2], "data_offsets": [0, 8]},
            "h": {"dtype": "F16", "shape": [4], "data_offsets": [8, 16]},
        }
    ).encode()
    (tmp_path / "m.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bits + halves)
    found = read_safetensors(tmp_path / "m.safetensors")
    assert found["b"].tolist() == values.tolist()
    assert found["h"].tolist() == values.flatten().tolist()
    assert found["h"].dtype == np.float32


async def test_samples_are_drawn_with_their_logprobs_and_stop() -> None:
    model = EmbeddedModel(GOLDEN)
    sampling = Sampling(n=6, temperature=1.0, max_tokens=12, stop=("e",), seed=3)
    (drawn,) = await model.complete(["a state"], sampling)
    assert len(drawn) == 6
    (again,) = await model.complete(["a state"], sampling)
    assert [completion.text for completion in again] == [completion.text for completion in drawn]
    assert len({completion.text for completion in drawn}) > 1
    for completion in drawn:
        assert "e" not in completion.text
        assert completion.finished or completion.tokens == 12
        assert completion.logprob is not None
        assert completion.logprob < 0
    (greedy,) = await model.complete(["a state"], Sampling(n=6, temperature=0, max_tokens=4))
    assert len(greedy) == 1
    with pytest.raises(ContextOverflowError):
        await model.complete(["x" * 500], sampling)
    await model.close()


async def test_it_works_on_one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def logits(self: NumpyLlama, hidden: object) -> object:
        threads.extend(
            library["num_threads"] for library in threadpoolctl.threadpool_info() if library["user_api"] == "blas"
        )
        return plain(self, hidden)  # type: ignore[arg-type]

    plain = NumpyLlama.logits
    monkeypatch.setattr(NumpyLlama, "logits", logits)
    model = EmbeddedModel(GOLDEN)
    await model.complete(["a state"], Sampling(n=2, temperature=1.0, max_tokens=3))
    await model.close()
    assert set(threads) == {1}
