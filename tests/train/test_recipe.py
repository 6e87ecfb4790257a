from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from prover.core.distribution import install_line
from prover.errors import InvalidRecipeError
from prover.train.flops import PROCESSORS
from prover.train.plan import as_rows, plan
from prover.train.recipe import Recipe, read_recipe, shipped_recipes
from tests.conftest import ROOT
from tests.train.runs import tiny


def test_recipes_that_are_shipped() -> None:
    assert shipped_recipes() == ["llemma-34b", "llemma-7b", "proofstep-finetune", "small"]
    for name in shipped_recipes():
        assert read_recipe(name).name == name


def test_llemma_is_the_papers() -> None:
    seven, big = read_recipe("llemma-7b"), read_recipe("llemma-34b")
    assert seven.model.parameters == pytest.approx(6.738e9, rel=1e-3)
    assert big.model.parameters == pytest.approx(33.74e9, rel=1e-3)
    assert seven.tokens_per_step == big.tokens_per_step == 4_194_304
    assert seven.steps * seven.tokens_per_step == pytest.approx(176.2e9, rel=1e-3)
    assert (seven.model.rope_theta, big.model.rope_theta) == (10_000, 1e6)
    assert big.optimizer.warmup_steps / big.steps == pytest.approx(0.042)
    assert seven.optimizer.min_learning_rate == pytest.approx(seven.optimizer.learning_rate / 30, rel=1e-4)


def test_plan_of_the_papers_own_run() -> None:
    """256 A100 at the utilisation that the published hours come to: 545,000 tokens/s, 3.74 days."""
    made = plan(read_recipe("llemma-7b", ["compute.activation_checkpointing=full"]), 256)
    speed = made.tokens_per_s(PROCESSORS["a100-40gb"], 0.276)
    assert speed == pytest.approx(545e3, rel=0.01)
    assert made.hours(speed) / 24 == pytest.approx(3.74, rel=0.01)
    assert made.memory.total < PROCESSORS["a100-40gb"].memory_gb
    assert made.checkpoint_gb == pytest.approx(80.9, rel=0.01)


def test_the_plan_shows_tokens_and_hours_beside_what_the_authors_say() -> None:
    """The 7B's model card says 200 billion tokens; 42,000 steps are 176."""
    rows = {}
    for name in ("llemma-7b", "llemma-34b"):
        recipe = read_recipe(name)
        rows[name] = dict(as_rows(plan(recipe, 256), PROCESSORS["a100-40gb"], 1e5))
        assert recipe.published is not None
        assert rows[name]["published"].startswith(f"{recipe.published.tokens / 1e9:.0f} billion tokens")
    assert "42,000 steps, 176.16 billion tokens" in rows["llemma-7b"]["recipe"]
    assert "23,000 A100 hours" in rows["llemma-7b"]["published"]
    assert "12,000 steps, 50.33 billion tokens" in rows["llemma-34b"]["recipe"]
    assert "47,000 A100 hours" in rows["llemma-34b"]["published"]
    assert "published" not in dict(as_rows(plan(tiny(), 1), PROCESSORS["h200"], 1e5))


def test_the_plan_says_which_data_is_left_out() -> None:
    alone = dict(as_rows(plan(read_recipe("llemma-7b", ["data.mixture=proof-pile-2"]), 8), PROCESSORS["h200"], 1e5))
    assert "without the paper's 5 % of general data" in alone["data"]


def test_an_estimate_that_just_fits_is_tight() -> None:
    made = plan(read_recipe("llemma-7b"), 1)
    assert made.memory.total == pytest.approx(149.4, abs=0.1)
    assert made.fit(PROCESSORS["h200"]) == "tight"  # of 150 GB
    assert made.fit(PROCESSORS["b200"]) == "fits"
    assert made.fit(PROCESSORS["h100"]) == "DOES NOT FIT"
    assert "150 (H200), tight" in dict(as_rows(made, PROCESSORS["h200"], 1e4))["memory a GPU"]


def test_plan_shards_the_state_and_keeps_activations() -> None:
    recipe = read_recipe("llemma-7b")
    one, eight = plan(recipe, 1).memory, plan(recipe, 8).memory
    assert one.weights + one.gradients + one.optimizer == pytest.approx(16 * recipe.model.parameters / 1e9)
    assert (eight.weights, eight.activations) == (one.weights / 8, one.activations)
    less = [
        plan(read_recipe("llemma-7b", [f"compute.activation_checkpointing={mode}"]), 8).memory.activations
        for mode in ("none", "selective", "full")
    ]
    assert less == sorted(less, reverse=True)


def test_changes_reach_the_recipe() -> None:
    changed = read_recipe("small", ["optimizer.learning_rate=3e-4", "data.corpus=some/folder", "compute.compile=true"])
    assert (changed.optimizer.learning_rate, changed.data.corpus, changed.compute.compile) == (
        3e-4,
        Path("some/folder"),
        True,
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("optimizer.lr=1", r"optimizer\.lr"),
        ("steps=0", "steps"),
        ("steps", "SECTION.NAME=VALUE"),
        ("steps.more=1", "a value, not a section"),
        ("parallel.tensor=2", "tie_word_embeddings"),
        ("data.context_length=100000", "max_position_embeddings"),
        ("optimizer.warmup_steps=5000", "decay_steps"),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_its_name(change: str, says: str) -> None:
    with pytest.raises(InvalidRecipeError, match=says):
        read_recipe("small", [change])


def test_ranks_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InvalidRecipeError, match="no multiple of 6"):
        tiny(batch={"micro_sequences": 2}).accumulation(3)
    with pytest.raises(InvalidRecipeError, match=r"parallel\.tensor = 2"):
        tiny(parallel={"tensor": 2}).accumulation(3)


def test_heads_have_to_be_shared_evenly() -> None:
    with pytest.raises(ValidationError, match="num_key_value_heads = 2"):
        tiny(parallel={"tensor": 4})


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('name = "own"\nsteps = 3\n[model]\n')
    with pytest.raises(InvalidRecipeError, match=r"model\.vocab_size"):
        read_recipe(str(path))
    path.write_text("name = ")
    with pytest.raises(InvalidRecipeError, match=r"own\.toml"):
        read_recipe(str(path))
    with pytest.raises(InvalidRecipeError, match="llemma-7b"):
        read_recipe("nothing")


def test_a_plan_needs_no_torch(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from prover.cli.main import cli\n"
        "cli(['train', 'llemma-7b', '--dry-run', '--gpus', '64', '--hardware', 'h100'], standalone_mode=False)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=600
    )
    assert "6,738.5 M parameters" in done.stdout
    assert "GPU-hours" in done.stdout


def test_without_torch_training_prints_the_install_line(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "sys.argv = ['prover', 'train', 'small', '--set', 'data.corpus=x']\n"
        "from prover.cli.main import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode != 0
    assert install_line("train") in done.stderr


def test_a_recipe_survives_json() -> None:
    recipe = read_recipe("llemma-34b")
    assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe
