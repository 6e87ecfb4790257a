"""The stored model of tests/golden/llama, which tests without torch rely on, is what transformers says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.research
torch = pytest.importorskip("torch", reason="extra [research]: make test-research")
transformers = pytest.importorskip("transformers", reason="extra [research]: make test-research")

GOLDEN = Path(__file__).parent.parent / "golden" / "llama"


def test_stored_logits_are_those_of_transformers(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        _write()
    model = transformers.LlamaForCausalLM.from_pretrained(GOLDEN, dtype=torch.float32)
    stored = json.loads((GOLDEN / "logits.json").read_text())
    with torch.inference_mode():
        logits = model(torch.tensor([stored["tokens"]])).logits[0]
    torch.testing.assert_close(logits, torch.tensor(stored["logits"]), rtol=0, atol=1e-4)


def test_the_numpy_llama_agrees_on_a_model_exported_here(tmp_path: Path) -> None:
    import numpy as np

    from prover.train.model import Llama
    from prover.train.weights import initialise, write_model
    from research.numpy_llama import NumpyLlama
    from tests.train.runs import tiny

    llama = Llama(tiny().model)
    initialise(llama, 0.3, 0)
    write_model(tmp_path, llama.shape, iter(llama.state_dict().items()), dtype=torch.bfloat16, file_gb=1.0)
    theirs = transformers.LlamaForCausalLM.from_pretrained(tmp_path, dtype=torch.float32)
    tokens = list(range(20))
    with torch.inference_mode():
        wanted = theirs(torch.tensor([tokens])).logits[0].numpy()
    ours = NumpyLlama(tmp_path)
    np.testing.assert_allclose(ours.logits(ours.read(tokens)[0]), wanted, rtol=0, atol=2e-5)


def _write() -> None:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    torch.manual_seed(0)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=262,
        special_tokens=["<s>", "</s>", "<|rank|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(["theorem state"], trainer)
    config = transformers.LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=128,
        initializer_range=0.3,
        rope_theta=10_000.0,
        bos_token_id=0,
        eos_token_id=1,
        tie_word_embeddings=True,
    )
    GOLDEN.mkdir(parents=True, exist_ok=True)
    transformers.LlamaForCausalLM(config).half().save_pretrained(GOLDEN)
    model = transformers.LlamaForCausalLM.from_pretrained(GOLDEN, dtype=torch.float32)
    tokens = torch.randint(0, config.vocab_size, (24,))
    with torch.inference_mode():
        logits = model(tokens[None]).logits[0]
    tokenizer.save(str(GOLDEN / "tokenizer.json"))
    rounded = [[round(number, 5) for number in row] for row in logits.tolist()]
    (GOLDEN / "logits.json").write_text(json.dumps({"tokens": tokens.tolist(), "logits": rounded}) + "\n")
