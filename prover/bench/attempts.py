"""What became of a search's tactics, in a few counts: a line of results has no room for a trace.

They answer two questions. Are a policy's scores calibrated: how often does the assistant accept a tactic to which the
policy gave a certain probability? And why do tactics fail?
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from prover.core.effort import Limit
from prover.core.proof_state import Advanced, Closed, GaveUp, Rejected, TacticOutcome, TimedOut
from prover.search.events import SearchEvent, Tried

EDGES = (0.0, 0.001, 0.01, 0.02, 0.05, 0.1, 0.15, 0.25, 0.35, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
"""Bins of a candidate's probability, exp(log-probability): from the left edge (included) to the right one."""

MODEL_SOURCES = frozenset({"model", "whole proof", "sketch", "agent"})
"""Sources that are language models; all others are ours: closers, templates, scripts."""

KEPT_REASONS = 12
LONGEST_REASON = 72
_QUOTED = re.compile(r"`[^`]*`|'[^']*'|«[^»]*»")
_NUMBER = re.compile(r"\b\d+\b")


def proposer(source: str) -> str:
    """Return `model` or `closers`."""
    return "model" if source in MODEL_SOURCES else "closers"


@dataclass(slots=True)
class ScoreBin:
    """Tactics with a probability in one bin: how many, their summed probability, accepted, closing the goal."""

    tried: int = 0
    probability: float = 0.0
    accepted: int = 0
    closed: int = 0

    def add(self, other: ScoreBin) -> None:
        """Take in another count of the same bin."""
        self.tried += other.tried
        self.probability += other.probability
        self.accepted += other.accepted
        self.closed += other.closed


@dataclass(slots=True)
class AttemptCounts:
    """A listener of a search that counts attempts, by proposer and bin of probability, and reasons of failure."""

    scores: defaultdict[str, defaultdict[int, ScoreBin]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(ScoreBin))
    )
    reasons: Counter[str] = field(default_factory=Counter)

    def __call__(self, event: SearchEvent) -> None:
        """Take in one event."""
        if not isinstance(event, Tried):
            return
        probability = math.exp(min(0.0, event.candidate.logprob))
        found = self.scores[proposer(event.candidate.source)][bin_of(probability)]
        accepted = isinstance(event.outcome, Advanced | Closed)
        found.add(ScoreBin(1, probability, accepted, isinstance(event.outcome, Closed)))
        if not accepted:
            self.reasons[reason(event.outcome)] += 1

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as a line of results has them: bins as [number, tried, probability, accepted, closed]."""
        return {
            "scores": {
                name: [
                    [place, found.tried, round(found.probability, 4), found.accepted, found.closed]
                    for place, found in sorted(bins.items())
                ]
                for name, bins in self.scores.items()
            },
            "reasons": dict(self.reasons.most_common(KEPT_REASONS)),
        }


def bin_of(probability: float) -> int:
    """Return the number of a probability's bin."""
    return next(place for place in range(len(EDGES) - 2, -1, -1) if probability >= EDGES[place])


def reason(outcome: TacticOutcome) -> str:
    """Return why a tactic failed in words that many failures share: no names, no numbers, no goals."""
    match outcome:
        case GaveUp():
            return "gave up (sorry)"
        case TimedOut():
            return "ran out of effort" if outcome.limit is Limit.EFFORT else "ran out of time"
        case Rejected(message):
            first = next((line.strip() for line in message.splitlines() if line.strip()), "")
            words = _NUMBER.sub("N", _QUOTED.sub(_tactic_only, first))
            # The text before the first colon says what happened, the text after it mostly to what.
            head, colon, _ = words.partition(": ")
            words = head if colon and len(head) > 12 else words
            words = words.rstrip(":, ") or "no reason given"
            return words if len(words) <= LONGEST_REASON else f"{words[: LONGEST_REASON - 1]}…"
        case _:
            raise ValueError("it did not fail")


def _tactic_only(quoted: re.Match[str]) -> str:
    """Keep what is quoted among the first two words: the tactic that speaks."""
    return quoted[0] if quoted.string[: quoted.start()].count(" ") < 2 and quoted[0].count(" ") == 0 else "…"
