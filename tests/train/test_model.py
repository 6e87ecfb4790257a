"""The model is transformers' Llama. `make test-train`."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [
    pytest.mark.train,
    pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning"),  # inside torch.compile
]
torch = pytest.importorskip("torch")

from prover.train.batch import micro_batch  # noqa: E402
from prover.train.document_attention import documents_of  # noqa: E402
from prover.train.model import Llama, documents_mask, sequence_losses  # noqa: E402
from prover.train.weights import config_of  # noqa: E402
from tests.train.runs import corpus, tiny  # noqa: E402

TOKENS = [[3, 9, 27, 41, 1, 0, 63, 5, 5, 12], [8, 7, 6, 5, 4, 3, 2, 1, 0, 60]]


def model(**sizes: Any) -> Any:
    torch.manual_seed(1)
    made = Llama(tiny(model=sizes).model)
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, mean=float(parameter.ndim == 1), std=0.3)
    return made


@pytest.mark.parametrize(
    "sizes",
    [
        {"num_key_value_heads": 2},
        {"num_key_value_heads": 4, "rope_theta": 1e6},
        {"num_key_value_heads": 1, "head_dim": 16},
        {"tie_word_embeddings": True},
    ],
    ids=["grouped heads", "RoPE base", "one key-value head, wide", "tied"],
)
def test_logits_and_gradients_are_those_of_transformers(sizes: dict[str, Any]) -> None:
    transformers = pytest.importorskip("transformers")
    ours = model(**sizes)
    theirs = transformers.LlamaForCausalLM(transformers.LlamaConfig(**config_of(ours.shape, torch.float32)))
    theirs.load_state_dict(ours.state_dict(), strict=not ours.shape.tie_word_embeddings)
    theirs.tie_weights()
    tokens = torch.tensor(TOKENS)
    logits, wanted = ours(tokens), theirs(tokens).logits
    torch.testing.assert_close(logits, wanted, rtol=1e-5, atol=1e-5)
    logits.square().sum().backward()
    wanted.square().sum().backward()
    for name, parameter in theirs.named_parameters():
        torch.testing.assert_close(ours.get_parameter(name).grad, parameter.grad, rtol=1e-4, atol=1e-3)


def test_documents_in_one_sequence_see_nothing_of_each_other() -> None:
    llama = model()
    tokens = torch.tensor(TOKENS)
    together = llama(
        tokens.reshape(1, 20),
        torch.arange(10).repeat(2)[None],
        torch.tensor([[0] * 10 + [1] * 10]),
    )
    torch.testing.assert_close(together.reshape(2, 10, -1), llama(tokens), rtol=1e-5, atol=1e-5)
    assert not documents_mask(torch.tensor([[0, 0, 1]]))[0, 0, 2, 1]


SEGMENTS = [
    [[0] * 10, [0] * 10],
    [[0] * 4 + [1] * 6, [0] * 9 + [1]],
    [list(range(10)), [0, 0, 1, 1, 1, 2, 3, 3, 3, 3]],
]


@pytest.mark.parametrize("segments", SEGMENTS, ids=["one a sequence", "two", "many, some of one token"])
@pytest.mark.parametrize("key_values", [4, 2, 1])
def test_attention_over_variable_lengths_is_that_with_a_mask(segments: list[list[int]], key_values: int) -> None:
    numbers = torch.tensor(segments)
    positions = torch.tensor([[i - row.index(row[i]) for i in range(10)] for row in segments])
    masked, varying = model(num_key_value_heads=key_values), model(num_key_value_heads=key_values)
    varying.document_attention = "varlen"
    found, wanted = (llama(torch.tensor(TOKENS), positions, numbers) for llama in (varying, masked))
    torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-5)
    for logits in (found, wanted):
        logits.square().mean().backward()
    for name, parameter in masked.named_parameters():
        torch.testing.assert_close(varying.get_parameter(name).grad, parameter.grad, rtol=1e-4, atol=1e-5)


def test_documents_of_sequences_stand_in_one_row() -> None:
    """Equal numbers on both sides of a sequence's end are two documents."""
    found = documents_of(torch.tensor([[0, 0, 1], [1, 1, 1]]))
    assert (found.starts.tolist(), found.longest) == ([0, 2, 3, 6], 3)


@pytest.mark.parametrize("mode", ["selective", "full"])
@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
def test_activation_checkpointing_changes_no_gradient(mode: str, compiled: bool) -> None:
    tokens = torch.tensor(TOKENS)
    plain, saving = model(), model()
    for layer in saving.model.layers:
        layer.checkpointing = mode
        if compiled:
            layer.compile(fullgraph=True, dynamic=False)
    for llama in (plain, saving):
        llama(tokens).square().mean().backward()
    for name, parameter in plain.named_parameters():
        torch.testing.assert_close(saving.get_parameter(name).grad, parameter.grad, rtol=1e-5, atol=1e-6)


def test_masked_labels_count_nothing() -> None:
    llama = model()
    tokens = torch.tensor(TOKENS)
    logits = llama(tokens)
    labels = tokens.roll(-1, 1)
    whole = sequence_losses(logits, labels)
    masked = labels.clone()
    masked[:, :4] = -100
    part = sequence_losses(logits, masked)
    first = sequence_losses(logits[:, :4], labels[:, :4])
    torch.testing.assert_close(part, whole - first)


def test_prompts_of_the_corpus_are_masked_in_a_batch() -> None:
    recipe = tiny(data={"separate": True})
    stream = corpus(recipe).training(rank=0, world_size=1)
    sequences = [next(stream) for _ in range(6)]
    batch = micro_batch(sequences, separate=True, device=torch.device("cpu"), vocabulary=64)
    assert batch.learned == tuple(int((row != -100).sum()) for row in batch.labels)
    text = [row for row, source in enumerate(batch.sources) if source == "text"]
    assert text
    assert all(batch.learned[row] < 32 for row in text)
