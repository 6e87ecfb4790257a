"""Policies by their names, with the model and the premises that they are given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from prover.assembly.asking import asking
from prover.assembly.environments import NATIVE, lean_library
from prover.assembly.models import language_model, learned_folder
from prover.errors import InvalidPolicyError, LanguageModelError
from prover.models.cached import CachedModel
from prover.models.model import LanguageModel
from prover.policies.automation.closers import ClosersPolicy
from prover.policies.generator import TacticGenerator
from prover.policies.learned import SHIPPED
from prover.policies.learned.premise_order import in_learned_order
from prover.policies.learned.ranked_closers import RankedClosers
from prover.policies.learned.tactic_order import file_of
from prover.policies.llm.agent import ATTEMPTS, MAX_TOKENS, AgentPolicy
from prover.policies.llm.steps import LlmPolicy
from prover.policies.llm.whole_proof import WholeProofPolicy
from prover.policies.mixture import LEFT_OUT, MixturePolicy, Turn
from prover.policies.premises.retrieval import PremiseSource
from prover.policies.registry import choose
from prover.policies.scripted import ScriptedPolicy, scripted_policy
from prover.settings import ModelSettings, Settings
from prover.storage.cache import Cache

TURNS = "closers:16,model:32,closers:48,model:32,closers:10000"
"""How a mixture takes turns unless the settings say so."""
EXPECTED = {"closers": -1.5, "model": -0.5}
"""What a turn's best candidate is guessed to have as log-probability (nats), before the turn is taken."""
ALL = 10_000


def closers() -> RankedClosers:
    """Return the closers with the embedded Lean's library, in the order that ships: what proves without a model."""
    return RankedClosers.read(SHIPPED, PremiseSource(lean_library(Settings())))


@asynccontextmanager
async def open_policy(
    name: str | None,
    settings: Settings,
    *,
    without_model: bool = False,
    cache: Cache | None = None,
    environment: str = "lean",
    library: PremiseSource | None = None,
    observe: Callable[[LanguageModel], None] = lambda model: None,
    left_out: Callable[[LanguageModelError], None] = lambda error: None,
) -> AsyncIterator[TacticGenerator]:
    """Give the policy that the settings and `name` ask for; see `policy`. The model's connections end with it.

    `cache`: where the model's answers are kept. `library`: the premises that are offered; otherwise those of the
    embedded Lean's library, of the Lean project, or none for LeanDojo. `observe` is told of the model, if there is one;
    `left_out` of why it is done without, see `without_model`.
    """
    model = language_model(settings.model)
    if model:
        observe(model)
    if model and cache:
        model = CachedModel(model, cache)
    try:
        if environment == "isabelle":
            from prover.assembly.isabelle import isabelle_policy

            yield await isabelle_policy(
                name,
                settings.model,
                model,
                hammer=settings.isabelle.provers,
                without_model=without_model,
                left_out=left_out,
            )
        elif environment in NATIVE:
            from prover.assembly.native_lean import NO_PREMISES, project_premises, with_mathlib

            # What was learned was learned of the embedded Lean, and measured there.
            if library is None and environment == "lean-project":
                library = project_premises(settings.lean, settings.cache_dir)
            plain = name or ("mixture" if model else "closers")
            found = await policy(
                plain,
                settings.model,
                model,
                library=library or NO_PREMISES,
                without_model=without_model,
                left_out=left_out,
                learned=False,
            )
            yield with_mathlib(found, library or NO_PREMISES) if name in {None, "closers", "mixture"} else found
        else:
            library = library or PremiseSource(lean_library(settings))
            yield await policy(
                name, settings.model, model, library=library, without_model=without_model, left_out=left_out
            )
    finally:
        if model:
            await model.close()


async def policy(
    name: str | None,
    settings: ModelSettings,
    model: LanguageModel | None = None,
    *,
    library: PremiseSource,
    without_model: bool = False,
    left_out: Callable[[LanguageModelError], None] = lambda error: None,
    learned: bool = True,
) -> TacticGenerator:
    """Return the policy of that name; without one, a mixture if there is a model, else the closers, ranked or not.

    `settings`: how the model is asked. `library`: the premises that are offered. `without_model`: if the model cannot
    be used, a mixture does without it and notes that; `left_out` is told why. `learned`: the closers of a mixture come
    in the order that was learned.

    Raises:
        InvalidPolicyError: there is no such policy, or it needs a model.
        LanguageModelError: the model cannot be used.
    """
    asked = name or ("mixture" if model else "ranked" if learned_folder(settings) else "closers")
    chosen = choose(asked, "lean", model=model is not None)
    parts = _Parts(
        settings=settings,
        library=library,
        argument=chosen.argument,
        maybe_model=model,
        without_model=without_model,
        left_out=left_out,
        learned=learned,
    )
    return await BUILDERS[chosen.entry.name](parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What policies are built from; see `policy`."""

    settings: ModelSettings
    library: PremiseSource
    argument: str
    maybe_model: LanguageModel | None
    without_model: bool
    left_out: Callable[[LanguageModelError], None]
    learned: bool

    @property
    def model(self) -> LanguageModel:
        """The model, for policies that the registry says need one."""
        assert self.maybe_model is not None
        return self.maybe_model

    @property
    def learned_folder(self) -> Path | None:
        return learned_folder(self.settings)

    @property
    def library_in_order(self) -> PremiseSource:
        """The premises that are cited beside a model."""
        folder = self.learned_folder
        return in_learned_order(self.library, folder) if folder else self.library


async def _closers_policy(parts: _Parts) -> ClosersPolicy:
    return ClosersPolicy(parts.library)


async def _ranked_policy(parts: _Parts) -> RankedClosers:
    return RankedClosers.read(parts.learned_folder or SHIPPED, parts.library)


async def _model_policy(parts: _Parts) -> LlmPolicy | WholeProofPolicy:
    return await _asking(parts.model, parts.settings, parts.library_in_order)


async def _mixture_policy(parts: _Parts) -> MixturePolicy:
    library, order = parts.library_in_order, parts.learned_folder or SHIPPED
    cheap = (
        RankedClosers.read(order, library)
        if parts.learned and (order / file_of(None)).exists()
        else ClosersPolicy(library)
    )
    try:
        asking = await _asking(parts.model, parts.settings, library)
    except LanguageModelError as error:
        if not parts.without_model:
            raise
        parts.left_out(error)
        return MixturePolicy([Turn(cheap, ALL)], notes=[LEFT_OUT.format(error=error)])
    return _mixture(parts.settings.turns or TURNS, cheap, asking)


async def _agent_policy(parts: _Parts) -> AgentPolicy:
    settings = parts.settings
    if settings.prompt_file:
        raise InvalidPolicyError("the agent has words of its own: --prompt-file is for --policy model and mixture")
    await parts.model.identify()
    return AgentPolicy(
        parts.model,
        attempts=settings.rounds or ATTEMPTS,
        temperature=settings.temperature or 0.0,
        max_tokens=settings.max_tokens or MAX_TOKENS,
        library=parts.library,
    )


async def _scripted_policy(parts: _Parts) -> ScriptedPolicy:
    return scripted_policy(parts.argument)


BUILDERS: Mapping[str, Callable[[_Parts], Awaitable[TacticGenerator]]] = {
    "closers": _closers_policy,
    "ranked": _ranked_policy,
    "model": _model_policy,
    "mixture": _mixture_policy,
    "agent": _agent_policy,
    "scripted": _scripted_policy,
}
"""How each policy of the registry for Lean is built."""


async def _asking(
    model: LanguageModel, settings: ModelSettings, library: PremiseSource
) -> LlmPolicy | WholeProofPolicy:
    await model.identify()
    prompt_format, options = asking(model, settings)
    if prompt_format.whole_proof:
        return WholeProofPolicy(model, prompt_format, options)
    return LlmPolicy(model, prompt_format, options, library=library)


def _mixture(turns: str, cheap: TacticGenerator, asking: TacticGenerator) -> MixturePolicy:
    """Read `closers:16,model:32`. Raises InvalidPolicyError."""
    policies = {"closers": cheap, "model": asking}
    found = []
    for part in turns.split(","):
        name, _, count = part.strip().partition(":")
        if name not in policies or not count.isdigit() or int(count) < 1:
            raise InvalidPolicyError(f"{part!r} is no turn of a mixture; for example: closers:16,model:32")
        found.append(Turn(policies[name], int(count), expected=EXPECTED[name]))
    return MixturePolicy(found)
