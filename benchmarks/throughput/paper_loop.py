"""The search loop of the Llemma paper's script: the baseline.

One theorem at a time, with a new Lean for each; one state per model call; candidates tried one after the other, each
with all of the theorem's remaining time; equal texts dropped before white space is stripped; a state is skipped only if
it was expanded before; priority is the sum of mean log-probabilities; the search ends after 100 expansions or the
theorem's time. (llemma_formal2formal, proofsearch.py; samples replace beams, as in ours, since vLLM's engine no longer
has beams.)
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass

from prover.core.proof_state import Advanced, Closed, ProofState
from prover.core.theorem import Theorem
from prover.environments.environment import ProofEnvironment
from prover.models.model import LanguageModel, Sampling
from prover.policies.llm.prompts.prompt import PromptFormat, Query


@dataclass(frozen=True, slots=True)
class Attempt:
    """The result of one theorem."""

    proved: bool
    expansions: int
    tactics: int
    elapsed_s: float


async def paper_search(
    theorem: Theorem,
    environment: ProofEnvironment,
    model: LanguageModel,
    prompt_format: PromptFormat,
    *,
    samples: int,
    temperature: float,
    expansions: int,
    timeout_s: float,
    seed: int,
) -> Attempt:
    """Search as the paper's script does."""
    started = time.monotonic()
    tried = expanded = 0
    sampling = Sampling(
        n=samples, temperature=temperature, max_tokens=prompt_format.max_tokens, stop=prompt_format.stop, seed=seed
    )

    def attempt(proved: bool) -> Attempt:
        return Attempt(proved, expanded, tried, time.monotonic() - started)

    async with environment.open(theorem) as session:
        queue: list[tuple[float, list[str], ProofState]] = [(0.0, [], session.initial)]
        visited: set[str] = set()
        while queue and expanded < expansions:
            score, steps, state = heapq.heappop(queue)
            visited.add(state.text)
            query = Query(state=state.text)
            (completions,) = await model.complete([prompt_format.render(query)], sampling)
            expanded += 1
            best: dict[str, float] = {}
            for completion in completions:
                best[completion.text] = max(best.get(completion.text, -1e9), completion.mean_logprob or -1e9)
            for text, logprob in sorted(best.items(), key=lambda item: -item[1]):
                left_s = timeout_s - (time.monotonic() - started)
                if left_s <= 0:
                    return attempt(proved=False)
                tactic = text.strip()
                if not tactic:
                    continue
                (outcome,) = await session.apply(state, [tactic], timeout_s=left_s)
                tried += 1
                if isinstance(outcome, Closed):
                    return attempt(proved=True)
                if isinstance(outcome, Advanced) and outcome.state.text not in visited:
                    heapq.heappush(queue, (score - logprob, [*steps, tactic], outcome.state))
    return attempt(proved=False)
