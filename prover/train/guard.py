"""Which steps must not change the weights: those with a loss or gradient that is not finite, and loss spikes.

A NaN ended the authors' run of Llemma 7B at step 42,000 (arXiv 2310.10631, appendix). Rolling back and skipping the
data around a spike is PaLM's remedy (arXiv 2204.02311, section 5.1).
"""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from prover.train.recipe import Recovery

_DEVIATION = 1.4826  # of a normal distribution, in median absolute deviations


class StepAction(Enum):
    """What to do with a step."""

    APPLY = "apply"
    SKIP = "skip"
    ROLL_BACK = "roll_back"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to do with a step, and why if it is not applied."""

    action: StepAction
    reason: str = ""


class StepGuard:
    """Judges each step in turn. All ranks see the same numbers, so they judge alike."""

    def __init__(self, recovery: Recovery) -> None:
        self._recovery = recovery
        self._losses: deque[float] = deque(maxlen=recovery.window)
        self._bad_in_a_row = 0

    @property
    def clean(self) -> bool:
        """Was the last step good? Checkpoints are taken only then."""
        return self._bad_in_a_row == 0

    @property
    def last_loss(self) -> float:
        """Loss of the last good step; NaN before the first."""
        return self._losses[-1] if self._losses else math.nan

    def judge(self, loss: float, gradient_norm: float) -> Judgement:
        """Judge a step with this mean loss (nats per token) and gradient norm."""
        reason = self._wrong_with(loss, gradient_norm)
        if not reason:
            self._bad_in_a_row = 0
            self._losses.append(loss)
            return Judgement(StepAction.APPLY)
        self._bad_in_a_row += 1
        if self._bad_in_a_row >= self._recovery.patience:
            return Judgement(StepAction.ROLL_BACK, f"{reason}, the {self._bad_in_a_row}. bad step in a row")
        return Judgement(StepAction.SKIP, reason)

    def state_dict(self) -> dict[str, Any]:
        """Return the state for a resumed run, as JSON data."""
        return {"losses": list(self._losses), "bad_in_a_row": self._bad_in_a_row}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore that state."""
        self._losses = deque(state["losses"], maxlen=self._recovery.window)
        self._bad_in_a_row = int(state["bad_in_a_row"])

    def _wrong_with(self, loss: float, gradient_norm: float) -> str:
        if not math.isfinite(loss):
            return f"the loss is {loss}"
        if not math.isfinite(gradient_norm):
            return f"the gradient's length is {gradient_norm}"
        if len(self._losses) < min(self._recovery.least_losses, self._recovery.window):
            return ""
        middle = statistics.median(self._losses)
        deviation = _DEVIATION * statistics.median(abs(seen - middle) for seen in self._losses)
        highest = middle + max(self._recovery.spike_deviations * deviation, self._recovery.spike_margin)
        return f"the loss jumped from {middle:.3f} to {loss:.3f}" if loss > highest else ""
