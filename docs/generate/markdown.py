"""The few forms of Markdown that generated parts use."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; without rows, nothing."""
    lines = [f"| {' | '.join(cell(each) for each in row)} |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(header)} |", "|---" * len(header) + "|", *lines])


def cell(text: str) -> str:
    """Return text that fits in a cell: one line, its bars escaped."""
    return " ".join(text.split()).replace("|", "\\|")


def joined(parts: Iterable[str]) -> str:
    """Return paragraphs, without the empty ones."""
    return "\n\n".join(part.strip("\n") for part in parts if part.strip())


def summary(docstring: str | None) -> str:
    """Return the first paragraph of a docstring as one line."""
    return " ".join(inspect.cleandoc(docstring or "").split("\n\n")[0].split())
