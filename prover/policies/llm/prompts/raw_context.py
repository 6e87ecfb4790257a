"""The source text up to the cursor and nothing else, for any base model that has seen Lean files.

Second prompt of `server_llemma.py` in `wellecks/llmstep` @88f4107.
"""

from __future__ import annotations

from dataclasses import dataclass

from prover.errors import PromptTooLongError
from prover.policies.llm.prompts.answers import tactic
from prover.policies.llm.prompts.fitting import from_a_line
from prover.policies.llm.prompts.prompt import Query


@dataclass(frozen=True, slots=True)
class RawContextFormat:
    """Context followed by prefix; the answer is one line."""

    name: str = "raw-context"
    stop: tuple[str, ...] = ("\n", "---")
    max_tokens: int = 128
    temperature: float = 0.7
    top_p: float = 1.0
    samples: int = 32
    whole_proof: bool = False
    corrects: bool = False
    own_words: bool = False

    def render(self, query: Query, *, limit: int | None = None) -> str:
        """Return the end of the source text, in whole lines."""
        source = query.context + query.prefix
        if limit is None or len(source) <= limit:
            return source
        end = from_a_line(source, len(source) - limit)
        if end.strip():
            return end
        raise PromptTooLongError(f"the last line before the cursor has more than {limit:,} characters")

    def parse(self, text: str, query: Query) -> str | None:
        """Return the first line."""
        return tactic(text, query, stop=("---",), first_line=True)
