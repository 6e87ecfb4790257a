"""Models of the ntp-toolkit, with and without the text before the cursor (miniCTX, Hu et al. 2024).

Tags: `scripts/instruction_tuning.py` of `cmu-l3/ntp-toolkit`. The wording of the comment with the task is ours; pass
that of your model's training as `instruction`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from prover.policies.llm.prompts.answers import tactic
from prover.policies.llm.prompts.fitting import fitted, from_a_line
from prover.policies.llm.prompts.prompt import Query
from prover.policies.llm.prompts.states import normal

CONTEXT_CHARACTERS = 3_000  # about the 1,024 tokens of training
STATE_INSTRUCTION = """\
The proof of a Lean 4 theorem has come to the state inside [STATE]...[/STATE].
Write the next tactic of the proof inside [TAC]...[/TAC]."""
CONTEXT_INSTRUCTION = (
    """\
The file up to the next tactic stands inside [CTX]...[/CTX].
"""
    + STATE_INSTRUCTION
)


@dataclass(frozen=True, slots=True)
class NtpFormat:
    """A comment, the context if the model reads it, and the state in tags; `[/TAC]` ends the tactic."""

    name: str
    instruction: str
    with_context: bool
    stop: tuple[str, ...] = ("[/TAC]",)
    max_tokens: int = 256
    temperature: float = 0.7
    top_p: float = 1.0
    samples: int = 32
    whole_proof: bool = False

    def render(self, query: Query, *, limit: int | None = None) -> str:
        """Return the prompt."""
        context = from_a_line(query.context, len(query.context) - CONTEXT_CHARACTERS)
        return fitted(self._write, replace(query, context=context), limit)

    def parse(self, text: str, query: Query) -> str | None:
        """Return the text up to `[/TAC]`."""
        return tactic(text, query, stop=self.stop)

    def _write(self, query: Query, _: int) -> str:
        file = f"[CTX]\n{query.context}\n[/CTX]\n" if self.with_context else ""
        return f"/- {self.instruction} -/\n{file}[STATE]\n{normal(query.state)}\n[/STATE]\n[TAC]\n{query.prefix}"


NTP_STATE = NtpFormat("ntp-st", STATE_INSTRUCTION, with_context=False)
NTP_CONTEXT = NtpFormat("ntp-ctx", CONTEXT_INSTRUCTION, with_context=True)
