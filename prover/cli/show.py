"""What people read: on standard error, so that standard output stays for results."""

from __future__ import annotations

import json
import sys

import click
from rich.console import Console
from rich.text import Text

from prover.errors import InvalidTheoremError, Message

console = Console(stderr=True, highlight=False)
out = Console(highlight=False, soft_wrap=True)


def printable(text: str) -> str:
    """Return text on which a terminal only prints: control characters as their escape sequences."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def show_error(text: str) -> None:
    """Print one line that says what went wrong."""
    shown = "\n".join(map(printable, text.split("\n")))
    console.print(Text.assemble(("error: ", "bold red"), shown), soft_wrap=True)


def show_usage(error: click.ClickException) -> None:
    """Print what is wrong with the words of a command, in the form of every error, below the command's usage."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    if isinstance(error, click.UsageError) and error.ctx is not None:
        help_line = f"Try '{error.ctx.command_path} --help' for help."
        console.print(Text(f"{error.ctx.get_usage()}\n{help_line}\n"), soft_wrap=True)
    show_error(error.format_message())


def show_messages(messages: tuple[Message, ...], source: str) -> None:
    """Print messages with the line each is about and a caret under the place."""
    lines = source.splitlines()
    for message in messages:
        style = {"error": "bold red", "warning": "yellow", "info": "cyan"}[message.severity]
        place = f"line {message.line}, column {message.column + 1}: " if message.line else ""
        console.print(Text.assemble((f"{message.severity}: ", style), place, message.text), soft_wrap=True)
        if 0 < message.line <= len(lines):
            line = lines[message.line - 1]
            console.print(Text(f"  {line}"), soft_wrap=True)
            console.print(Text("  " + " " * min(message.column, len(line)) + "^", style=style), soft_wrap=True)


def show_invalid(error: InvalidTheoremError, source: str | None = None) -> None:
    """Print why a statement cannot be used."""
    if error.messages and source is not None:
        show_messages(error.messages, source)
    else:
        show_error(error.reason)
    if error.hint:
        console.print(Text.assemble(("hint: ", "bold"), error.hint), soft_wrap=True)


def print_json(value: dict[str, object]) -> None:
    """Print one JSON object on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def invalid_as_json(error: InvalidTheoremError) -> dict[str, object]:
    """Return a bad statement as data."""
    messages = [{"severity": m.severity, "text": m.text, "line": m.line, "column": m.column} for m in error.messages]
    return {"error": "invalid_theorem", "reason": error.reason, "hint": error.hint, "messages": messages}
