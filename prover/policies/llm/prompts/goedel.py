"""Goedel-Prover-V2 (Lin et al. 2025), with rounds of correction: its README, `src/utils.py`, `scripts/pipeline.sh`.

The opening message is that of DeepSeek-Prover-V2, with a newline before the closing fence. A failure's error text may
hold several errors, each starting with `LINE:COLUMN: `: lines from 1, columns from 0, in the query's `theorem` followed
by the proof, indented by two. An error without a position is shown without code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from prover.models.model import Message
from prover.policies.llm.prompts.deepseek import OPENING, REQUEST
from prover.policies.llm.prompts.fitting import fitted
from prover.policies.llm.prompts.lean_code import proof_in_answer
from prover.policies.llm.prompts.prompt import Query
from prover.policies.llm.prompts.theorem_text import theorem_text, with_proof

MOST_ERRORS = 8
LINES_BEFORE, LINES_AFTER = 4, 1
CORRECTION = "Lean does not accept this proof. Its errors, with the places marked by <error></error>:"
CORRECTION_REQUEST = """\
Say what each error means and how to mend it, then write the complete Lean 4 code again, corrected."""
_ERROR = re.compile(r"^(?=\d+:\d+: )", re.MULTILINE)
_PLACE = re.compile(r"(\d{1,9}):(\d{1,9}): ")


@dataclass(frozen=True, slots=True)
class GoedelFormat:
    """A user message, then for each failure the proof as an answer and a user message with its errors."""

    name: str = "goedel-v2"
    request: str = REQUEST
    stop: tuple[str, ...] = ()
    max_tokens: int = 32_768
    temperature: float = 1.0
    top_p: float = 0.95
    samples: int = 8
    whole_proof: bool = True

    def render(self, query: Query, *, limit: int | None = None) -> tuple[Message, ...]:
        """Return the messages; the earliest failures are dropped first."""
        return fitted(self._write, query, limit)

    def parse(self, text: str, query: Query) -> str | None:
        """Return the proof in the last fence."""
        return proof_in_answer(text, query)

    def _write(self, query: Query, _: int) -> tuple[Message, ...]:
        theorem = theorem_text(query, comment=True)
        messages = [Message("user", f"{OPENING}{with_proof(theorem, 'sorry')}```\n\n{self.request}")]
        for proof, errors in query.failures:
            answer = f"```lean4\n{with_proof(theorem, proof)}\n```"
            checked = with_proof(query.theorem.rstrip(), proof)
            messages += [Message("assistant", answer), Message("user", corrections(checked, errors))]
        return tuple(messages)


def corrections(code: str, errors: str) -> str:
    """Return the message that asks for another proof: the first errors with the lines around them."""
    each = [error.strip() for error in _ERROR.split(errors) if error.strip()][:MOST_ERRORS]
    shown = [_shown(number, error, code.split("\n")) for number, error in enumerate(each, start=1)]
    return "\n\n".join([CORRECTION, *shown, CORRECTION_REQUEST])


def _shown(number: int, error: str, lines: list[str]) -> str:
    place = _PLACE.match(error)
    if not place:
        return f"Error {number}:\n\nError message: {error}"
    line, column = int(place[1]) - 1, int(place[2])
    message = f"Error message: {error[place.end() :]}"
    if not 0 <= line < len(lines):
        return f"Error {number}:\n\n{message}"
    before, after = lines[max(0, line - LINES_BEFORE) : line], lines[line + 1 : line + 1 + LINES_AFTER]
    marked = f"{lines[line][:column]}<error>{lines[line][column:]}</error>"
    window = "\n".join([*before, marked, *after])
    return f"Error {number}:\n\nCode:\n```lean4\n{window}\n```\n\n{message}"
