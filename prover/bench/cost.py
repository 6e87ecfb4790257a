"""What a run costs: processor time of this process and all that it started, and what was asked of a language model.

Processor time cannot be told apart by theorem where several are worked on at once. So each line of results carries
what the *whole run* has spent since the line before: the lines of a run, resumed or not, add up to its cost, and a
single line is that of its theorem only with one worker. What a killed run spent after its last line is lost.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

import psutil

from prover.models.model import LanguageModel, Usage

TOKENS = ("prompt_tokens", "completion_tokens")
MEMBERS = ("cpu_s", "model_s", "requests", *TOKENS)


class CostMeter:
    """Says what was spent since it was last asked."""

    def __init__(self) -> None:
        self._usage = Usage()
        self._before = self._now()

    def watch(self, model: LanguageModel) -> None:
        """Count what is asked of this model from now on."""
        self._usage = model.usage
        self._before = self._now()

    def take(self) -> dict[str, float]:
        """Return what was spent since the last call, or since the start. CPU and model time in seconds."""
        now = self._now()
        spent = {name: round(max(0.0, value - self._before[name]), 4) for name, value in now.items()}
        self._before = now
        return spent

    def _now(self) -> dict[str, float]:
        usage = self._usage
        return {
            "cpu_s": self._cpu_s(),
            "model_s": usage.seconds,
            "requests": usage.requests,
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
        }

    def _cpu_s(self) -> float:
        """Return our own time, that of processes which we still have, and that of those which have ended.

        An ended child counts with what the kernel says of all ended children. Their own children that have outlived
        them are not seen; ours have none.
        """
        own = os.times()
        living = 0.0
        for child in psutil.Process().children(recursive=True):
            try:
                times = child.cpu_times()
            except psutil.Error:
                continue
            living += times.user + times.system
        return own.user + own.system + own.children_user + own.children_system + living


def total_cost(results: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Add up the costs of the lines of a run; empty if no line has any."""
    costs = [row["cost"] for row in results if isinstance(row.get("cost"), Mapping)]
    if not costs:
        return {}
    return {name: round(sum(float(cost.get(name) or 0) for cost in costs), 3) for name in MEMBERS}
