"""Suggestions for a printed proof state, within limits that suit an editor: what llmstep and LeanCopilot ask for."""

from __future__ import annotations

from prover.proving.suggest import SuggestionOptions, Suggestions
from prover.web.routes.tactics import Suggesting

LIMITS = SuggestionOptions(n=32, timeout_s=8.0, tactic_timeout_s=2.0)
MAX_PREFIX_CHARACTERS = 1000


async def suggestions_for(
    suggesting: Suggesting, state: str, *, prefix: str, header: str = "", context: str = ""
) -> Suggestions:
    """Return tactics that begin with `prefix`, each tried in the state if Lean can read it back."""
    options = LIMITS.model_copy(update={"prefix": prefix, "context": context})
    return await suggesting.for_state(state, header=header, options=options)
