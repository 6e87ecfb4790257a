"""Native Lean: a project of the user's, and repositories that LeanDojo has traced."""

from __future__ import annotations

import shutil
from pathlib import Path

from prover.core.library import Library
from prover.environments.lean_dojo.environment import LeanDojoEnvironment
from prover.environments.lean_repl.environment import LeanProjectEnvironment
from prover.environments.lean_repl.install import NO_LAKE
from prover.environments.lean_repl.library import ProjectLibrary
from prover.environments.lean_repl.memory import growth_within, memory_mb
from prover.environments.lean_repl.pool import PoolLimits, ReplPool
from prover.environments.lean_repl.project import LeanProject
from prover.environments.lean_repl.tools import LakeTools
from prover.errors import EnvironmentUnavailableError
from prover.policies.automation.mathlib_closers import MathlibClosersPolicy
from prover.policies.generator import TacticGenerator
from prover.policies.mixture import MixturePolicy, Turn
from prover.policies.premises.retrieval import PremiseSource
from prover.settings import LeanDojoSettings, LeanSettings

NO_PROJECT = "no Lean project is given: --project DIR or PROVER_LEAN__PROJECT (`prover setup --lean-project DIR` first)"


def project_of(settings: LeanSettings) -> LeanProject:
    """Return the configured project. Raises EnvironmentUnavailableError if there is none, or it cannot be used."""
    if settings.project is None:
        raise EnvironmentUnavailableError(NO_PROJECT)
    project = LeanProject(Path(settings.project).expanduser().absolute())
    project.require()
    return project


def check_project(lean: LeanSettings, cache_dir: Path) -> None:
    """Raise EnvironmentUnavailableError if there is no such project, no REPL for it, or no lake."""
    project = project_of(lean)
    project.repl(lean.repl, cache_dir)
    if shutil.which(_lake(lean, project)[0]) is None:
        raise EnvironmentUnavailableError(NO_LAKE.format(lake=lean.lake))


def lean_project_environment(lean: LeanSettings, cache_dir: Path, *, nice: int = 0) -> LeanProjectEnvironment:
    """Return the configured Lean project. Nothing is started yet.

    `cache_dir`: where `prover setup` builds a REPL. `nice`: Unix niceness of the processes.

    Raises:
        EnvironmentUnavailableError: there is no such project, or no REPL for it.
    """
    project = project_of(lean)
    repl = project.repl(lean.repl, cache_dir)
    said = "growth_mb" in lean.model_fields_set
    growth = lean.growth_mb if said else growth_within(memory_mb(), lean.sessions, lean.growth_mb)
    limits = PoolLimits(
        sessions=lean.sessions,
        spares=lean.spares,
        commands=lean.commands,
        growth_mb=growth,
        start_s=lean.start_timeout_s,
    )
    lake, programs = _lake(lean, project)
    tiers = LakeTools(
        project.folder,
        lake=lake,
        leanchecker=lean.leanchecker,
        comparator=lean.comparator,
        highest=lean.tiers,
        programs=programs,
    )
    niceness = ("nice", "-n", str(nice)) if nice else ()
    pool = ReplPool((*niceness, lake, "env", str(repl)), project.folder, limits, programs=programs)
    library = ProjectLibrary(project, cache_dir, lake=lake, programs=programs)
    return LeanProjectEnvironment(pool, identity=project.identity, tiers=tiers, library=library)


def lean_dojo_environment(settings: LeanDojoSettings) -> LeanDojoEnvironment:
    """Return the configured traced repository. Nothing is imported or started yet."""
    return LeanDojoEnvironment(settings.repo, settings.commit, start_timeout_s=settings.start_timeout_s)


async def _no_library(imports: tuple[str, ...]) -> Library:
    return Library((), (), ())


NO_PREMISES = PremiseSource(_no_library)
"""Nothing to cite: the library of a traced repository is not known as data."""


def project_premises(lean: LeanSettings, cache_dir: Path) -> PremiseSource:
    """Return the theorems that the configured project's imports provide. They are listed on first use."""
    return PremiseSource(project_library(lean, cache_dir))


def project_library(lean: LeanSettings, cache_dir: Path) -> ProjectLibrary:
    """Return the library of the configured project. Raises EnvironmentUnavailableError if there is no such project."""
    project = project_of(lean)
    lake, programs = _lake(lean, project)
    return ProjectLibrary(project, cache_dir, lake=lake, programs=programs)


def _lake(lean: LeanSettings, project: LeanProject) -> tuple[str, Path | None]:
    """Return the lake to be used, and where its toolchain's programs are if elan is not to choose them."""
    programs = project.toolchain_bin if lean.lake == "lake" else None
    return (str(programs / "lake") if programs else lean.lake), programs


def with_mathlib(policy: TacticGenerator, library: PremiseSource) -> TacticGenerator:
    """Return a policy that tries Mathlib's own tactics first. Without Mathlib they fail to parse, at once."""
    mathlib = MathlibClosersPolicy(library)
    return MixturePolicy([Turn(mathlib, 24, -1.5), Turn(policy, 10_000, -1.5), Turn(mathlib, 10_000, -3.0)])
