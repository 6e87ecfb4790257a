"""Few-shot prompts for one step: instruction, examples, the state, and the prefix that the user typed.

Layout: Llemma paper (Azerbayev et al. 2023), formal-to-formal proving, `proofsearch.py` of
`wellecks/llemma_formal2formal` @0931a1e; with a prefix, `server_llemma.py` of `wellecks/llmstep` @88f4107.
For base models: no chat template. The prompt ends with `---` and no newline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prover.policies.llm.prompts.answers import tactic
from prover.policies.llm.prompts.fitting import fitted
from prover.policies.llm.prompts.prompt import Query
from prover.policies.llm.prompts.shots import RULE, Shot


@dataclass(frozen=True, slots=True)
class FewShotFormat:
    """Instruction, blank line, blocks of a state and its step, and a last block without the step.

    The authors searched with 32 beams; servers do not stop beams at `---` reliably, so we sample as many.
    """

    name: str
    instruction: str
    labels: tuple[str, str]
    shots: tuple[Shot, ...]
    normal: Callable[[str], str]
    shorter: Callable[[str], Iterator[str]]
    stop: tuple[str, ...] = (RULE,)
    max_tokens: int = 256
    temperature: float = 0.7
    top_p: float = 1.0
    samples: int = 32
    whole_proof: bool = False
    corrects: bool = False
    own_words: bool = False

    def render(self, query: Query, *, limit: int | None = None) -> str:
        """Return the prompt; if it is too long, the first examples are dropped first."""
        return fitted(self._write, query, limit, shots=len(self.shots), shorter=self.shorter)

    def parse(self, text: str, query: Query) -> str | None:
        """Return the text up to `---`."""
        return tactic(text, query, stop=self.stop)

    def _write(self, query: Query, shots: int) -> str:
        state_label, step_label = self.labels
        blocks = [
            f"{state_label}\n{RULE}\n{shot.state}\n{RULE}\n{step_label}\n{RULE}\n{shot.step}\n{RULE}"
            for shot in self.shots[len(self.shots) - shots :]
        ]
        question = f"{state_label}\n{RULE}\n{self.normal(query.state)}\n{RULE}\n{step_label}\n{RULE}"
        prefix = f"\n{query.prefix}" if query.prefix.strip() else ""
        return "\n\n".join([self.instruction, *blocks, question]) + prefix
