"""The only place that names concrete classes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from prover.cache.cache import Cache
from prover.environments.environment import ProofEnvironment
from prover.environments.lean_wasm.checkers import Checkers
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.lean_wasm.install import Installation
from prover.environments.lean_wasm.library import LeanLibrary
from prover.errors import InvalidPolicyError, LanguageModelError
from prover.formalising import Formaliser
from prover.language_model.cached import CachedModel
from prover.language_model.encoder import EmbeddingsEncoder, Encoder, LexicalEncoder
from prover.language_model.model import LanguageModel
from prover.learned_orders import ORDER, PREMISE_WEIGHTS, TacticOrder
from prover.policy.agent import AgentPolicy
from prover.policy.closers import ClosersPolicy
from prover.policy.generator import TacticGenerator
from prover.policy.llm import LlmPolicy
from prover.policy.mixture import MixturePolicy, Turn
from prover.policy.premise_order import LearnedOrder
from prover.policy.premises import PremiseSource
from prover.policy.prompts.catalog import format_for
from prover.policy.prompts.llemma import llemma_format
from prover.policy.prompts.reprover import ReproverByt5Format
from prover.policy.ranked_closers import RankedClosers
from prover.policy.registry import choose
from prover.policy.sampling import LlmOptions
from prover.policy.scripted import ScriptedPolicy, scripted_policy
from prover.policy.whole_proof import WholeProofPolicy
from prover.settings import EncoderSettings, ModelSettings, Settings
from prover.small_model import FOLDER, NAME
from prover.theorem import Theorem

NO_MODEL, SMALL = "none", "small"
TURNS = "closers:16,model:32,closers:48,model:32,closers:10000"
SMALL_TURNS = "closers:32,model:32,closers:10000"
"""How a mixture takes turns unless the settings say so. The small model is no match for what the closers try first."""
EXPECTED = {"closers": -1.5, "model": -0.5}
"""What a turn's best candidate is guessed to have as log-probability (nats), before the turn is taken."""
ALL = 10_000
ENVIRONMENTS = ("lean", "lean-project", "leandojo", "isabelle")
NATIVE = {"lean-project", "leandojo"}
"""A native Lean: its states are known as text alone."""


def open_environment(name: str, settings: Settings, *, nice: int = 0, patient: bool = False) -> ProofEnvironment:
    """Return the proof assistant of that name, one of ENVIRONMENTS.

    `nice`: how far a Lean stands back for others. `patient`: a server that is not there yet may still be starting.
    """
    if name == "isabelle":
        from prover.wiring_isabelle import isabelle_environment

        return isabelle_environment(settings.isabelle, patient=patient)
    if name == "lean-project":
        from prover.wiring_lean import lean_project_environment

        return lean_project_environment(settings, nice=nice)
    if name == "leandojo":
        from prover.wiring_lean import lean_dojo_environment

        return lean_dojo_environment(settings.leandojo)
    return lean_environment(settings, nice=nice)


def check_environment(name: str, settings: Settings) -> None:
    """Raise EnvironmentUnavailableError if that proof assistant is known not to be there; nothing is started."""
    if name == "lean":
        Installation.in_cache(settings.cache_dir).require()
    elif name == "lean-project":
        from prover.wiring_lean import check_project

        check_project(settings)


def theorem_reader(name: str, settings: Settings) -> Callable[[str], Theorem]:
    """Return what reads statements in the language of that assistant."""
    if name == "isabelle":
        from prover.isabelle_syntax.statement import isabelle_theorem

        imports = tuple(part.strip() for part in settings.isabelle.imports.split(","))
        return lambda text: isabelle_theorem(text, imports)
    return Theorem.from_text


def lean_environment(
    settings: Settings,
    *,
    slots: asyncio.Semaphore | None = None,
    checkers: Checkers | None = None,
    nice: int = 0,
    idle: int = 2,
) -> LeanWasmEnvironment:
    """Return the embedded Lean, as installed below the cache directory.

    `slots`: so many sessions of environments that share it try tactics at once; `checkers`: processes that verify, if
    they are shared; `nice`: how far Lean stands back; `idle`: so many processes that search are kept for the next.
    """
    return LeanWasmEnvironment(
        Installation.in_cache(settings.cache_dir),
        heartbeats=settings.lean_heartbeats,
        max_idle_processes=idle,
        checkers=checkers,
        slots=slots,
        nice=nice,
    )


def parallel_lean_environment(settings: Settings) -> LeanWasmEnvironment:
    """Return the embedded Lean for many searches at once: as many of them let it work as there are cores."""
    cores = os.cpu_count() or 1
    return lean_environment(settings, slots=asyncio.Semaphore(cores), checkers=Checkers(at_once=cores), idle=cores)


def lean_environments(settings: Settings) -> Callable[[], LeanWasmEnvironment]:
    """Return what makes an environment for each of several workers on this machine.

    As many of them let Lean work at once as there are cores, and they share the processes that verify.
    """
    cores = os.cpu_count() or 1
    slots, checkers = asyncio.Semaphore(cores), Checkers(at_once=cores)
    return lambda: lean_environment(settings, slots=slots, checkers=checkers)


def closers(settings: Settings | None = None) -> RankedClosers:
    """Return the closers with the embedded Lean's library, in the order that ships: what proves without a model."""
    return _ranked(FOLDER, _premises(settings or Settings()))


@asynccontextmanager
async def open_policy(
    name: str | None,
    settings: Settings,
    *,
    without_model: bool = False,
    cache: Cache | None = None,
    environment: str = "lean",
    informal: str = "",
    library: PremiseSource | None = None,
    observe: Callable[[LanguageModel], None] = lambda model: None,
) -> AsyncIterator[TacticGenerator]:
    """Give the policy that the settings and `name` ask for; see `policy`. The model's connections end with it.

    `cache`: where the model's answers are kept. `informal`: the problem in words, for policies that sketch. `observe`
    is told of the model, if there is one.
    """
    model = language_model(settings.model)
    if model is None and environment == "lean" and name in {None, "mixture", "model"}:
        model = small_writer(settings.model)
    if model:
        observe(model)
    if model and cache:
        model = CachedModel(model, cache)
    try:
        if environment == "isabelle":
            from prover.wiring_isabelle import isabelle_policy

            yield await isabelle_policy(name, settings, model, informal=informal)
        elif environment in NATIVE:
            from prover.wiring_lean import NO_PREMISES, with_mathlib

            # What was learned was learned of the embedded Lean, and measured there.
            plain = name or ("mixture" if model else "closers")
            library = library or NO_PREMISES
            found = await policy(plain, settings, model, without_model=without_model, library=library, learned=False)
            yield with_mathlib(found) if name in {None, "closers", "mixture"} else found
        else:
            yield await policy(name, settings, model, without_model=without_model, library=library)
    finally:
        if model:
            await model.close()


def language_model(settings: ModelSettings) -> LanguageModel | None:
    """Return the model that is configured, if one is. Nothing is sent or loaded yet.

    Raises:
        InvalidPolicyError: its address is none.
    """
    if settings.url is None or settings.url == NO_MODEL or small_folder(settings):
        return None  # the small model is there for steps alone, see `small_writer`
    kind, _, name = settings.url.partition(":")
    if kind == "transformers" and name:
        from prover.language_model.encoder_decoder import EncoderDecoderModel

        return EncoderDecoderModel(name)
    from prover.language_model.openai_completions import OpenAICompletions

    try:
        return OpenAICompletions(
            settings.url.split(","),
            model=settings.name,
            api_key=settings.api_key.get_secret_value() if settings.api_key else None,
            timeout_s=settings.timeout_s,
            concurrency=settings.concurrency,
            forbidden=settings.forbidden,
        )
    except ValueError as error:
        raise InvalidPolicyError(str(error)) from error


def small_folder(settings: ModelSettings) -> Path | None:
    """Return the folder of what was learned, if the settings ask for it; without a model in them, of what ships."""
    if settings.url is None:
        return FOLDER
    kind, _, name = settings.url.partition(":")
    return (Path(name) if name else FOLDER) if kind == SMALL else None


def small_writer(settings: ModelSettings) -> LanguageModel | None:
    """Return the small model, if the settings ask for it; none if the folder has but an order of the closers.

    Raises:
        InvalidPolicyError: there is neither in that folder.
        LanguageModelError: it cannot be read.
    """
    folder = small_folder(settings)
    if folder is None or ((folder / ORDER).exists() and not (folder / "config.json").exists()):
        return None
    if not (folder / "config.json").exists():
        raise InvalidPolicyError(f"there is no small model in {folder}; `make small-model` trains one")
    from prover.language_model.embedded import EmbeddedModel

    return EmbeddedModel(folder)


def formaliser(settings: Settings, environment: ProofEnvironment, model: LanguageModel | None) -> Formaliser:
    """Return what turns words into statements with the assistant of the settings, and that model if there is one."""
    return Formaliser(
        environment,
        model,
        language="isabelle" if settings.environment == "isabelle" else "lean",
        read=theorem_reader(settings.environment, settings),
        temperature=settings.model.temperature,
    )


def encoder(settings: EncoderSettings) -> Encoder:
    """Return what turns texts into vectors. Nothing is sent yet; `close` ends its connections."""
    if settings.url is None:
        return LexicalEncoder()
    key = settings.api_key.get_secret_value() if settings.api_key else None
    return EmbeddingsEncoder(settings.url, settings.name, api_key=key)


async def policy(
    name: str | None,
    settings: Settings,
    model: LanguageModel | None = None,
    *,
    without_model: bool = False,
    library: PremiseSource | None = None,
    learned: bool = True,
) -> TacticGenerator:
    """Return the policy of that name; without one, a mixture if there is a model, else the closers, ranked or not.

    `without_model`: if the model cannot be used, a mixture does without it and notes that. `library`: the premises
    that are offered; otherwise those of the embedded Lean's library. `learned`: the closers of a mixture come in the
    order that was learned.

    Raises:
        InvalidPolicyError: there is no such policy, or it needs a model.
        LanguageModelError: the model cannot be used.
    """
    asked = name or ("mixture" if model else "ranked" if small_folder(settings.model) else "closers")
    chosen = choose(asked, "lean", model=model is not None)
    parts = _Parts(
        settings=settings,
        library=library or _premises(settings),
        argument=chosen.argument,
        maybe_model=model,
        without_model=without_model,
        learned=learned,
    )
    return await BUILDERS[chosen.entry.name](parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What policies are built from; see `policy`."""

    settings: Settings
    library: PremiseSource
    argument: str
    maybe_model: LanguageModel | None
    without_model: bool
    learned: bool

    @property
    def model(self) -> LanguageModel:
        """The model, for policies that the registry says need one."""
        assert self.maybe_model is not None
        return self.maybe_model

    @property
    def small(self) -> Path | None:
        return small_folder(self.settings.model)

    @property
    def library_in_order(self) -> PremiseSource:
        """The premises that are cited beside a model."""
        return _in_order(self.small, self.library) if self.small else self.library


async def _closers_policy(parts: _Parts) -> ClosersPolicy:
    return ClosersPolicy(parts.library)


async def _ranked_policy(parts: _Parts) -> RankedClosers:
    return _ranked(parts.small or FOLDER, parts.library)


async def _model_policy(parts: _Parts) -> LlmPolicy | WholeProofPolicy:
    return await _asking(parts.model, parts.settings.model, parts.library_in_order)


async def _mixture_policy(parts: _Parts) -> MixturePolicy:
    library, order = parts.library_in_order, parts.small or FOLDER
    cheap = _ranked(order, library) if parts.learned and (order / ORDER).exists() else ClosersPolicy(library)
    try:
        writes_small = (await parts.model.identify()).startswith(NAME)
        asking = await _asking(parts.model, parts.settings.model, library)
    except LanguageModelError as error:
        if not parts.without_model:
            raise
        return MixturePolicy([Turn(cheap, ALL)], notes=[f"the model is left out: {error}"])
    return _mixture(parts.settings.model.turns or (SMALL_TURNS if writes_small else TURNS), cheap, asking)


async def _agent_policy(parts: _Parts) -> AgentPolicy:
    await parts.model.identify()
    return AgentPolicy(parts.model, temperature=parts.settings.model.temperature or 0.0, library=parts.library)


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


def _ranked(folder: Path, library: PremiseSource) -> RankedClosers:
    """Return the closers in the order that a folder has, citing premises in the order that it has."""
    return RankedClosers(TacticOrder.read(folder), _in_order(folder, library))


def _in_order(folder: Path, library: PremiseSource) -> PremiseSource:
    return library.in_order(LearnedOrder.read(folder)) if (folder / PREMISE_WEIGHTS).exists() else library


def lean_library(settings: Settings) -> LeanLibrary:
    """Return the embedded Lean's library, listed when it is first asked for."""
    return LeanLibrary(Installation.in_cache(settings.cache_dir))


def _premises(settings: Settings) -> PremiseSource:
    return PremiseSource(lean_library(settings))


async def _asking(
    model: LanguageModel, settings: ModelSettings, library: PremiseSource
) -> LlmPolicy | WholeProofPolicy:
    name = await model.identify()
    try:
        prompt_format = (
            llemma_format(prompt_file=settings.prompt_file)
            if settings.prompt_file
            else format_for(name, settings.prompt)
        )
    except ValueError as error:
        raise InvalidPolicyError(str(error)) from error
    options = LlmOptions(
        samples=settings.samples,
        batches=2,
        temperature=settings.temperature,
        max_tokens=settings.max_tokens,
        beam=settings.beam or isinstance(prompt_format, ReproverByt5Format),
    )
    if prompt_format.whole_proof:
        return WholeProofPolicy(model, prompt_format, replace(options, batches=3))
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
