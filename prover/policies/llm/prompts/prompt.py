"""What a prompt is made of, and what a prompt format does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from prover.models.model import Prompt


@dataclass(frozen=True, slots=True)
class Query:
    """What a prompt may use; every format takes what its model knows.

    `state`: all goals as printed, separated by blank lines. `theorem`: header and statement, in Lean up to `:= by`.
    `header`: what comes before the statement, which `theorem` may leave out.
    `context`: source text before the cursor. `prefix`: beginning of the tactic that the user typed, for formats that
    ask for a tactic. `premises`: lines `name : type`, the most relevant first. `informal`: the problem in words.
    `failures`: earlier tactics or proofs, each with its error, for formats that correct.
    """

    state: str
    theorem: str = ""
    header: str = ""
    context: str = ""
    prefix: str = ""
    premises: tuple[str, ...] = ()
    informal: str = ""
    failures: tuple[tuple[str, str], ...] = ()

    @property
    def statement(self) -> str:
        """The theorem without its header."""
        return self.theorem.strip().removeprefix(self.header.strip()).lstrip()


class PromptFormat(Protocol):
    """How one kind of model is asked, and how its answer is read. The numbers are defaults of the model's authors."""

    @property
    def name(self) -> str:
        """Key in the catalog; part of every record."""

    @property
    def stop(self) -> tuple[str, ...]:
        """Texts at which the server ends an answer."""

    @property
    def max_tokens(self) -> int:
        """Longest answer."""

    @property
    def temperature(self) -> float:
        """0: greedy, one answer."""

    @property
    def top_p(self) -> float:
        """Probability mass to sample from."""

    @property
    def samples(self) -> int:
        """Answers for one prompt."""

    @property
    def whole_proof(self) -> bool:
        """Is the answer a whole proof, not one tactic?"""

    def render(self, query: Query, *, limit: int | None = None) -> Prompt:
        """Return the prompt, of at most `limit` characters.

        What is least useful is left out first: context from its beginning, examples, earlier failures, then
        further goals and hypotheses of the state from the first; never the goal (what follows ⊢ in the first goal, or
        the theorem's statement).

        Raises:
            PromptTooLongError: even the goal alone does not fit.
        """

    def parse(self, text: str, query: Query) -> str | None:
        """Return the tactic (or the proof that goes behind `:= by`) in the model's answer, None if there is none."""


def characters(prompt: Prompt) -> int:
    """Return the length of a prompt."""
    return len(prompt) if isinstance(prompt, str) else sum(len(message.content) for message in prompt)
