"""A trained model in transformers' format, out and in again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.train
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from prover.errors import InvalidRecipeError, RunConflictError, TrainingError  # noqa: E402
from prover.train.distributed import open_world  # noqa: E402
from prover.train.export import export  # noqa: E402
from prover.train.network import Network  # noqa: E402
from prover.train.run_folder import CHECKPOINTS  # noqa: E402
from tests.train.runs import losses, run_here, run_processes, tiny  # noqa: E402

TOKENS = [[3, 9, 27, 41, 1, 0, 63, 5, 5, 12]]


def trained_logits(folder: Path, **changes: Any) -> Any:
    """The logits of the model that a run has in memory at its end."""
    from prover.train.checkpoint import CheckpointStore, newest_checkpoint

    recipe = tiny(**changes)
    with open_world(recipe) as world, torch.no_grad():
        network = Network(recipe, world)
        newest = newest_checkpoint(folder / CHECKPOINTS)
        assert newest is not None
        store = CheckpointStore(folder / CHECKPOINTS, recipe.checkpoints, world, network.model)
        store.load(newest, network.model, network.optimizer)
        return network.model(torch.tensor(TOKENS))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "run"
    run_here(tiny(), folder)
    return folder


def test_the_exported_model_has_the_trained_models_logits(run: Path, tmp_path: Path) -> None:
    export(run, tmp_path / "model", dtype="float32")
    model = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "model", dtype=torch.float32)
    assert type(model).__name__ == "LlamaForCausalLM"
    with torch.no_grad():
        logits = model(torch.tensor(TOKENS)).logits
    torch.testing.assert_close(logits, trained_logits(run), rtol=1e-5, atol=1e-5)
    assert (tmp_path / "model" / "model.safetensors").exists()


def test_a_model_of_two_ranks_in_bf16_and_several_files(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"compute": {"precision": "bf16"}}
    run_processes(tiny(parallel={"tensor": 2}, **changes), tmp_path / "run", ranks=2)
    export(tmp_path / "run", tmp_path / "model", dtype="bfloat16", file_gb=1e-5)
    index = json.loads((tmp_path / "model" / "model.safetensors.index.json").read_text())
    assert len(set(index["weight_map"].values())) > 1
    model = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "model")
    assert model.dtype == torch.bfloat16
    with torch.no_grad():
        logits = model(torch.tensor(TOKENS)).logits
    torch.testing.assert_close(logits, trained_logits(tmp_path / "run", **changes), rtol=0.02, atol=0.05)


def test_a_tied_model(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"model": {"tie_word_embeddings": True}}
    run_here(tiny(**changes), tmp_path / "run")
    export(tmp_path / "run", tmp_path / "model", dtype="float32")
    model = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "model", dtype=torch.float32)
    with torch.no_grad():
        logits = model(torch.tensor(TOKENS)).logits
    torch.testing.assert_close(logits, trained_logits(tmp_path / "run", **changes), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("ranks", [1, 2])
def test_a_model_of_transformers_is_trained_on(tmp_path: Path, ranks: int) -> None:
    config = transformers.LlamaConfig(
        **tiny().model.model_dump(exclude={"rope_theta"}), rope_parameters={"rope_type": "default", "rope_theta": 1e4}
    )
    torch.manual_seed(0)
    theirs = transformers.LlamaForCausalLM(config).to(torch.bfloat16)
    theirs.save_pretrained(tmp_path / "start")
    recipe = tiny(start={"weights": str(tmp_path / "start")}, steps=4)
    if ranks == 1:
        run_here(recipe, tmp_path / "run")
    else:
        run_processes(recipe, tmp_path / "run", ranks=ranks)
    export(tmp_path / "run", tmp_path / "model", step=0, dtype="bfloat16")
    again = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "model", dtype=torch.bfloat16)
    for name, parameter in theirs.named_parameters():
        assert torch.equal(again.get_parameter(name), parameter), name
    assert losses(tmp_path / "run")[-1] < losses(tmp_path / "run")[0]


def test_a_model_that_does_not_fit_is_refused_with_what_differs(run: Path, tmp_path: Path) -> None:
    export(run, tmp_path / "model", dtype="float32")
    recipe = tiny(start={"weights": str(tmp_path / "model")}, model={"num_hidden_layers": 3})
    with pytest.raises(InvalidRecipeError, match="num_hidden_layers is 2 there and 3 in the recipe"):
        run_here(recipe, tmp_path / "other")
    with pytest.raises(TrainingError, match="cannot be fetched"):
        run_here(tiny(start={"weights": "no/such-model"}), tmp_path / "third")


def test_nothing_is_written_over_and_missing_steps_are_named(run: Path, tmp_path: Path) -> None:
    export(run, tmp_path / "model", dtype="float32")
    with pytest.raises(RunConflictError, match="has a model already"):
        export(run, tmp_path / "model", dtype="float32")
    with pytest.raises(TrainingError, match="of step 5"):
        export(run, tmp_path / "other", step=5, dtype="float32")
