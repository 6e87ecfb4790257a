"""The content of a prompt, and the interface of a prompt format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from prover.errors import Message as LeanMessage
from prover.models.model import Prompt

SOLUTION = "### Solution"
"""The line that separates a problem in words from its solution in words."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A proof that was not accepted.

    `answer`: all that the model said. `code`: the text that was checked, header and statement and proof. `errors`:
    every error in it; lines from 1, columns from 0, line 0 for none.
    """

    answer: str
    code: str
    errors: tuple[LeanMessage, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """What a prompt may contain; each format uses what its model was trained on.

    `state`: all goals as printed, separated by blank lines. `theorem`: header and statement, in Lean up to `:= by`.
    `header`: what comes before the statement (imports, `open`s, options), which `theorem` may leave out.
    `context`: source text before the cursor. `prefix`: beginning of the tactic that the user typed, for formats that
    ask for a tactic. `before`: the tactics that led to the state. `premises`: lines `name : type`, the most relevant
    first. `informal`: the problem in words, perhaps with its solution below `SOLUTION`. `failures`: what became of
    earlier answers, in their order, for formats that correct.
    """

    state: str
    theorem: str = ""
    header: str = ""
    context: str = ""
    prefix: str = ""
    before: tuple[str, ...] = ()
    premises: tuple[str, ...] = ()
    informal: str = ""
    failures: tuple[Failure, ...] = ()

    @property
    def statement(self) -> str:
        """The theorem without its header."""
        return self.theorem.strip().removeprefix(self.header.strip()).lstrip()

    @property
    def problem(self) -> str:
        """The problem in words, without its solution."""
        return self.informal.partition(SOLUTION)[0].strip()


class PromptFormat(Protocol):
    """How one kind of model is asked, and how its answer is read. The numbers are the authors' defaults."""

    @property
    def name(self) -> str:
        """Key in the catalog; part of every record."""

    @property
    def stop(self) -> tuple[str, ...]:
        """Texts at which the server stops."""

    @property
    def max_tokens(self) -> int:
        """Most tokens of an answer."""

    @property
    def temperature(self) -> float:
        """0: greedy, one answer."""

    @property
    def top_p(self) -> float:
        """Probability mass to sample from."""

    @property
    def samples(self) -> int:
        """Answers per prompt."""

    @property
    def whole_proof(self) -> bool:
        """Is the answer a whole proof, not one tactic?"""

    @property
    def corrects(self) -> bool:
        """Was it made for rounds: does its prompt show what became of earlier answers?"""

    @property
    def own_words(self) -> bool:
        """Are its words ours, where its models were trained on other words?"""

    def render(self, query: Query, *, limit: int | None = None) -> Prompt:
        """Return the prompt, of at most `limit` characters.

        The least useful parts are dropped first: context from its beginning, examples, earlier failures, then further
        goals, then hypotheses from the first. The goal (what follows ⊢ in the first goal, or the theorem's statement)
        is never dropped.

        Raises:
            PromptTooLongError: even the goal alone does not fit.
        """

    def parse(self, text: str, query: Query) -> str | None:
        """Return the tactic, or the proof to put after `:= by`, in the model's answer; None if there is none."""


def characters(prompt: Prompt) -> int:
    """Return the length of a prompt."""
    return len(prompt) if isinstance(prompt, str) else sum(len(message.content) for message in prompt)
