"""A chat model as a prover that sees what failed, in the manner of Copra (Thakur et al., arXiv 2310.04353).

At each proof state it gives one step; if Lean rejects it, the model is asked again with the step and Lean's message
before it, a few times, before the search goes elsewhere.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from prover.core.proof_state import GaveUp, ProofState, Rejected, TacticOutcome, TimedOut, normalise_tactic
from prover.core.theorem import Theorem
from prover.models.model import LanguageModel, Message, Sampling, notes_of_model, seed_of_round
from prover.policies.generator import Proposal, TacticCandidate
from prover.policies.llm.prompts.answers import is_attempt
from prover.policies.llm.prompts.fences import blocks, without_thoughts
from prover.policies.llm.prompts.lean_code import proof_in_answer
from prover.policies.llm.prompts.prompt import Query
from prover.policies.llm.rounds import Rounds
from prover.policies.llm.sampling import Heard, complete_first_that_fits
from prover.policies.premises.retrieval import Premises, PremiseSource

ATTEMPTS, MAX_TOKENS = 5, 1024
STEP = -0.1
"""Log-probability of a step. Another attempt at a state costs as much: what advanced is followed first."""
LONGEST_MESSAGE = 600
MOST_FAILURES = 8
PREMISES = 12

SYSTEM = """\
You prove theorems in Lean 4, one tactic at a time. You are given the proof state: hypotheses, then the goal after ⊢. \
Answer with the next tactic only, inside a code block:
```lean
TACTIC
```
Do not repeat a tactic that failed; read Lean's message and do something that avoids it. Never use sorry."""


class AgentPolicy:
    """Asks a chat model for one step at a time and tells it what failed."""

    reproducible = False

    def __init__(
        self,
        model: LanguageModel,
        *,
        attempts: int = ATTEMPTS,
        temperature: float = 0.0,
        max_tokens: int = MAX_TOKENS,
        library: PremiseSource | None = None,
        premises: Premises | None = None,
        theorem: str = "",
    ) -> None:
        self._model = model
        self._attempts = attempts
        self._temperature = temperature
        self._max_tokens = max_tokens
        self._library = library
        self._premises = premises
        self._theorem = theorem
        self._heard = Heard()
        self._rounds: dict[ProofState, Rounds] = {}
        self._failed: dict[ProofState, list[tuple[str, str]]] = {}

    @property
    def identity(self) -> str:
        """The model, and how often it may try at a state."""
        return f"agent({self._model.identity}, {self._attempts} attempts)"

    @property
    def notes(self) -> tuple[str, ...]:
        """What the model's server cannot do, and what came back that was of no use."""
        return (*notes_of_model(self._model), *self._heard.notes)

    @asynccontextmanager
    async def for_theorem(self, theorem: Theorem) -> AsyncIterator[AgentPolicy]:
        """Give the policy for this theorem, which has seen nothing fail yet."""
        yield AgentPolicy(
            self._model,
            attempts=self._attempts,
            temperature=self._temperature,
            max_tokens=self._max_tokens,
            premises=await self._library.for_theorem(theorem) if self._library else None,
            theorem=theorem.body,
        )

    def observe(self, state: ProofState, candidate: TacticCandidate, outcome: TacticOutcome) -> None:
        """Remember what failed, for the next attempt at this state."""
        if isinstance(outcome, Rejected | GaveUp | TimedOut):
            self._failed.setdefault(state, []).append((candidate.tactic, outcome.message))

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        """Return the next step for each state; there is more until the attempts are used up."""
        return [await self._propose(state, n, seed, tried) for state in states]

    async def _propose(self, state: ProofState, n: int, seed: int, tried: int) -> Proposal:
        async def ask(number: int) -> list[TacticCandidate]:
            tactic = await self._ask(state, seed_of_round(seed, number + 1))
            return [TacticCandidate(tactic, STEP, "agent")] if tactic else []

        rounds = self._rounds.setdefault(state, Rounds(self._attempts))
        proposal = await rounds.propose(ask, n=n, tried=tried)
        return replace(proposal, more=STEP * (1 + len(rounds.given))) if rounds.left else proposal

    async def _ask(self, state: ProofState, seed: int) -> str:
        failures = self._failed.get(state, [])[-MOST_FAILURES:]
        sampling = Sampling(n=1, temperature=self._temperature, max_tokens=self._max_tokens, seed=seed)
        prompts = (self._prompt(state, failures[first:]) for first in range(len(failures) + 1))
        completions = await complete_first_that_fits(self._model, prompts, sampling, heard=self._heard)
        self._heard.check_that_something_fits()
        found = ((one, tactic_in(one.text, self._theorem)) for one in completions[:1])
        return next((self._heard.read(one, tactic, whole_proof=True) or "" for one, tactic in found), "")

    def _prompt(self, state: ProofState, failures: Sequence[tuple[str, str]]) -> tuple[Message, ...]:
        parts = [f"Proof state:\n{state.text}"]
        if self._premises and (names := self._premises.for_goal(state.goals[0], PREMISES)):
            parts.append(f"Theorems that may help: {', '.join(names)}")
        for tactic, message in failures:
            parts.append(f"This failed:\n```lean\n{tactic}\n```\nLean says: {message[:LONGEST_MESSAGE]}")
        parts.append("The next tactic?")
        return Message("system", SYSTEM), Message("user", "\n\n".join(parts))


def tactic_in(answer: str, theorem: str = "") -> str:
    """Return the next step in an answer: what a block of code gives, of whatever form, or the whole if it is one line.

    A whole proof is a step as well, be it of the state or, restated, of `theorem`.
    """
    proof = proof_in_answer(answer, Query(state="", theorem=theorem))
    if proof is None and not blocks(answer):
        said = without_thoughts(answer).strip()
        proof = "" if "\n" in said else said.strip("`").removeprefix("by ").strip()
    tactic = normalise_tactic(proof or "")
    return tactic if is_attempt(tactic) else ""
