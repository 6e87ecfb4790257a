"""The command line, from click."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from docs.generate.markdown import joined, table
from prover.cli.main import cli


def commands() -> str:
    """Return a section for each command and each command below it."""
    top = click.Context(cli, info_name="prover")
    return joined(part for name in cli.list_commands(top) for part in _sections(_found(cli, name, top), top))


def _sections(command: click.Command, parent: click.Context) -> Iterator[str]:
    context = click.Context(command, info_name=command.name, parent=parent)
    yield f"## {context.command_path}"
    yield f"```text\n{' '.join([context.command_path, *command.collect_usage_pieces(context)])}\n```"
    yield _prose(command.help or "")
    records = (parameter.get_help_record(context) for parameter in command.get_params(context))
    rows = [(f"`{option}`", meaning) for option, meaning in filter(None, records) if meaning and option != "--help"]
    yield table(("option", "meaning"), rows)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            yield from _sections(_found(command, name, context), context)


def _found(group: click.Group, name: str, context: click.Context) -> click.Command:
    command = group.get_command(context, name)
    assert command is not None
    return command


def _prose(text: str) -> str:
    """Return a help text; paragraphs that click would not wrap become blocks."""
    paragraphs = inspect.cleandoc(text).split("\f")[0].split("\n\n")
    return joined(
        f"```text\n{inspect.cleandoc(paragraph[1:])}\n```" if paragraph.startswith("\b") else paragraph
        for paragraph in paragraphs
    )
