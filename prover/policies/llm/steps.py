"""A language model proposes tactics, few-shot or as it was trained to."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from prover.core.proof_state import Advanced, ProofState, TacticOutcome, normalise_tactic
from prover.core.theorem import Theorem
from prover.models.model import Completion, LanguageModel, notes_of_model, seed_of_round
from prover.policies.generator import Proposal, TacticCandidate
from prover.policies.llm.about import query_about
from prover.policies.llm.prompts.prompt import PromptFormat, Query
from prover.policies.llm.rounds import Rounds
from prover.policies.llm.sampling import Heard, LlmOptions, sample
from prover.policies.premises.retrieval import Premises, PremiseSource

PROMPT_PREMISES = 16


class LlmPolicy:
    """Asks a model for the next tactic of each state; many states at once, each state once."""

    reproducible = False

    def __init__(
        self,
        model: LanguageModel,
        prompt_format: PromptFormat,
        options: LlmOptions | None = None,
        *,
        library: PremiseSource | None = None,
        about: Query | None = None,
        premises: Premises | None = None,
    ) -> None:
        self._model = model
        self._format = prompt_format
        self._options = options or LlmOptions()
        self._library = library
        self._about = about or Query(state="")
        self._premises = premises
        self._asked: dict[ProofState, list[asyncio.Task[list[Completion]]]] = {}
        self._rounds: dict[ProofState, Rounds] = {}
        self._before: dict[ProofState, tuple[str, ...]] = {}
        self._heard = Heard()

    @property
    def identity(self) -> str:
        """The model, the format of its prompts, and how it is sampled."""
        options = self._options
        how = "beam" if options.beam else f"T={options.temperature_for(self._format):g}"
        asked = options.prompt_identity(self._format)
        return f"llm({self._model.identity}, {asked}, {options.samples}×{options.batches}, {how})"

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed of the model, what its server cannot do, and what came back that was of no use."""
        notes = (*self._options.notes, *notes_of_model(self._model), *self._heard.notes)
        return tuple(dict.fromkeys(notes))

    @asynccontextmanager
    async def for_theorem(self, theorem: Theorem) -> AsyncIterator[LlmPolicy]:
        """Give the policy that knows the theorem; requests under way end with the context."""
        policy = LlmPolicy(
            self._model,
            self._format,
            self._options,
            about=replace(query_about(theorem), context=self._about.context),
            premises=await self._library.for_theorem(theorem) if self._library else None,
        )
        try:
            yield policy
        finally:
            await policy.stop()

    def at_place(self, context: str, prefix: str = "") -> None:
        """What is asked from now on stands behind this text; see PlaceAware."""
        self._about = replace(self._about, context=context, prefix=prefix)
        for task in self._under_way():
            task.cancel()
        self._asked.clear()
        self._rounds.clear()
        self._before.clear()

    def observe(self, state: ProofState, candidate: TacticCandidate, outcome: TacticOutcome) -> None:
        """Remember how a state was reached, for formats that show the proof so far."""
        if isinstance(outcome, Advanced) and outcome.state not in self._before:
            self._before[outcome.state] = (*self._before.get(state, ()), outcome.written or candidate.tactic)

    def prefetch(self, states: Sequence[ProofState], *, seed: int) -> None:
        """Start asking for these states; the answers are kept until they are needed."""
        for state in states:
            self._batch(state, 0, seed)

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        """Return the model's tactics, the best score first within each batch of samples."""
        return list(await asyncio.gather(*(self._propose(state, n, seed, tried) for state in states)))

    async def stop(self) -> None:
        """Cancel what is under way."""
        tasks = self._under_way()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _under_way(self) -> list[asyncio.Task[list[Completion]]]:
        return [task for batches in self._asked.values() for task in batches]

    async def _propose(self, state: ProofState, n: int, seed: int, tried: int) -> Proposal:
        async def ask(batch: int) -> list[TacticCandidate]:
            found = self._candidates(state, await asyncio.shield(self._batch(state, batch, seed)))
            self._heard.check_that_something_fits()
            return found

        rounds = self._rounds.setdefault(state, Rounds(self._options.batches))
        return await rounds.propose(ask, n=n, tried=tried)

    def _batch(self, state: ProofState, batch: int, seed: int) -> asyncio.Task[list[Completion]]:
        batches = self._asked.setdefault(state, [])
        while len(batches) <= batch:
            batches.append(asyncio.create_task(self._sample(state, seed_of_round(seed, len(batches)))))
        return batches[batch]

    async def _sample(self, state: ProofState, seed: int) -> list[Completion]:
        return await sample(self._model, self._format, self._query(state), self._options, seed=seed, heard=self._heard)

    def _query(self, state: ProofState) -> Query:
        premises = self._premises.lines_for_goal(state.goals[0], PROMPT_PREMISES) if self._premises else ()
        before = self._before.get(state, ())
        context = self._about.context or self._about.theorem + "\n  "
        context += "".join(tactic.replace("\n", "\n  ") + "\n  " for tactic in before)
        return replace(self._about, state=state.text, premises=tuple(premises), before=before, context=context)

    def _candidates(self, state: ProofState, completions: list[Completion]) -> list[TacticCandidate]:
        """Read the answers; equal tactics keep the best score."""
        query = self._query(state)
        scores: dict[str, float] = {}
        counts: Counter[str] = Counter()
        for completion in completions:
            found = self._format.parse(completion.text, query)
            tactic = normalise_tactic(self._heard.read(completion, found, whole_proof=False) or "")
            if tactic:
                counts[tactic] += 1
                score = completion.mean_logprob if self._options.normalised else completion.logprob
                scores[tactic] = max(scores.get(tactic, -math.inf), -math.inf if score is None else score)
        total = max(1, counts.total())
        for tactic, score in scores.items():
            if score == -math.inf:  # how often it was drawn says as much
                self._heard.unscored = True
                scores[tactic] = math.log(counts[tactic] / total)
        ranked = sorted(scores.items(), key=lambda item: -item[1])
        return [TacticCandidate(tactic, score, "model") for tactic, score in ranked]
