"""Read what the user gives: text, a file, or standard input."""

from __future__ import annotations

import sys
from pathlib import Path

import click


def read_text(path: str) -> str:
    """Return the text of a file, or of standard input for `-`. Raises click.ClickException if it cannot be read."""
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{path} is not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise click.ClickException(f"{path} cannot be read: {error.strerror}") from error


def write_text(path: str, text: str) -> None:
    """Write a file. Raises click.ClickException if that fails."""
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from error


def check_writable(path: str) -> None:
    """Raise click.ClickException unless a file can be written there. What it holds stays as it is."""
    file = Path(path)
    try:
        before = file.exists()
        file.open("ab").close()
        if not before:
            file.unlink()
    except (OSError, ValueError) as error:  # a name with a NUL is a ValueError
        raise click.ClickException(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}") from error
