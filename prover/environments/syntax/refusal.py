"""Why a text is refused before an assistant sees it."""

from __future__ import annotations

from dataclasses import dataclass

from prover.core.proof_state import GaveUp, Rejected

NO_TACTIC = "the text is empty: give a tactic"
"""Also of a text that has comments only."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text is not tried; `gives_up`: only because it leaves something unproved."""

    reason: str
    gives_up: bool = False

    @property
    def outcome(self) -> GaveUp | Rejected:
        """What becomes of the text as a tactic."""
        return GaveUp(self.reason) if self.gives_up else Rejected(self.reason)
