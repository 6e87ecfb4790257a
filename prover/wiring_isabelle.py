"""Isabelle's concrete classes, as `prover.wiring` names Lean's."""

from __future__ import annotations

import shutil
from dataclasses import replace

from prover.environments.isabelle.build import BatchBuild
from prover.environments.isabelle.client import ServerPaths
from prover.environments.isabelle.environment import Checker, IsabelleEnvironment
from prover.environments.isabelle.official_server import OfficialServer
from prover.environments.isabelle.pool import ServerPool
from prover.errors import InvalidPolicyError
from prover.language_model.model import LanguageModel
from prover.policy.generator import TacticGenerator
from prover.policy.isabelle_closers import IsabelleClosersPolicy
from prover.policy.llm import LlmOptions, LlmPolicy
from prover.policy.mixture import MixturePolicy, Turn
from prover.policy.prompts.catalog import FORMATS, format_for
from prover.policy.sketch import SketchPolicy
from prover.settings import IsabelleSettings, Settings

STEPS = "llemma-isabelle"
"""The prompt format for single steps; models are not told apart by name here."""
KINDS = ("closers", "model", "mixture", "sketch")


def isabelle_environment(settings: IsabelleSettings, *, patient: bool = False) -> IsabelleEnvironment:
    """Return Isabelle behind the configured PISA servers. Nothing is started or connected yet.

    `patient`: a server that is not there yet is waited for.

    Raises:
        InvalidPolicyError: an address is none.
    """
    imports = tuple(name.strip() for name in settings.imports.split(",") if name.strip())
    addresses = [address.strip() for address in settings.addresses.split(",") if address.strip()]
    if not addresses or not imports:
        raise InvalidPolicyError("PROVER_ISABELLE__ADDRESSES and PROVER_ISABELLE__IMPORTS may not be empty")
    pool = ServerPool(
        addresses,
        places=settings.places,
        paths=ServerPaths(settings.home, settings.working_directory, settings.theory),
        boot_timeout_s=settings.boot_timeout_s,
        patient=patient,
    )
    return IsabelleEnvironment(
        pool, version=settings.version, imports=imports, provers=settings.provers, checker=_checker(settings, imports)
    )


def isabelle_policy(
    name: str | None, settings: Settings, model: LanguageModel | None, *, informal: str = ""
) -> TacticGenerator:
    """Return the policy of that name; without one, a mixture if there is a model, else the closers.

    Raises:
        InvalidPolicyError: there is no such policy, or it needs a model.
    """
    kind = name or ("mixture" if model else "closers")
    if kind not in KINDS:
        raise InvalidPolicyError(
            f"there is no policy {name!r} for Isabelle; there are: {', '.join(KINDS)}, scripted:TACTIC;;TACTIC..."
        )
    closers = IsabelleClosersPolicy(hammer=settings.isabelle.provers)
    if kind == "closers":
        return closers
    if model is None:
        raise InvalidPolicyError(f"the policy {kind} needs a language model: --model URL")
    options = LlmOptions(
        samples=settings.model.samples,
        batches=2,
        temperature=settings.model.temperature,
        max_tokens=settings.model.max_tokens,
        beam=settings.model.beam,
    )
    try:
        prompt_format = FORMATS[STEPS] if settings.model.prompt == "auto" else format_for("", settings.model.prompt)
    except ValueError as error:
        raise InvalidPolicyError(str(error)) from error
    if kind == "sketch" or prompt_format.whole_proof:
        whole = prompt_format if prompt_format.whole_proof else None
        return SketchPolicy(
            model, closers, replace(options, samples=min(options.samples, 8)), informal=informal, prompt_format=whole
        )
    asking = LlmPolicy(model, prompt_format, options)
    if kind == "model":
        return asking
    return MixturePolicy([Turn(closers, 16, -1.5), Turn(asking, options.samples, -0.5), Turn(closers, 10_000, -1.5)])


def _checker(settings: IsabelleSettings, imports: tuple[str, ...]) -> Checker | None:
    """Return what verifies: a batch build where Isabelle is installed, an official server, or None for PISA."""
    if settings.verifier in ("auto", "build") and (tool := shutil.which(settings.tool)):
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
            )
        except ValueError as error:
            raise InvalidPolicyError(str(error)) from error
    return None
