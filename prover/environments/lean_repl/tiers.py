"""The interface to checks beyond tier A, where the tools for them are installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Further:
    """The highest tier passed, what was checked and what was skipped; `reason`: why a tool rejects the proof."""

    tier: Literal["A", "B", "C"] = "A"
    checked: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    reason: str | None = None


class Tiers(Protocol):
    """Checks compiled files."""

    async def check(self, target: str, submission: str, name: str, *, timeout_s: float) -> Further:
        """Check the theorem `name` of the text with a proof against our own text with `sorry`."""
