"""Adapters learn and nothing else does; merged or on their own they are the model that was trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")]  # peft's
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
peft = pytest.importorskip("peft", reason="extra [lora]")

from prover.errors import TrainingError  # noqa: E402
from prover.train.export import export  # noqa: E402
from prover.train.plan import plan  # noqa: E402
from prover.train.recipe import Recipe, read_recipe  # noqa: E402
from tests.train.runs import losses, run_here, run_processes, tiny  # noqa: E402

TOKENS = [[3, 9, 27, 41, 1, 0, 63, 5, 5, 12]]
LORA = {"rank": 4, "alpha": 8.0}


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lora") / "start"
    sizes = tiny().model.model_dump(exclude={"rope_theta"}) | {"rope_parameters": {"rope_theta": 1e4}}
    torch.manual_seed(0)
    transformers.LlamaForCausalLM(transformers.LlamaConfig(**sizes, initializer_range=0.1)).save_pretrained(folder)
    return folder


def recipe(start: Path, **changes: Any) -> Recipe:
    settings: dict[str, Any] = {"start": {"weights": str(start)}, "lora": LORA, "steps": 8}
    settings["checkpoints"] = {"keep": 9}
    return tiny(**settings | {"optimizer": {"learning_rate": 3e-2}} | changes)


@pytest.fixture(scope="module")
def run(start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "run"
    run_here(recipe(start), folder)
    return folder


def logits(model: Any) -> Any:
    with torch.no_grad():
        return model(torch.tensor(TOKENS)).logits


def test_only_adapters_learn_and_the_merged_model_is_theirs_on_the_base(run: Path, start: Path, tmp_path: Path) -> None:
    assert losses(run)[-1] < losses(run)[0]
    export(run, tmp_path / "model", dtype="float32")
    export(run, tmp_path / "adapter", dtype="float32", adapter=True)
    base, trained = (
        transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        for folder in (start, tmp_path / "model")
    )
    changed = {
        name for name, parameter in base.named_parameters() if not torch.equal(parameter, trained.get_parameter(name))
    }
    assert changed == {name for name, _ in base.named_parameters() if "_proj" in name}
    wanted = logits(trained)
    together = peft.PeftModel.from_pretrained(base, tmp_path / "adapter")
    torch.testing.assert_close(logits(together), wanted, rtol=1e-5, atol=1e-5)


def test_before_the_first_step_it_is_the_base(run: Path, start: Path, tmp_path: Path) -> None:
    export(run, tmp_path / "model", dtype="float32", step=0)
    found, wanted = (
        transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        for folder in (tmp_path / "model", start)
    )
    assert torch.equal(logits(found), logits(wanted))


def test_a_resumed_run_is_the_same_bit_for_bit(run: Path, start: Path, tmp_path: Path) -> None:
    run_here(recipe(start, steps=4), tmp_path / "run")
    run_here(recipe(start), tmp_path / "run", resume=True)
    assert losses(tmp_path / "run") == losses(run)


def test_two_ranks_come_to_the_losses_of_one(run: Path, start: Path, tmp_path: Path) -> None:
    run_processes(recipe(start, compute={"activation_checkpointing": "full"}), tmp_path / "run", ranks=2)
    assert losses(tmp_path / "run") == pytest.approx(losses(run), rel=2e-5)


def test_a_run_without_adapters_has_none_to_export(start: Path, tmp_path: Path) -> None:
    run_here(recipe(start, steps=1, lora=None), tmp_path / "run")
    with pytest.raises(TrainingError, match="no adapters"):
        export(tmp_path / "run", tmp_path / "adapter", dtype="float32", adapter=True)


def test_what_does_not_go_with_adapters_is_refused(start: Path) -> None:
    with pytest.raises(ValidationError, match=r"lora needs start\.weights"):
        tiny(lora=LORA)
    with pytest.raises(ValidationError, match=r"lora needs parallel\.tensor = 1"):
        recipe(start, parallel={"tensor": 2})


def test_the_plan_counts_what_learns() -> None:
    """Llemma 7B with adapters of rank 16 on one GPU of 80 GB, which the whole model's moments alone would fill."""
    whole = read_recipe("proofstep-finetune")
    changed = read_recipe("proofstep-finetune", ["lora.rank=16"])
    assert changed.trained_parameters == pytest.approx(40.0e6, rel=0.01)
    assert plan(changed, 1).memory.total < 80 < 100 < plan(whole, 1).memory.total
