"""Isabelle: its environment, and its policies by their names."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from prover.assembly.asking import asking
from prover.environments.isabelle.build import BatchBuild
from prover.environments.isabelle.client import ServerPaths
from prover.environments.isabelle.environment import Checker, IsabelleEnvironment
from prover.environments.isabelle.official_server import OfficialServer
from prover.environments.isabelle.pool import ServerPool
from prover.environments.isabelle.versions import Version, version_of
from prover.errors import InvalidPolicyError, InvalidSettingError, LanguageModelError
from prover.models.model import LanguageModel
from prover.policies.automation.isabelle_closers import IsabelleClosersPolicy
from prover.policies.generator import TacticGenerator
from prover.policies.llm.families import ISABELLE
from prover.policies.llm.prompts.prompt import PromptFormat
from prover.policies.llm.sampling import LlmOptions
from prover.policies.llm.sketch import SketchPolicy
from prover.policies.llm.steps import LlmPolicy
from prover.policies.mixture import LEFT_OUT, MixturePolicy, Turn
from prover.policies.registry import choose
from prover.policies.scripted import ScriptedPolicy, scripted_policy
from prover.settings import IsabelleSettings, ModelSettings

_ADDRESS = re.compile(r"(\[[\da-fA-F:.]+\]|[^\s/:]+):\d{1,5}")
MOST_SKETCHES = 8
"""Sketches that are drawn at once, unless the settings ask for fewer."""


def isabelle_environment(settings: IsabelleSettings, *, patient: bool = False) -> IsabelleEnvironment:
    """Return Isabelle behind the configured servers. Nothing is started or connected yet.

    `patient`: a server that is not there yet is waited for.

    Raises:
        InvalidPolicyError: there are no addresses, or no imports.
        InvalidSettingError: an address is none.
    """
    return isabelle_environments(settings, patient=patient)()


def isabelle_environments(settings: IsabelleSettings, *, patient: bool = False) -> Callable[[], IsabelleEnvironment]:
    """Return what opens Isabelle for each of several workers, which share the places at the servers.

    Raises:
        InvalidPolicyError: there are no addresses, or no imports.
        InvalidSettingError: an address is none.
        EnvironmentUnavailableError: the program `isabelle` is of another version than the setting says.
    """
    imports = tuple(name.strip() for name in settings.imports.split(",") if name.strip())
    addresses = [address.strip() for address in settings.addresses.split(",") if address.strip()]
    if not addresses or not imports:
        raise InvalidPolicyError("PROVER_ISABELLE__ADDRESSES and PROVER_ISABELLE__IMPORTS may not be empty")
    if wrong := [address for address in addresses if not _ADDRESS.fullmatch(address)]:
        raise InvalidSettingError(
            f"PROVER_ISABELLE__ADDRESSES: {wrong[0]!r} is no address; it is host:port, for example localhost:8000"
        )
    version = Version(settings.version)
    checker = _checker(settings, imports, version)
    pool = ServerPool(
        addresses,
        places=settings.places,
        paths=ServerPaths(settings.home, settings.working_directory, settings.theory),
        boot_timeout_s=settings.boot_timeout_s,
        patient=patient,
        version=version,
    )
    return lambda: IsabelleEnvironment(
        pool, version=version, imports=imports, provers=settings.provers, checker=checker
    )


async def isabelle_policy(
    name: str | None,
    settings: ModelSettings,
    model: LanguageModel | None,
    *,
    hammer: bool,
    without_model: bool = False,
    left_out: Callable[[LanguageModelError], None] = lambda error: None,
) -> TacticGenerator:
    """Return the policy of that name; without one, a mixture if there is a model, else the closers.

    `settings`: how the model is asked. `hammer`: the closers may use Sledgehammer. `without_model`: if the model cannot
    be used, a mixture does without it and notes that; `left_out` is told why.

    Raises:
        InvalidPolicyError: there is no such policy, or it needs a model.
        LanguageModelError: it needs one that cannot be used.
    """
    chosen = choose(name or ("mixture" if model else "closers"), "isabelle", model=model is not None)
    if model and chosen.entry.needs_model:
        try:
            await model.identify()
        except LanguageModelError as error:
            if not (without_model and chosen.entry.name == "mixture"):
                raise
            left_out(error)
            closers = IsabelleClosersPolicy(hammer=hammer)
            return MixturePolicy([Turn(closers, 10_000)], notes=[LEFT_OUT.format(error=error)])
    parts = _Parts(settings=settings, argument=chosen.argument, maybe_model=model, hammer=hammer)
    return BUILDERS[chosen.entry.name](parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What policies are built from; see `isabelle_policy`."""

    settings: ModelSettings
    argument: str
    maybe_model: LanguageModel | None
    hammer: bool

    @property
    def model(self) -> LanguageModel:
        """The model, for policies that the registry says need one."""
        assert self.maybe_model is not None
        return self.maybe_model

    @property
    def asking(self) -> tuple[PromptFormat, LlmOptions]:
        """How the model is asked."""
        return asking(self.model, self.settings, default=ISABELLE)


def _closers_policy(parts: _Parts) -> IsabelleClosersPolicy:
    return IsabelleClosersPolicy(hammer=parts.hammer)


def _model_policy(parts: _Parts) -> LlmPolicy | SketchPolicy:
    prompt_format, options = parts.asking
    if prompt_format.whole_proof:
        return _sketch_policy(parts)
    return LlmPolicy(parts.model, prompt_format, options)


def _mixture_policy(parts: _Parts) -> MixturePolicy | SketchPolicy:
    prompt_format, options = parts.asking
    if prompt_format.whole_proof:
        return _sketch_policy(parts)
    closers, model = _closers_policy(parts), _model_policy(parts)
    return MixturePolicy([Turn(closers, 16, -1.5), Turn(model, options.samples, -0.5), Turn(closers, 10_000, -1.5)])


def _sketch_policy(parts: _Parts) -> SketchPolicy:
    prompt_format, options = parts.asking
    return SketchPolicy(
        parts.model,
        _closers_policy(parts),
        replace(options, samples=min(parts.settings.samples or MOST_SKETCHES, MOST_SKETCHES)),
        prompt_format=prompt_format if prompt_format.whole_proof else None,
    )


def _scripted_policy(parts: _Parts) -> ScriptedPolicy:
    return scripted_policy(parts.argument)


BUILDERS: Mapping[str, Callable[[_Parts], TacticGenerator]] = {
    "closers": _closers_policy,
    "model": _model_policy,
    "mixture": _mixture_policy,
    "sketch": _sketch_policy,
    "scripted": _scripted_policy,
}
"""How each policy of the registry for Isabelle is built."""


def _checker(settings: IsabelleSettings, imports: tuple[str, ...], version: Version) -> Checker | None:
    """Return what verifies: a batch build where Isabelle is installed, an official server, or None for PISA.

    `version`: is told which Isabelle builds.
    """
    if settings.verifier in ("auto", "build") and (tool := shutil.which(settings.tool)):
        if found := version_of(tool):
            version.agree(found, f"the program {tool}")
        return BatchBuild(tool, session=settings.session, imports=imports)
    if settings.verifier == "build":
        raise InvalidPolicyError(f"there is no program {settings.tool} (PROVER_ISABELLE__TOOL)")
    if settings.verifier == "server" or (settings.verifier == "auto" and settings.server):
        password = settings.server_password.get_secret_value() if settings.server_password else ""
        try:
            return OfficialServer(
                settings.server or "",
                password,
                session=settings.session,
                imports=imports,
                folder=settings.server_folder,
                version=version,
            )
        except ValueError as error:
            raise InvalidPolicyError(str(error)) from error
    return None
