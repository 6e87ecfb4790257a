"""llmstep's model, Pythia 2.8b fine-tuned on Mathlib: `server.py` of `wellecks/llmstep` @88f4107."""

from __future__ import annotations

from dataclasses import dataclass

from prover.policies.llm.prompts.answers import tactic
from prover.policies.llm.prompts.fitting import fitted
from prover.policies.llm.prompts.prompt import Query
from prover.policies.llm.prompts.states import normal


@dataclass(frozen=True, slots=True)
class LlmstepFormat:
    """`[GOAL]`, state, `[PROOFSTEP]`, prefix, with no white space between them."""

    name: str = "llmstep"
    stop: tuple[str, ...] = ()
    max_tokens: int = 128
    temperature: float = 0.5
    top_p: float = 1.0
    samples: int = 10
    whole_proof: bool = False

    def render(self, query: Query, *, limit: int | None = None) -> str:
        """Return the prompt."""
        return fitted(self._write, query, limit)

    def parse(self, text: str, query: Query) -> str | None:
        """Return the answer, up to the next goal if the model goes on."""
        return tactic(text, query, stop=("[GOAL]",))

    def _write(self, query: Query, _: int) -> str:
        return f"[GOAL]{normal(query.state)}[PROOFSTEP]{query.prefix}"
