"""A language model writes whole proofs; what Lean says about them goes back to it for correction."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from prover.core.proof_state import Advanced, GaveUp, ProofState, Rejected, TacticOutcome, TimedOut
from prover.core.theorem import Theorem
from prover.models.model import LanguageModel, seed_of_round
from prover.policies.generator import Proposal, TacticCandidate
from prover.policies.llm.prompts.prompt import PromptFormat, Query
from prover.policies.llm.rounds import Rounds
from prover.policies.llm.sampling import LlmOptions, sample

CORRECTED = 2
"""Number of failed proofs of a round that are sent back for correction, each by itself."""
LOGPROB = -1.0
"""Log-probability of every whole proof (nats). Nothing competes with them but what failed proofs leave open."""


class WholeProofPolicy:
    """Proposes whole proofs at the theorem's first state, in rounds: drawn afresh, then corrections of what failed.

    A whole proof goes through the search as one tactic, so that it has the same limits, record and verification as any
    other. `options.batches` is the number of rounds.
    """

    reproducible = False

    def __init__(
        self,
        model: LanguageModel,
        prompt_format: PromptFormat,
        options: LlmOptions | None = None,
        *,
        about: Query | None = None,
    ) -> None:
        self._model = model
        self._format = prompt_format
        self._options = options or LlmOptions(samples=8, batches=3)
        self._about = about or Query(state="")
        self._first: ProofState | None = None
        self._rounds = Rounds(self._options.batches)
        self._failed: list[tuple[str, str]] = []
        self._proof_of: dict[str, str] = {}

    @property
    def identity(self) -> str:
        """The model, the format of its prompts, and how it is sampled."""
        return (
            f"whole-proof({self._model.identity}, {self._format.name}, {self._options.samples}×{self._options.batches})"
        )

    @asynccontextmanager
    async def for_theorem(self, theorem: Theorem) -> AsyncIterator[WholeProofPolicy]:
        """Give the policy for this theorem."""
        about = replace(self._about, theorem=f"{theorem.body.strip()} := by")
        yield WholeProofPolicy(self._model, self._format, self._options, about=about)

    def observe(self, state: ProofState, candidate: TacticCandidate, outcome: TacticOutcome) -> None:
        """Remember why a proof failed."""
        proof = self._proof_of.get(candidate.tactic)
        if proof is None:
            return
        match outcome:
            case Rejected(message) | GaveUp(message) | TimedOut(message):
                self._failed.append((proof, message))
            case Advanced(left):
                self._failed.append((proof, f"unsolved goals\n{left.text}"))
            case _:
                pass

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        """Return the proofs of the next round for the first state, nothing for others."""
        return [await self._propose(state, n, seed, tried) for state in states]

    async def _propose(self, state: ProofState, n: int, seed: int, tried: int) -> Proposal:
        self._first = self._first or state
        if state != self._first:
            return Proposal(())
        return await self._rounds.propose(lambda number: self._round(state, number, seed), n=n, tried=tried)

    async def _round(self, state: ProofState, number: int, seed: int) -> list[TacticCandidate]:
        query = replace(self._about, state=state.text)
        queries = [query]
        if number and self._failed:
            queries = [replace(query, failures=(failure,)) for failure in self._failed[-CORRECTED:]]
            self._failed.clear()
        samples = max(1, self._options.samples // len(queries))
        drawing = (self._sample(one, samples, seed_of_round(seed, number)) for one in queries)
        proofs = {as_tactic(proof): proof for answer in await asyncio.gather(*drawing) for proof in answer}
        self._proof_of = proofs | self._proof_of
        return [TacticCandidate(tactic, LOGPROB, "whole proof") for tactic in proofs]

    async def _sample(self, query: Query, samples: int, seed: int) -> list[str]:
        options = replace(self._options, samples=samples)
        completions = await sample(self._model, self._format, query, options, seed=seed)
        return [proof for c in completions if (proof := self._format.parse(c.text, query))]


def as_tactic(proof: str) -> str:
    """Return a sequence of tactics as one tactic."""
    body = textwrap.dedent(proof).strip("\n")
    return f"({body})" if "\n" not in body else f"(\n{textwrap.indent(body, '  ')}\n)"
