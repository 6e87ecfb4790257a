from __future__ import annotations

import json
from pathlib import Path

import pytest

from prover.errors import RunConflictError, TrainingError
from prover.train.run_folder import RECIPE, ROLLBACKS, Rollback, add_rollback, claim, read_rollbacks, read_run_recipe
from tests.train.runs import tiny


def test_a_folder_with_a_run_is_only_resumed(tmp_path: Path) -> None:
    with claim(tmp_path, tiny(), resume=False):
        pass
    with pytest.raises(RunConflictError, match="--resume"), claim(tmp_path, tiny(), resume=False):
        pass
    with claim(tmp_path, tiny(steps=99), resume=True):
        assert read_run_recipe(tmp_path).steps == 99


@pytest.mark.parametrize(
    ("change", "name"),
    [({"model": {"hidden_size": 64}}, "model"), ({"data": {"seed": 5}}, r"data\.seed"), ({"seed": 1}, "seed")],
)
def test_a_run_stays_of_one_model_and_one_order_of_data(tmp_path: Path, change: dict[str, object], name: str) -> None:
    with claim(tmp_path, tiny(), resume=False):
        pass
    with pytest.raises(RunConflictError, match=name), claim(tmp_path, tiny(**change), resume=True):
        pass


def test_a_run_of_an_earlier_version_goes_on_with_its_order_of_data(tmp_path: Path) -> None:
    with claim(tmp_path, tiny(data={"shuffle": "documents"}), resume=False):
        pass
    old = json.loads((tmp_path / RECIPE).read_text())
    del old["data"]["shuffle"]  # it was not there to be chosen
    (tmp_path / RECIPE).write_text(json.dumps(old))
    sequences = tiny(data={"shuffle": "sequences"})
    with pytest.raises(RunConflictError, match=r"data\.shuffle"), claim(tmp_path, sequences, resume=True):
        pass
    with claim(tmp_path, tiny(data={"shuffle": "documents"}), resume=True):
        pass


def test_two_processes_never_share_a_folder(tmp_path: Path) -> None:
    with (
        claim(tmp_path, tiny(), resume=False),
        pytest.raises(RunConflictError, match="another process"),
        claim(tmp_path, tiny(), resume=True),
    ):
        pass


def test_rollbacks_survive_a_line_that_was_cut_off(tmp_path: Path) -> None:
    first, second = Rollback(7, 4, 12, "the loss is nan"), Rollback(9, 4, 20, "again")
    add_rollback(tmp_path, first)
    with (tmp_path / ROLLBACKS).open("a") as file:
        file.write('{"step": 8, "chec')
    add_rollback(tmp_path, second)
    assert read_rollbacks(tmp_path) == [first, second]


def test_no_run_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no training run"):
        read_run_recipe(tmp_path)
