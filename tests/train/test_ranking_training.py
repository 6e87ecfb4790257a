"""A ranking that is learned: from outcomes to a model that the search loads."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

pytestmark = pytest.mark.train
torch = pytest.importorskip("torch")

from prover.language_model.embedded import EmbeddedModel, EmbeddedRanker  # noqa: E402
from prover.ranking import FamilyTable  # noqa: E402
from prover.reserved import is_reserved  # noqa: E402
from prover.train.data.manifest import Manifest  # noqa: E402
from prover.train.ranking import main  # noqa: E402
from prover.train.ranking_data import read_states, read_texts  # noqa: E402

OPTIONS = ["--vocabulary", "300", "--hidden", "64", "--layers", "1", "--text-steps", "20", "--threads", "1"]


def outcomes(folder: Path, count: int = 120) -> Path:
    """Write outcomes in which `simp` closes what is about lists, and `omega` what is about numbers."""
    chance = random.Random(0)
    folder.mkdir()
    rows: list[dict[str, Any]] = []
    for number in range(count):
        lists = number % 2 == 0
        goal = f"{'xs ys : List α' if lists else 'm n : Nat'}\n⊢ p{chance.randrange(50)} = q"
        attempts = [
            ["automation: simp", 0, "simp", "closed" if lists else "failed", 0.01],
            ["automation: omega", 0, "omega", "failed" if lists else "closed", 0.01],
            ["premises: grind [1]", number % 3, "grind [x]", "timed_out", 0.5],
        ]
        rows.append(
            {
                "problem": f"T.t{number}",
                "error": None,
                "states": [{"state": goal, "premises": ["A.b"], "attempts": attempts}],
            }
        )
    (folder / "results.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ranking")
    mined = outcomes(folder / "mined")
    result = CliRunner().invoke(main, [str(mined), "--output", str(folder / "model"), "--steps", "150", *OPTIONS])
    assert result.exit_code == 0, result.output
    return folder / "model"


def test_the_model_learns_which_goal_wants_which_tactic(trained: Path) -> None:
    ranker = EmbeddedRanker(trained)
    families = ["automation: simp", "automation: omega"]
    for goal, better in (("xs ys : List α\n⊢ p3 = q", 0), ("m n : Nat\n⊢ p3 = q", 1)):
        values = ranker.values(goal, ["A.b"], families, [0, 0])
        assert all(value is not None for value in values)
        assert values[better] > 3 * values[1 - better]  # type: ignore[operator]
    figures = json.loads((trained / "training.json").read_text())["figures"]
    assert figures[-1]["model"] < 0.5 * figures[0]["static"]


def test_before_the_first_step_the_table_alone_decides(trained: Path) -> None:
    first = json.loads((trained / "training.json").read_text())["figures"][0]
    assert first["model"] == pytest.approx(first["static"], abs=1e-6)


def test_the_exported_model_is_transformers_llama(trained: Path) -> None:
    transformers = pytest.importorskip("transformers")
    theirs = transformers.LlamaForCausalLM.from_pretrained(trained, dtype=torch.float32)
    ours = EmbeddedModel(trained)
    tokens = ours.question("m n : Nat\n⊢ m = n", ["Nat.add_comm"])
    hidden, _ = ours.read(tokens)
    with torch.inference_mode():
        wanted = theirs(torch.tensor([tokens])).logits[0, -1]
    torch.testing.assert_close(torch.tensor(ours.model.logits(hidden)), wanted, rtol=0, atol=1e-4)


def test_the_same_seed_gives_the_same_model(trained: Path, tmp_path: Path) -> None:
    mined = trained.parent / "mined"
    for name in ("one", "two"):
        arguments = [str(mined), "--output", str(tmp_path / name), "--steps", "50", *OPTIONS]
        assert CliRunner().invoke(main, arguments).exit_code == 0
    assert (tmp_path / "one/model.safetensors").read_bytes() == (tmp_path / "two/model.safetensors").read_bytes()


def test_what_is_reserved_is_not_read(tmp_path: Path) -> None:
    mined = outcomes(tmp_path / "mined")
    reserved = {f"T.t{n}" for n in range(120) if is_reserved(f"T.t{n}")}
    assert reserved
    assert not reserved & {state.theorem for state in read_states([mined])}
    kept = next(name for n in range(99) if is_reserved(name := f"A.a{n}"))
    free = [name for n in range(99) if not is_reserved(name := f"A.a{n}")][:2]
    rows = [{"name": kept, "type": "p = q"}, {"name": free[0], "type": "p  = q"}, {"name": free[1], "type": "q = p"}]
    texts = tmp_path / "texts.jsonl"
    texts.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert read_texts([texts]) == {free[1]: "q = p"}


def test_a_manifest_goes_with_the_model(trained: Path) -> None:
    manifest = Manifest.read(trained / "manifests")
    assert manifest.sources["outcomes"].licence == "Apache-2.0"
    assert manifest.problems(list(manifest.sources)) == []
    assert len(manifest.sources["outcomes"].theorems) > 100
    assert FamilyTable.read(trained).families == ("automation: omega", "automation: simp", "premises: grind [1]")
