"""Kimina-Prover (Numina and Kimi 2025): system message, the problem in words, the theorem in a fence.

Layout: the model's card. The wording of system message and first line is ours; pass that of your model's training as
`system` and `request`.
"""

from __future__ import annotations

from dataclasses import dataclass

from prover.models.model import Message
from prover.policies.llm.prompts.fitting import fitted
from prover.policies.llm.prompts.lean_code import proof_in_answer
from prover.policies.llm.prompts.prompt import Query
from prover.policies.llm.prompts.theorem_text import theorem_text


@dataclass(frozen=True, slots=True)
class KiminaFormat:
    """Two messages; the answer holds thoughts up to `</think>`, then the code."""

    name: str = "kimina"
    system: str = "You are an expert in mathematics and in proving theorems with Lean 4."
    request: str = "Think about the following problem step by step, and solve it in Lean 4."
    stop: tuple[str, ...] = ()
    max_tokens: int = 8192
    temperature: float = 0.6
    top_p: float = 0.95
    samples: int = 8
    whole_proof: bool = True

    def render(self, query: Query, *, limit: int | None = None) -> tuple[Message, ...]:
        """Return the messages."""
        return fitted(self._write, query, limit)

    def parse(self, text: str, query: Query) -> str | None:
        """Return the proof in the last fence after the thoughts."""
        return proof_in_answer(text, query)

    def _write(self, query: Query, _: int) -> tuple[Message, ...]:
        problem = f"# Problem: {query.informal.strip()}\n" if query.informal.strip() else ""
        question = f"{self.request}\n{problem}# Formal statement:\n```lean4\n{theorem_text(query)}\n```\n"
        return Message("system", self.system), Message("user", question)
