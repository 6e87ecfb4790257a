"""The small Llama as a policy: alone, or in turns with the closers in their learned order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from prover.assembly.policies import EXPECTED
from prover.models.cached import CachedModel
from prover.policies.generator import TacticGenerator
from prover.policies.learned.premise_order import in_learned_order
from prover.policies.learned.ranked_closers import RankedClosers
from prover.policies.llm.sampling import LlmOptions
from prover.policies.llm.steps import LlmPolicy
from prover.policies.mixture import MixturePolicy, Turn
from prover.policies.premises.retrieval import PremiseSource
from prover.storage.cache import MemoryCache
from research.embedded import EmbeddedModel
from research.pointers import PointerFormat

TURNS = "closers:32,model:32,closers:10000"
"""The Llama comes late: it is no match for the candidates that the closers try first."""
OPTIONS = LlmOptions(samples=32, batches=2)


@asynccontextmanager
async def llama_policy(
    folder: Path, library: PremiseSource, *, turns: str | None = TURNS
) -> AsyncIterator[TacticGenerator]:
    """Give the Llama of a folder, in `turns` with the closers in the order that the folder has; None: alone.

    Raises:
        LanguageModelError: there is no Llama in the folder.
        InvalidPolicyError: there is no order of the closers in it.
    """
    model = EmbeddedModel(folder)
    try:
        library = in_learned_order(library, folder)
        writing = LlmPolicy(CachedModel(model, MemoryCache()), PointerFormat(), OPTIONS, library=library)
        yield writing if turns is None else _mixture(turns, RankedClosers.read(folder, library), writing)
    finally:
        await model.close()


def _mixture(turns: str, closers: TacticGenerator, writing: TacticGenerator) -> MixturePolicy:
    """Read turns such as `closers:16,model:32`."""
    policies = {"closers": closers, "model": writing}
    named = (turn.split(":") for turn in turns.split(","))
    return MixturePolicy([Turn(policies[name], int(most), expected=EXPECTED[name]) for name, most in named])
