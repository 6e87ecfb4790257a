"""Proof assistants by their names."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from prover.assembly.concurrency import THEOREM_BYTES
from prover.core.theorem import Theorem
from prover.environments.environment import ProofEnvironment
from prover.environments.lean_wasm.checkers import Checkers
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.lean_wasm.install import Installation
from prover.environments.lean_wasm.library import LeanLibrary
from prover.environments.machine_limits import share
from prover.settings import Settings

ENVIRONMENTS = ("lean", "lean-project", "leandojo", "isabelle")


NATIVE = {"lean-project", "leandojo"}
"""The environments with a native Lean, whose states are known only as text."""


def open_environment(name: str, settings: Settings, *, nice: int = 0, patient: bool = False) -> ProofEnvironment:
    """Return the proof assistant of that name, one of ENVIRONMENTS.

    `nice`: Unix niceness of the Lean processes. `patient`: wait for a server that is not there yet.
    """
    if name == "isabelle":
        from prover.assembly.isabelle import isabelle_environment

        return isabelle_environment(settings.isabelle, patient=patient)
    if name == "lean-project":
        from prover.assembly.native_lean import lean_project_environment

        return lean_project_environment(settings.lean, settings.cache_dir, nice=nice)
    if name == "leandojo":
        from prover.assembly.native_lean import lean_dojo_environment

        return lean_dojo_environment(settings.leandojo)
    return lean_environment(settings, nice=nice)


def check_environment(name: str, settings: Settings) -> None:
    """Raise EnvironmentUnavailableError if that proof assistant is known to be missing. Nothing is started."""
    if name == "lean":
        Installation.in_cache(settings.cache_dir).require()
    elif name == "lean-project":
        from prover.assembly.native_lean import check_project

        check_project(settings.lean, settings.cache_dir)


def theorem_reader(name: str, settings: Settings) -> Callable[[str], Theorem]:
    """Return what reads statements in the language of that assistant."""
    if name == "isabelle":
        from prover.environments.syntax.isabelle.statement import isabelle_theorem

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

    `slots`: limits the sessions that may run tactics concurrently, over all environments that share it. `checkers`: the
    processes that verify, if environments share them. `nice`: Unix niceness of the Lean processes. `idle`: number of
    processes kept for the next session.
    """
    return LeanWasmEnvironment(
        Installation.in_cache(settings.cache_dir),
        heartbeats=settings.lean_heartbeats,
        max_idle_processes=idle,
        checkers=checkers,
        slots=slots,
        nice=nice,
    )


def parallel_lean_environment(settings: Settings, *, at_once: int | None = None) -> LeanWasmEnvironment:
    """Return the embedded Lean for many searches and verifications at once.

    `at_once`: number of them that run concurrently; otherwise one a core, fewer where memory is short.
    """
    places = at_once or share().room(THEOREM_BYTES)
    return lean_environment(settings, slots=asyncio.Semaphore(places), checkers=Checkers(at_once=places), idle=places)


def open_parallel_environment(name: str, settings: Settings, *, at_once: int) -> ProofEnvironment:
    """Return the proof assistant of that name, for so many texts at once where that is not a setting of its own."""
    if name == "lean":
        return parallel_lean_environment(settings, at_once=at_once)
    return open_environment(name, settings)


def lean_environments(settings: Settings) -> Callable[[], LeanWasmEnvironment]:
    """Return what opens the embedded Lean for each of several workers on this machine.

    As many of them run tactics concurrently as there are cores, and they share the processes that verify.
    """
    cores = max(1, int(share().cores))
    slots, checkers = asyncio.Semaphore(cores), Checkers(at_once=cores)
    return lambda: lean_environment(settings, slots=slots, checkers=checkers)


def open_environments(name: str, settings: Settings) -> Callable[[], ProofEnvironment]:
    """Return what opens the proof assistant of that name for each of several workers on this machine."""
    if name == "isabelle":
        from prover.assembly.isabelle import isabelle_environments

        return isabelle_environments(settings.isabelle)
    return lean_environments(settings) if name == "lean" else partial(open_environment, name, settings)


def lean_library(settings: Settings) -> LeanLibrary:
    """Return the embedded Lean's library. It is listed on first use."""
    return LeanLibrary(Installation.in_cache(settings.cache_dir))
