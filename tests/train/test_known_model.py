"""A checkpoint's model is the one that is trained, or it is refused by the name of what is not modelled."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from safetensors.torch import load_file, save_file  # noqa: E402

from prover.errors import InvalidCorpusError, InvalidRecipeError, TrainingError  # noqa: E402
from prover.train.batch import micro_batch  # noqa: E402
from prover.train.known_model import check_model  # noqa: E402
from prover.train.model import Llama  # noqa: E402
from prover.train.stream import MemoryTokens, MixedCorpus  # noqa: E402
from tests.train.runs import lines, run_here, tiny  # noqa: E402


def checkpoint(folder: Path, **config: Any) -> Path:
    """A Llama as transformers writes it."""
    sizes = tiny().model.model_dump(exclude={"rope_theta"}) | {"rope_parameters": {"rope_theta": 1e4}} | config
    torch.manual_seed(0)
    transformers.LlamaForCausalLM(transformers.LlamaConfig(**sizes)).save_pretrained(folder)
    return folder


def refused(folder: Path, **model: Any) -> str:
    with torch.device("meta"):
        llama = Llama(tiny(model=model).model)
    with pytest.raises(InvalidRecipeError) as error:
        check_model(folder, llama)
    return str(error.value)


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"attention_bias": True}, "attention_bias = True"),
        ({"mlp_bias": True}, "mlp_bias = True"),
        ({"hidden_act": "gelu"}, "hidden_act = gelu"),
        ({"rope_parameters": {"rope_type": "linear", "rope_theta": 1e4, "factor": 4.0}}, "rope_scaling = linear"),
        ({"head_dim": 16}, "head_dim is 16 there and 8 in the recipe"),
        ({"tie_word_embeddings": True}, "tie_word_embeddings is True there and False in the recipe"),
    ],
)
def test_what_is_not_modelled_is_refused_by_its_name(tmp_path: Path, config: dict[str, Any], says: str) -> None:
    assert says in refused(checkpoint(tmp_path, **config))


def changed(folder: Path, change: Callable[[dict[str, Any]], None], **config: Any) -> Path:
    """The checkpoint with other tensors and configuration, as a hand might have made it."""
    file = folder / "model.safetensors"
    tensors = load_file(file)
    change(tensors)
    save_file(tensors, file)
    about = json.loads((folder / "config.json").read_text()) | config
    (folder / "config.json").write_text(json.dumps(about))
    return folder


def test_scaled_rotary_embeddings_as_transformers_4_wrote_them(tmp_path: Path) -> None:
    scaled = {"rope_scaling": {"type": "dynamic", "factor": 2.0}, "rope_parameters": None}
    assert "rope_scaling = dynamic" in refused(changed(checkpoint(tmp_path), lambda tensors: None, **scaled))


def test_a_bias_that_the_configuration_does_not_mention_is_found(tmp_path: Path) -> None:
    def add(tensors: dict[str, Any]) -> None:
        for layer in range(2):
            tensors[f"model.layers.{layer}.self_attn.q_proj.bias"] = torch.zeros(32)

    assert refused(changed(checkpoint(tmp_path), add)).endswith(
        "has what is not modelled here: model.layers.*.self_attn.q_proj.bias"
    )


def test_a_missing_head_an_other_shape_and_quantised_weights_are_named(tmp_path: Path) -> None:
    def spoil(tensors: dict[str, Any]) -> None:
        del tensors["lm_head.weight"]
        tensors["model.norm.weight"] = torch.ones(31)
        name = "model.layers.0.mlp.up_proj.weight"
        tensors[name] = tensors[name].to(torch.int8)

    said = refused(changed(checkpoint(tmp_path), spoil))
    assert "no lm_head.weight" in said
    assert "model.norm.weight of shape [31], not [32]" in said
    assert "model.layers.0.mlp.up_proj.weight as I8" in said


def test_a_tied_head_written_twice_is_accepted_and_an_other_one_is_not(tmp_path: Path) -> None:
    tied = {"tie_word_embeddings": True}

    def twice(tensors: dict[str, Any]) -> None:
        tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"].clone()

    folder = changed(checkpoint(tmp_path, **tied), twice)
    with torch.device("meta"):
        assert check_model(folder, Llama(tiny(model=tied).model)) == []
    changed(folder, lambda tensors: tensors["lm_head.weight"].add_(1))
    assert "lm_head.weight" in refused(folder, **tied)


def test_frequencies_in_older_checkpoints_are_no_weights_and_another_rope_base_is_said(tmp_path: Path) -> None:
    def add(tensors: dict[str, Any]) -> None:
        tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = torch.ones(4)

    changed(checkpoint(tmp_path / "start", rope_parameters={"rope_theta": 1e6}), add)
    run_here(tiny(steps=1, start={"weights": str(tmp_path / "start")}), tmp_path / "run")
    (note,) = [event["text"] for event in lines(tmp_path / "run", "event") if event["event"] == "started"]
    assert note.startswith("RoPE base 1,000,000 in ")
    assert "10,000 from now on" in note


def test_no_weights_and_other_kinds_of_models_are_said(tmp_path: Path) -> None:
    folder = changed(checkpoint(tmp_path), lambda tensors: None, model_type="mistral")
    assert "a model of type 'mistral'" in refused(folder)
    changed(folder, lambda tensors: None, model_type="llama")
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[:-1])
    with torch.device("meta"), pytest.raises(TrainingError, match="not as long as its header says"):
        check_model(folder, Llama(tiny().model))
    (folder / "model.safetensors").unlink()
    with torch.device("meta"), pytest.raises(TrainingError, match="no weights in safetensors"):
        check_model(folder, Llama(tiny().model))


def test_a_token_out_of_range_is_one_sentence() -> None:
    recipe = tiny(data={"mixture": "text=1"})
    stream = MixedCorpus(recipe.data, [MemoryTokens("text", [[1, 2, 99] * 20])]).training(rank=0, world_size=1)
    with pytest.raises(InvalidCorpusError, match="the source text has the token 99, and the model has only 0 to 63"):
        micro_batch([next(stream)], separate=False, device=torch.device("cpu"), vocabulary=64)
