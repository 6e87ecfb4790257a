"""LeanCopilot's requests as calls of the suggester, and its suggestions as scored generations."""

from __future__ import annotations

import math

from prover.proving.suggest import Outcome, Suggestion
from prover.web.compat.leancopilot.protocol import Generation, GeneratorRequest, GeneratorResponse
from prover.web.compat.tactic_suggestions import suggestions_for
from prover.web.routes.tactics import Suggesting

MIN_SCORE = 1e-6
FAILED_FACTOR = 0.1
"""A tactic that fails in the goal read back may work in the user's file: its probability is cut, not set to zero."""


async def generated(suggesting: Suggesting, asked: GeneratorRequest) -> GeneratorResponse:
    """Return tactics with their scores, best first."""
    found = await suggestions_for(suggesting, asked.input, prefix=asked.prefix or "")
    generations = [Generation(output=each.tactic, score=_score(each)) for each in found.suggestions]
    return GeneratorResponse(outputs=sorted(generations, key=lambda generation: -generation.score))


def _score(suggestion: Suggestion) -> float:
    if suggestion.outcome is Outcome.CLOSES:
        return 1.0
    factor = FAILED_FACTOR if suggestion.outcome is Outcome.FAILS else 1.0
    return min(1.0, max(MIN_SCORE, math.exp(suggestion.logprob) * factor))
