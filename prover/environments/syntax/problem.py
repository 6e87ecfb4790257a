"""What screening finds in a text before an assistant sees it."""

from __future__ import annotations

from dataclasses import dataclass

from prover.core.proof_state import GaveUp, Rejected


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text is not tried; `gives_up`: only because it leaves something unproved."""

    reason: str
    gives_up: bool = False

    @property
    def outcome(self) -> GaveUp | Rejected:
        """What becomes of the text as a tactic."""
        return GaveUp(self.reason) if self.gives_up else Rejected(self.reason)
