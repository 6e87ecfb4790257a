"""The recipes fit the models that they start from: their configurations, tensors and tokenizers.

`published_models.json` has the facts of the models' config.json and tokenizer_config.json; the weights here are holes.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip("torch")
tokenizers = pytest.importorskip("tokenizers")

from prover.data.corpora.corpus import pack  # noqa: E402
from prover.data.corpora.folder import DataFolder  # noqa: E402
from prover.data.corpora.shards import Document, write_documents  # noqa: E402
from prover.data.corpora.tokenizer import FileTokenizer  # noqa: E402
from prover.errors import InvalidRecipeError  # noqa: E402
from prover.train.data_record import check_tokenizer  # noqa: E402
from prover.train.known_model import check_model  # noqa: E402
from prover.train.model import Llama  # noqa: E402
from prover.train.recipe import read_recipe  # noqa: E402
from prover.train.stream import open_corpus  # noqa: E402

PUBLISHED = json.loads((Path(__file__).parent / "published_models.json").read_text())
RECIPES = ["llemma-7b", "llemma-34b", "proofstep-finetune"]


def tensors(config: dict[str, Any]) -> dict[str, list[int]]:
    """Names and shapes of a Llama's tensors, as transformers documents them."""
    hidden, inner, vocabulary = config["hidden_size"], config["intermediate_size"], config["vocab_size"]
    values = config["num_key_value_heads"] * hidden // config["num_attention_heads"]
    found = {"model.embed_tokens.weight": [vocabulary, hidden], "lm_head.weight": [vocabulary, hidden]}
    found["model.norm.weight"] = [hidden]
    for layer in range(config["num_hidden_layers"]):
        for name, shape in {
            **{"self_attn.q_proj": [hidden, hidden], "self_attn.o_proj": [hidden, hidden]},
            **{"self_attn.k_proj": [values, hidden], "self_attn.v_proj": [values, hidden]},
            **{"mlp.gate_proj": [inner, hidden], "mlp.up_proj": [inner, hidden], "mlp.down_proj": [hidden, inner]},
            **{"input_layernorm": [hidden], "post_attention_layernorm": [hidden]},
        }.items():
            found[f"model.layers.{layer}.{name}.weight"] = shape
    return found


def write_holes(folder: Path, config: dict[str, Any]) -> Path:
    """Write a checkpoint of the real shapes whose file has no blocks on the disk."""
    header, end = {}, 0
    for name, shape in tensors(config).items():
        size = 2 * int(torch.Size(shape).numel())
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    folder.mkdir()
    with (folder / "model.safetensors").open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(file.tell() + end)
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_starts_from_the_published_model(name: str, tmp_path: Path) -> None:
    recipe = read_recipe(name)
    assert recipe.start.weights is not None
    config = PUBLISHED[recipe.start.weights]["config"]
    with torch.device("meta"):
        model = Llama(recipe.model)
    notes = check_model(write_holes(tmp_path / "model", config), model)
    rope_changes = name == "llemma-7b"  # the paper's authors trained it with another base than Code Llama's
    assert bool(notes) is rope_changes
    assert (recipe.model.bos_token_id, recipe.model.eos_token_id) == (config["bos_token_id"], config["eos_token_id"])
    assert recipe.data.context_length <= config["max_position_embeddings"]


def test_a_recipe_is_refused_the_other_models_weights(tmp_path: Path) -> None:
    config = PUBLISHED["codellama/CodeLlama-34b-hf"]["config"]
    with torch.device("meta"):
        model = Llama(read_recipe("llemma-7b").model)
    with pytest.raises(InvalidRecipeError, match="vocab_size is 32000 there and 32016 in the recipe"):
        check_model(write_holes(tmp_path / "model", config), model)


def write_tokenizer(folder: Path, about: dict[str, Any]) -> Path:
    """A tokenizer with the published numbers of its special tokens; its other pieces are made up."""
    fixed = about["special"] | about["infilling"]
    others = iter(range(10**6))
    words = {number: word for word, number in fixed.items()}
    count = max(about["pieces"], *(number + 1 for number in words))
    vocabulary = {words.get(number) or f"w{next(others)}": number for number in range(count)}
    bare = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="<unk>"))
    bare.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    bare.add_special_tokens(list(fixed))
    folder.mkdir()
    bare.save(str(folder / "tokenizer.json"))
    config = {"tokenizer_class": about["tokenizer_class"], "bos_token": "<s>", "eos_token": "</s>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_fits_the_published_tokenizer(name: str, tmp_path: Path) -> None:
    """Code Llama 34B has 32,000 embeddings; its tokenizer declares four more tokens, which no text has."""
    recipe = read_recipe(name)
    assert recipe.start.weights is not None
    home = write_tokenizer(tmp_path / "tokenizer", PUBLISHED[recipe.start.weights]["tokenizer"])
    tokenizer = FileTokenizer(home)
    assert (tokenizer.begin, tokenizer.end) == (recipe.model.bos_token_id, recipe.model.eos_token_id)
    assert (tokenizer.vocabulary > recipe.model.vocab_size) is (name == "llemma-34b")
    assert FileTokenizer(home, "neox").end == 0  # sentencepiece's answer for a piece that there is not
    write_documents(tmp_path / "data" / "web" / "train", "web", [Document("w1 w2 <PRE> w31990")])
    corpus = pack(DataFolder.open(tmp_path / "data"), tmp_path / "corpus", str(home))
    changed = recipe.data.model_copy(update={"corpus": tmp_path / "corpus", "mixture": None})
    opened = open_corpus(changed, recipe.model.vocab_size)
    assert opened.record is not None
    check_tokenizer(opened.record, home, recipe.start.weights)
    assert corpus.largest(tmp_path / "corpus") < recipe.model.vocab_size
