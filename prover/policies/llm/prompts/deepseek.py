"""DeepSeek-Prover-V2 (Ren et al. 2025), with and without a plan before the proof.

Layout: the model's README (chat), the paper's appendix (raw text). The wording of the request for a plan is ours;
pass that of your model's training as `request`.
"""

from __future__ import annotations

from dataclasses import dataclass

from prover.models.model import Message
from prover.policies.llm.prompts.fitting import fitted
from prover.policies.llm.prompts.lean_code import continued_proof, proof_in_answer
from prover.policies.llm.prompts.prompt import Query
from prover.policies.llm.prompts.theorem_text import theorem_text, with_proof

OPENING = "Complete the following Lean 4 code:\n\n```lean4\n"
REQUEST = """\
First work out a detailed plan: the main steps of the proof, its key ideas, and the lemmas on the way.
Then write the complete Lean 4 code that follows this plan."""


@dataclass(frozen=True, slots=True)
class DeepseekPlanFormat:
    """One user message: the theorem with `sorry` in a fence, and the request for a plan before the code."""

    name: str = "deepseek-v2-cot"
    request: str = REQUEST
    stop: tuple[str, ...] = ()
    max_tokens: int = 8192
    temperature: float = 1.0
    top_p: float = 0.95
    samples: int = 8
    whole_proof: bool = True

    def render(self, query: Query, *, limit: int | None = None) -> tuple[Message, ...]:
        """Return the message."""
        return fitted(self._write, query, limit)

    def parse(self, text: str, query: Query) -> str | None:
        """Return the proof in the last fence."""
        return proof_in_answer(text, query)

    def _write(self, query: Query, _: int) -> tuple[Message, ...]:
        code = with_proof(theorem_text(query, comment=True), "sorry")
        return (Message("user", f"{OPENING}{code}\n```\n\n{self.request}"),)


@dataclass(frozen=True, slots=True)
class DeepseekProofFormat:
    """Raw text: an open fence with the theorem up to `:= by`; the model continues."""

    name: str = "deepseek-v2-noncot"
    stop: tuple[str, ...] = ("```",)
    max_tokens: int = 8192
    temperature: float = 1.0
    top_p: float = 0.95
    samples: int = 8
    whole_proof: bool = True

    def render(self, query: Query, *, limit: int | None = None) -> str:
        """Return the text."""
        return fitted(self._write, query, limit)

    def parse(self, text: str, query: Query) -> str | None:
        """Return the proof up to the closing fence, or the one in a fence of the model's own."""
        return continued_proof(text, query)

    def _write(self, query: Query, _: int) -> str:
        return f"{OPENING}{theorem_text(query, comment=True)}\n"
