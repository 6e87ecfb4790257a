"""Read what the user gives: text, a file, or standard input."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

import click


def read_text(path: str) -> str:
    """Return the text of a file, or of standard input for `-`. Raises click.ClickException if it cannot be read."""
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(path, error) from error


def unreadable(path: str, error: OSError | UnicodeDecodeError) -> click.ClickException:
    """Return what is said of a file that cannot be read, and what to do."""
    match error:
        case UnicodeDecodeError():
            return click.ClickException(f"{path} is not UTF-8 text (byte {error.start}): save it as UTF-8")
        case FileNotFoundError():
            reason = _missing(Path(path))
        case IsADirectoryError():
            reason = "it is a folder; give a file in it"
        case PermissionError():
            reason = "you may not read it; check its permissions"
        case _:
            reason = error.strerror or str(error)
    return click.ClickException(f"{path} cannot be read: {reason}")


def _missing(path: Path) -> str:
    folder = path.absolute().parent
    if not folder.is_dir():
        return f"there is no folder {folder}; check the path"
    names = [file.name for file in folder.iterdir() if file.is_file()]
    similar = difflib.get_close_matches(path.name, names, n=1)
    advice = f"is it {path.with_name(similar[0])}?" if similar else "check the name, or give the whole path"
    return f"there is no such file in {folder}; {advice}"


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
