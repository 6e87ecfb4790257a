"""What checks a proof again beyond tier A, where the tools for it are installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Further:
    """The highest tier passed, what was checked for it and what was not; `reason`: a tool rejects the proof."""

    tier: Literal["A", "B", "C"] = "A"
    checked: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    reason: str | None = None
    timed_out: bool = False


class Tiers(Protocol):
    """Checks compiled files."""

    async def check(self, target: str, submission: str, name: str, *, timeout_s: float) -> Further:
        """Compare our own text with `sorry` and the text with a proof: what do the tools say of the theorem `name`?"""
