"""What is sent to the models of a family, shown on one theorem, for whoever compares it with what authors publish."""

from __future__ import annotations

from dataclasses import replace

from prover.core.theorem import Theorem
from prover.errors import Message
from prover.models.model import Prompt
from prover.policies.llm.about import query_about, text_with_proof
from prover.policies.llm.families import Family
from prover.policies.llm.prompts.prompt import Failure, Query

THEOREM = replace(
    Theorem.from_text("import Mathlib\n\nopen Nat\n\ntheorem divisor_le (a b : ℕ) (h : a ∣ b) (pos : 0 < b) : a ≤ b"),
    informal="A divisor of a positive number is at most that number.",
)
STATE = "a b : ℕ\nh : a ∣ b\npos : 0 < b\n⊢ a ≤ b"
_WRONG = "obtain ⟨c, hc⟩ := h\nsimp [hc]\nomega"


def example_query(family: Family, *, corrected: bool = False) -> Query:
    """Return what a search would put into the prompt; `corrected`: after one proof that failed."""
    query = replace(
        query_about(THEOREM), state=STATE, premises=("Nat.le_of_dvd : 0 < n → m ∣ n → m ≤ n",), before=("skip",)
    )
    if not family.prompt.whole_proof:
        return replace(query, context=f"{query.theorem}\n  skip\n  ")
    if not corrected:
        return query
    code = text_with_proof(THEOREM, _WRONG)
    answer = f"The divisor is a factor.\n\n```lean4\n{code}\n```"
    return replace(query, failures=(Failure(answer, code, (Message("error", "simp made no progress", 7, 2),)),))


def example_prompt(family: Family, *, corrected: bool = False) -> str:
    """Return an example of what is sent to the models of a family, as text."""
    return shown(family.prompt.render(example_query(family, corrected=corrected)))


def shown(prompt: Prompt) -> str:
    """Return a prompt as text; of a chat each message below its role."""
    if isinstance(prompt, str):
        return prompt
    return "\n\n".join(f"[{message.role}]\n{message.content}" for message in prompt)
