"""What is said of a file that cannot be read, and what to do about it."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from prover.cli.read import read_text


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("statements.lean", "is it {folder}/statement.lean?"),
        ("other.thy", "there is no such file in {folder}; check the name"),
        ("absent/statement.lean", "there is no folder {folder}/absent"),
        (".", "it is a folder; give a file in it"),
        ("latin.lean", "is not UTF-8 text (byte 3): save it as UTF-8"),
    ],
)
def test_file_that_cannot_be_read_gets_advice(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "statement.lean").write_text("theorem t : 1 = 1 := by sorry")
    (tmp_path / "latin.lean").write_bytes(b"-- \xe4")
    with pytest.raises(click.ClickException) as error:
        read_text(str(tmp_path / name))
    assert says.format(folder=tmp_path) in error.value.message


def test_similar_name_is_given_as_it_was_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "statement.lean").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(click.ClickException, match=r"is it statement\.lean\?"):
        read_text("statements.lean")
