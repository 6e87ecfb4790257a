"""The messages of llmstep's protocol."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from prover.proving.goal_text import MAX_GOAL_CHARACTERS
from prover.web.compat.tactic_suggestions import MAX_PREFIX_CHARACTERS
from prover.web.routes.tactics import STATE


class LlmstepRequest(BaseModel):
    """A proof state, the beginning of the tactic, and the file up to there (clients of old servers omit the file)."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"tactic_state": STATE, "prefix": "", "context": ""}]})

    tactic_state: str = Field(min_length=1, max_length=MAX_GOAL_CHARACTERS)
    prefix: str = Field(default="", max_length=MAX_PREFIX_CHARACTERS)
    context: str = ""


class LlmstepResponse(BaseModel):
    """Tactics, best first, each with its prefix."""

    suggestions: list[str]


class LlmstepError(BaseModel):
    """What is wrong with the request."""

    error: str
