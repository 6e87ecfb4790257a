"""A ranking that is learned: from outcomes to a model that the search loads."""

from __future__ import annotations

import json
import math
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
from prover.train.ranking_data import Attempt, ranked_families, read_states, read_texts  # noqa: E402
from prover.train.ranking_model import Kinds, Tried  # noqa: E402
from prover.train.ranking_score import seconds_to_close  # noqa: E402

OPTIONS = [
    *("--vocabulary", "300", "--hidden", "64", "--layers", "1", "--kinds", "4", "--text-steps", "20"),
    *("--table-steps", "100", "--dropout", "0", "--threads", "1"),
]


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
            ["structure: constructor", 0, "constructor", "advanced", 0.01],
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
    families = ["premises: grind [1]", "automation: simp", "automation: omega", "structure: constructor"]
    for goal, order in (("xs ys : List α\n⊢ p3 = q", [1, 2, 0]), ("m n : Nat\n⊢ p3 = q", [2, 1, 0])):
        assert ranker.order(goal, ["A.b"], families, [0, 0, 0, 0]) == order
    about = json.loads((trained / "training.json").read_text())
    assert about["nats an attempt, held out"]["model"] < 0.5 * about["nats an attempt, held out"]["kinds"]
    assert about["held-out states"]["model, all"]["seconds"] == pytest.approx(0.014, abs=1e-3)
    assert (
        about["held-out states"]["kinds, all"]["seconds"] > 0.016
    )  # one order for all goals is wrong for half of them


def test_before_the_first_step_the_table_alone_decides(trained: Path) -> None:
    about = json.loads((trained / "training.json").read_text())
    assert about["figures"][0]["held out"] == pytest.approx(about["nats an attempt, held out"]["kinds"], abs=1e-3)


def test_what_closes_no_goal_but_leads_on_is_not_ranked(trained: Path) -> None:
    assert "structure: constructor" not in FamilyTable.read(trained).families


def test_kinds_tell_what_closes_the_same_goals(tmp_path: Path) -> None:
    states = read_states([outcomes(tmp_path / "mined")])
    families = ranked_families(states, 20)
    tried = Tried.of(states, families)
    one, two = Kinds(tried, len(families), 1, 0), Kinds(tried, len(families), 4, 0)
    for kinds in (one, two):
        kinds.fit(tried, 100)
    assert two.loss(tried).item() < 0.7 * one.loss(tried).item()
    table = two.table(tried, families, 0)
    simp, omega, grind = (families.index(f) for f in ("automation: simp", "automation: omega", "premises: grind [1]"))
    common = [kind for kind, logprob in enumerate(table.kinds) if logprob > -1.5]
    assert {table.odds[kind][simp] > table.odds[kind][omega] for kind in common} == {True, False}
    assert all(0.4 < table.seconds[kind][grind] < 0.6 for kind in common)


def test_the_seconds_until_one_closes() -> None:
    failed, closes = Attempt("a", 0, False, False, 0.1), Attempt("b", 0, True, False, 0.2)
    assert seconds_to_close([failed, closes], [1, 0]) == pytest.approx(0.204)
    assert seconds_to_close([failed, closes], [0, 1]) == pytest.approx(0.308)
    assert seconds_to_close([failed], [0]) == math.inf


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
