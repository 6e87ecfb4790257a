"""What a `Prover` is made from: a proof assistant, and how policies are opened for it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial

from prover.assembly.environments import theorem_reader
from prover.assembly.policies import open_policy
from prover.core.theorem import Theorem
from prover.environments.environment import ProofEnvironment
from prover.policies.generator import TacticGenerator
from prover.settings import Settings

Policy = str | TacticGenerator
"""A policy by its name on the command line, or one of your own."""

OpenPolicy = Callable[[str | None], AbstractAsyncContextManager[TacticGenerator]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assistant:
    """What is opened, and what searches use by default."""

    environment: Callable[[], ProofEnvironment]
    read: Callable[[str], Theorem]
    """Reads a statement."""
    policy: Policy | None
    open_policy: OpenPolicy
    needs_policy: bool
    """No policy is known to fit: one must be given."""
    verify_timeout_s: float


def shipped(
    name: str, environment: Callable[[], ProofEnvironment], policy: Policy | None, settings: Settings
) -> Assistant:
    """Return the proof assistant of that name in the settings."""
    return Assistant(
        environment=environment,
        read=theorem_reader(name, settings),
        policy=policy,
        open_policy=partial(open_policy, settings=settings, without_model=True, environment=name),
        needs_policy=False,
        verify_timeout_s=settings.verify_timeout_s,
    )


def own(environment: ProofEnvironment, policy: Policy | None, settings: Settings) -> Assistant:
    """Return a proof assistant that is not one of ours. Policies by name are those for Lean."""
    return Assistant(
        environment=lambda: environment,
        read=Theorem.from_text,
        policy=policy,
        open_policy=partial(open_policy, settings=settings, without_model=True, environment="lean"),
        needs_policy=True,
        verify_timeout_s=settings.verify_timeout_s,
    )
