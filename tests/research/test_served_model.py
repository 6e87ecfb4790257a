"""The served model's report, and that its small form is the same chain with less of everything."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import click
import pytest

from prover.cli.main import cli
from prover.policies.llm.prompts.catalog import FORMATS
from research import served_model
from research.served_model import FORMAT, SMALL, WHOLE, table


def test_the_report_has_a_line_before_and_one_after() -> None:
    said = table({"before": {"proved": 0, "total": 60}, "after": {"proved": 9, "total": 60}}).splitlines()
    assert len(said) == 3
    assert " ".join(said[1].split()) == "before trained on Python code only 0 of 60"
    assert " ".join(said[2].split()) == "after and then on steps of proofs 9 of 60"


def test_the_small_form_has_less_of_everything() -> None:
    for field in fields(SMALL):
        if field.name != "model":
            assert 0 < getattr(SMALL, field.name) < getattr(WHOLE, field.name)
    assert SMALL.model["num_hidden_layers"] < 5


def test_the_prompt_is_one_that_the_product_asks_with() -> None:
    assert FORMAT in FORMATS


def test_every_command_is_one_that_the_product_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[list[str]] = []
    monkeypatch.setattr(served_model, "prover", lambda *arguments: said.append([str(part) for part in arguments]))
    served_model.mine(tmp_path, WHOLE, 2)
    served_model.pack(tmp_path, WHOLE)
    served_model.train(tmp_path, "before", WHOLE, WHOLE.before, "python=1")
    assert len(said) == 8
    for words in said:
        command, options = command_of(words)
        given = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert given <= options, f"prover {command}: {given - options}"


def command_of(words: list[str]) -> tuple[str, set[str]]:
    """The command that some words call, below its groups, and its options."""
    command: click.Command = cli
    path: list[str] = []
    while isinstance(command, click.Group):
        path.append(words[len(path)])
        found = command.get_command(click.Context(command), path[-1])
        assert found is not None, path
        command = found
    return " ".join(path), {name for option in command.params for name in option.opts}
