"""A language model writes whole proofs; what Lean says about them goes back to it for correction."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from prover.core.proof_state import Advanced, GaveUp, ProofState, Rejected, TacticOutcome, TimedOut, normalise_tactic
from prover.core.theorem import Theorem
from prover.errors import InvalidTheoremError, Message
from prover.models.model import LanguageModel, notes_of_model, seed_of_round
from prover.policies.generator import Check, Proposal, TacticCandidate
from prover.policies.llm.about import query_about, text_with_proof
from prover.policies.llm.prompts.prompt import Failure, PromptFormat, Query
from prover.policies.llm.rounds import Rounds
from prover.policies.llm.sampling import Heard, LlmOptions, sample

MOST_REQUESTS = 1_000
"""Requests of a round have seeds of their own as long as there are no more of them."""
LOGPROB = -1.0
"""Log-probability of every whole proof (nats). Nothing competes with them but what failed proofs leave open."""
EFFORT = 10.0
"""Most effort of one whole proof. It is parsed first, so that what is no Lean costs next to nothing."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """A proof that was proposed: the answer that it is from, and what had failed before that answer."""

    answer: str
    proof: str
    history: tuple[Failure, ...]


class WholeProofPolicy:
    """Proposes whole proofs at the theorem's first state, in rounds.

    A format that was made for it shows in the second round and later what became of each answer, with all that failed
    before it; `options.corrections` answers are drawn for each, in later rounds as well, up to as many failures as the
    second round can leave. Other formats draw afresh. No two requests have one
    seed. A whole proof goes through the search as one tactic, so that it has the same limits, record and verification
    as any other. `options.batches` is the number of rounds.
    """

    reproducible = False

    def __init__(
        self,
        model: LanguageModel,
        prompt_format: PromptFormat,
        options: LlmOptions | None = None,
        *,
        theorem: Theorem | None = None,
    ) -> None:
        self._model = model
        self._format = prompt_format
        self._options = options or LlmOptions(samples=8, batches=3)
        self._theorem = theorem
        self._about = query_about(theorem) if theorem else Query(state="")
        self._first: ProofState | None = None
        self._rounds = Rounds(self._options.batches)
        self._drafts: dict[str, _Draft] = {}
        self._failed: dict[str, str] = {}
        self._check: Check | None = None
        self._heard = Heard()

    @property
    def identity(self) -> str:
        """The model, the format of its prompts, and how it is sampled."""
        options = self._options
        asked = options.prompt_identity(self._format)
        how = f"{options.samples}×{options.batches}"
        how += f", {options.corrections} corrections" if self._format.corrects else ""
        return f"whole-proof({self._model.identity}, {asked}, {how})"

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed of the model, what its server cannot do, and what came back that was of no use."""
        return (*self._options.notes, *notes_of_model(self._model), *self._heard.notes)

    @asynccontextmanager
    async def for_theorem(self, theorem: Theorem) -> AsyncIterator[WholeProofPolicy]:
        """Give the policy for this theorem."""
        yield WholeProofPolicy(self._model, self._format, self._options, theorem=theorem)

    def checked_by(self, check: Check) -> None:
        """Have failed proofs checked like this; see ChecksProofs."""
        self._check = check

    def at_goal(self, stated: Theorem | None) -> None:
        """Prove this from now on; see GoalAware. A goal that cannot be stated is left to others."""
        self._theorem = stated
        self._about = query_about(stated) if stated else Query(state="")
        self._first = None
        self._rounds = Rounds(self._options.batches if stated else 0)
        self._drafts.clear()
        self._failed.clear()

    def observe(self, state: ProofState, candidate: TacticCandidate, outcome: TacticOutcome) -> None:
        """Remember why a proof failed."""
        if candidate.tactic not in self._drafts:
            return
        match outcome:
            case Rejected(message) | GaveUp(message) | TimedOut(message):
                self._failed[candidate.tactic] = message
            case Advanced(left):
                self._failed[candidate.tactic] = f"unsolved goals\n{left.text}"
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
        queries, samples = [query], self._options.samples
        if number and self._format.corrects and self._failed:
            failed = list(self._failed.items())[: self._options.samples * self._options.corrections]
            histories = await asyncio.gather(*(self._history(tactic, message) for tactic, message in failed))
            queries, samples = [replace(query, failures=history) for history in histories], self._options.corrections
        self._failed.clear()
        drawing = (
            self._sample(one, samples, seed_of_round(seed, number * MOST_REQUESTS + place))
            for place, one in enumerate(queries)
        )
        drawn = [draft for drafts in await asyncio.gather(*drawing) for draft in drafts]
        self._heard.check_that_something_fits()
        drafts = {normalise_tactic(as_tactic(draft.proof)): draft for draft in drawn}
        self._drafts = drafts | self._drafts
        return [TacticCandidate(tactic, LOGPROB, "whole proof", EFFORT) for tactic in drafts]

    async def _history(self, tactic: str, message: str) -> tuple[Failure, ...]:
        """Return what failed up to this proof, with every error of it."""
        draft = self._drafts[tactic]
        code = text_with_proof(self._theorem, draft.proof) if self._theorem else draft.proof
        return (*draft.history, Failure(draft.answer, code, await self._errors(draft.proof) or _said(message)))

    async def _errors(self, proof: str) -> tuple[Message, ...]:
        """Return the errors of a proof that is read as a text; none if it cannot be checked, or only runs too long."""
        if self._check is None:
            return ()
        try:
            verification = await self._check(proof)
        except InvalidTheoremError:
            return ()
        return tuple(message for message in verification.messages if message.severity == "error")

    async def _sample(self, query: Query, samples: int, seed: int) -> list[_Draft]:
        options = replace(self._options, samples=samples)
        completions = await sample(self._model, self._format, query, options, seed=seed, heard=self._heard)
        found = ((one, self._format.parse(one.text, query)) for one in completions)
        return [
            _Draft(completion.text, proof, query.failures)
            for completion, read in found
            if (proof := self._heard.read(completion, read, whole_proof=True))
        ]


def _said(message: str) -> tuple[Message, ...]:
    return (Message("error", message),)


def as_tactic(proof: str) -> str:
    """Return a sequence of tactics as one tactic."""
    body = textwrap.dedent(proof).strip("\n")
    return f"({body})" if "\n" not in body else f"(\n{textwrap.indent(body, '  ')}\n)"
