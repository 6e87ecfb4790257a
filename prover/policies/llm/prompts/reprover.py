"""ReProver's encoder-decoder (Yang et al. 2023): `lean-dojo/ReProver`, `prover/tactic_generator.py`.

The input of ByT5's encoder, which no completions server runs.
"""

from __future__ import annotations

from dataclasses import dataclass

from prover.errors import PromptTooLongError
from prover.policies.llm.prompts.answers import tactic
from prover.policies.llm.prompts.prompt import Query
from prover.policies.llm.prompts.states import normal, shorter
from prover.policies.llm.prompts.step_formats import without_marks

BUDGET_BYTES = 2300  # of UTF-8, which are ByT5's tokens


@dataclass(frozen=True, slots=True)
class ReproverByt5Format:
    """Premises with marked names, the most relevant next to the state; `format_augmented_state` in `common.py`.

    A premise that does not fit is skipped; a shorter one after it may still fit. The authors use 64 beams without
    length penalty. The prefix goes to the decoder, whose output repeats it.
    """

    name: str = "reprover-byt5"
    stop: tuple[str, ...] = ()
    max_tokens: int = 512
    temperature: float = 0.0
    top_p: float = 1.0
    samples: int = 64
    whole_proof: bool = False
    corrects: bool = False
    own_words: bool = False

    def render(self, query: Query, *, limit: int | None = None) -> str:
        """Return premises and state, of at most 2,300 bytes and `limit` characters."""

        def fits(text: str) -> bool:
            return len(text.encode()) <= BUDGET_BYTES and (limit is None or len(text) <= limit)

        text = next((state for state in (normal(query.state), *shorter(query.state)) if fits(state)), None)
        if text is None:
            raise PromptTooLongError(f"the goal is longer than {BUDGET_BYTES:,} bytes or {limit} characters")
        for premise in query.premises:
            more = f"{marked(premise)}\n\n{text}"
            text = more if fits(more) else text
        return text

    def parse(self, text: str, query: Query) -> str | None:
        """Return the whole answer without marks."""
        return tactic(without_marks(text).removeprefix(query.prefix), query)


def marked(premise: str) -> str:
    """Return a premise `name : type` as in the model's training: a declaration with its name marked."""
    name, colon, statement = premise.partition(" : ")
    return f"theorem <a>{name}</a>{colon}{statement}"
