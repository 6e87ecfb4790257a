"""The table of commands against the commands."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from prover.cli.commands import SECTIONS, load
from prover.cli.main import cli

ALL = [(name, where, line) for commands in SECTIONS.values() for name, (where, line) in commands.items()]


@pytest.mark.parametrize(("name", "where", "line"), ALL, ids=[name for name, _, _ in ALL])
def test_a_command_is_what_the_table_says(name: str, where: str, line: str) -> None:
    command = load(where)
    assert (command.name, command.get_short_help_str(200)) == (name, line)
    assert cli.get_command(click.Context(cli), name) is command


def test_an_unknown_command_is_told() -> None:
    result = subprocess.run([sys.executable, "-m", "prover", "prove2"], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "No such command 'prove2'" in result.stderr


def test_help_imports_no_command() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from prover.cli.main import cli; "
        "assert 'Search for a proof' in CliRunner().invoke(cli, ['--help']).output; "
        "print([m for m in ('pydantic', 'rich', 'httpx', 'asyncio', 'prover.cli.prove') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
