"""llmstep's requests as calls of the suggester, and its suggestions as llmstep's answer."""

from __future__ import annotations

from prover.proving.goal_text import header_of_context
from prover.proving.suggest import Outcome
from prover.web.compat.llmstep.protocol import LlmstepRequest, LlmstepResponse
from prover.web.compat.tactic_suggestions import suggestions_for
from prover.web.routes.tactics import Suggesting

MAX_SUGGESTIONS = 10
"""As many as llmstep's own server samples: the client tries each of them in Lean."""


async def suggested(suggesting: Suggesting, asked: LlmstepRequest) -> LlmstepResponse:
    """Return the best suggestions.

    Those that fail are given only if all do: the user's file, which we do not have, may make them work.
    """
    header = header_of_context(asked.context)
    found = await suggestions_for(
        suggesting, asked.tactic_state, prefix=asked.prefix, header=header, context=asked.context
    )
    working = [suggestion for suggestion in found.suggestions if suggestion.outcome is not Outcome.FAILS]
    best = (working or found.suggestions)[:MAX_SUGGESTIONS]
    return LlmstepResponse(suggestions=[suggestion.tactic for suggestion in best])
