"""Draft, sketch and prove (Jiang et al. 2023): the model writes a proof with gaps, automation fills them.

A draft in words, if there is none, comes from the model as well. A sketch goes through the search in pieces: the text
up to the first gap is one tactic, then the closers try the gap's goal, then comes the text up to the next gap. So what
fills a gap has the limits, the record and the verification of any other step, and the found proof has no gaps.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from prover.core.proof_state import Advanced, ProofState, TacticOutcome, normalise_tactic
from prover.core.theorem import Theorem
from prover.environments.syntax.isabelle.screening import proof_problem
from prover.environments.syntax.isabelle.sketches import pieces
from prover.environments.syntax.isabelle.statement import IsabelleStatement
from prover.models.model import LanguageModel, Sampling, notes_of_model, seed_of_round
from prover.policies.generator import Proposal, TacticCandidate, TacticGenerator, for_theorem
from prover.policies.llm.prompts.drafts import draft_prompt, read_draft
from prover.policies.llm.prompts.isabelle_dsp import IsabelleDspFormat
from prover.policies.llm.prompts.prompt import SOLUTION, PromptFormat, Query
from prover.policies.llm.rounds import Rounds
from prover.policies.llm.sampling import Heard, LlmOptions, complete_first_that_fits, sample

SKETCH = -0.5
"""Log-probability of a sketch's next piece: it is followed before anything else is tried."""
SAMPLING = 0.6
LATER = -3.0
"""How a state ranks (nats) while it waits for the next round of sketches."""
UNFINISHED = "proof (prove)"
"""How a state begins in which a goal is still being proved: a closer has not filled its gap yet."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Before piece `piece` of a sketch (what has to be written there), or at the gap in front of it."""

    sketch: int
    piece: int
    at_gap: bool


class SketchPolicy:
    """Proposes sketches at the theorem's first state and follows each; `closers` fill the gaps.

    `options.samples` sketches in each of `options.batches` rounds.
    """

    reproducible = False

    def __init__(
        self,
        model: LanguageModel,
        closers: TacticGenerator,
        options: LlmOptions | None = None,
        *,
        informal: str = "",
        prompt_format: PromptFormat | None = None,
        query: Query | None = None,
    ) -> None:
        self._model = model
        self._closers = closers
        self._options = options or LlmOptions(samples=4, batches=2)
        self._informal = informal
        self._format = prompt_format or IsabelleDspFormat()
        self._query = query or Query(state="")
        self._first: ProofState | None = None
        self._rounds = Rounds(self._options.batches)
        self._sketches: list[list[str]] = []
        self._begins: dict[str, list[int]] = {}
        self._places: dict[ProofState, dict[_Place, None]] = {}
        self._heard = Heard()

    @property
    def identity(self) -> str:
        """The model, how often it is asked, and what fills the gaps."""
        options = self._options
        words = f"{options.prompt_identity(self._format)}, " if options.words else ""
        return f"sketch({self._model.identity}, {words}{options.samples}×{options.batches}) + {self._closers.identity}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed of the model, what its server cannot do, and what came back that was of no use."""
        return (*self._options.notes, *notes_of_model(self._model), *self._heard.notes)

    @asynccontextmanager
    async def for_theorem(self, theorem: Theorem) -> AsyncIterator[SketchPolicy]:
        """Give the policy for this theorem, with a draft if the problem has no solution in words."""
        statement = IsabelleStatement.read(theorem.source)
        text = f"{statement.header}\n\n{statement.text}".strip()
        query = Query(state="", theorem=text, header=statement.header)
        async with for_theorem(self._closers, theorem) as closers:
            yield SketchPolicy(
                self._model,
                closers,
                self._options,
                informal=theorem.informal or self._informal,
                prompt_format=self._format,
                query=query,
            )

    def observe(self, state: ProofState, candidate: TacticCandidate, outcome: TacticOutcome) -> None:
        """Remember where a state is in a sketch: a gap's goal is for the closers, what is behind it for the sketch."""
        if not isinstance(outcome, Advanced):
            return
        places: list[_Place] = []
        for sketch in self._begins.get(candidate.tactic, ()) if state == self._first else ():
            places += self._behind(sketch, 0)
        for place in self._places.get(state, ()):
            if place.at_gap and candidate.source != "sketch":
                places.append(replace(place, at_gap=False))
                places += [place] if outcome.state.text.startswith(UNFINISHED) else []
            elif not place.at_gap and candidate.tactic == self._sketches[place.sketch][place.piece]:
                places += self._behind(place.sketch, place.piece)
        self._places.setdefault(outcome.state, {}).update(dict.fromkeys(places))

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        """Return sketches, the next pieces of sketches, or what may fill a gap."""
        return [await self._propose(state, n, seed, tried) for state in states]

    async def _propose(self, state: ProofState, n: int, seed: int, tried: int) -> Proposal:
        self._first = self._first or state
        if state == self._first:
            return await self._beginnings(n, seed, tried)
        places = list(self._places.get(state, ()))
        written = [self._sketches[place.sketch][place.piece] for place in places if not place.at_gap]
        following = [TacticCandidate(text, SKETCH, "sketch") for text in dict.fromkeys(written) if text]
        if tried < len(following):
            rest = any(place.at_gap for place in places)
            return Proposal(tuple(following[tried : tried + n]), more=LATER if rest else None)
        if not any(place.at_gap for place in places):
            return Proposal(())
        (proposal,) = await self._closers.propose([state], n=n, seed=seed, tried=tried - len(following))
        return proposal

    async def _beginnings(self, n: int, seed: int, tried: int) -> Proposal:
        """Return the first pieces of sketches, in rounds; then what the closers make of the whole theorem."""
        proposal = await self._rounds.propose(lambda number: self._round(seed_of_round(seed, number)), n=n, tried=tried)
        if proposal.candidates:
            return replace(proposal, more=2 * LATER if proposal.more is None else LATER)
        tried -= len(self._rounds.given)
        (proposal,) = await self._closers.propose([self._at_first()], n=n, seed=seed, tried=tried)
        return proposal

    async def _round(self, seed: int) -> list[TacticCandidate]:
        """Draw sketches and return how they begin."""
        query = replace(self._query, informal=await self._words(seed))
        beginnings: dict[str, None] = {}
        for sketch in await self._sample(query, seed):
            parts = [normalise_tactic(piece) for piece in pieces(sketch)]
            # A sketch that begins with a gap says nothing that the closers do not try.
            if parts[0] and parts not in self._sketches:
                self._begins.setdefault(parts[0], []).append(len(self._sketches))
                self._sketches.append(parts)
                beginnings[parts[0]] = None
        return [TacticCandidate(text, SKETCH, "sketch") for text in beginnings]

    async def _words(self, seed: int) -> str:
        """Return problem and solution; the solution is drafted by the model where there is none."""
        if SOLUTION in self._informal:
            return self._informal
        prompt = draft_prompt(self._informal, self._query.statement)
        sampling = Sampling(n=1, temperature=0.7, max_tokens=512, stop=self._format.stop, seed=seed)
        completions = await complete_first_that_fits(self._model, [prompt], sampling)
        if not completions:
            return self._informal
        draft = read_draft(completions[0].text)
        return f"{self._informal}\n\n{SOLUTION}\n\n{draft}".strip() if draft else self._informal

    async def _sample(self, query: Query, seed: int) -> list[str]:
        options = self._options
        if options.temperature is None and options.samples > 1:  # the format's own is greedy, which is one sketch
            options = replace(options, temperature=SAMPLING)
        completions = await sample(self._model, self._format, query, options, seed=seed, heard=self._heard)
        read = [self._heard.read(one, self._read(one.text, query), whole_proof=True) for one in completions]
        return [sketch for sketch in dict.fromkeys(read) if sketch]

    def _read(self, answer: str, query: Query) -> str | None:
        """Return the sketch in an answer, unless a proof may not contain what is in it."""
        sketch = self._format.parse(answer, query)
        return None if sketch is None or proof_problem(sketch, gaps=True) else sketch

    def _behind(self, sketch: int, piece: int) -> list[_Place]:
        """Where a sketch is once a piece of it is written: at the gap behind it, if there is one."""
        return [_Place(sketch, piece + 1, at_gap=True)] if piece + 1 < len(self._sketches[sketch]) else []

    def _at_first(self) -> ProofState:
        assert self._first is not None  # the search begins there
        return self._first
