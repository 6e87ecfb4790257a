"""Effort: what a search spends, counted by the proof assistant itself, so that it is the same on every machine.

One unit is what one idle core of the reference machine does in about a second. The embedded Lean counts heartbeats
(small allocations, in the elaborator and in the kernel); where an assistant counts nothing, a unit is a second.
"""

from __future__ import annotations

from enum import StrEnum

HEARTBEATS = 8_000_000
"""Lean's heartbeats that make one unit; `maxHeartbeats` counts them in thousands.

Measured on the embedded Lean, one core of an AMD EPYC: 542 tactics on a twentieth of the problems of `core`,
7.96 million a second. Of what takes over ten milliseconds, nine tenths count between 2 and 11 million a second.
"""


class Limit(StrEnum):
    """Which limit ended a tactic or a search."""

    EFFORT = "effort"
    TIME = "time"
    EXPANSIONS = "expansions"


def as_heartbeats(effort: float) -> int:
    """Return the heartbeats in this much effort, at least one; of endless effort, more than any search counts."""
    return max(1, round(min(effort, 1e9) * HEARTBEATS))
