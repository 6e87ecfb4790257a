"""Find machine-checked proofs.

The public names; everything else may change between versions. See docs/reference/python.md.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from prover._version import __version__

if TYPE_CHECKING:
    from prover.api.assistants import Isabelle, Lean, LeanProject
    from prover.api.async_prover import AsyncProver
    from prover.api.calls import aprove, prove, refute, verify
    from prover.api.options import Limits
    from prover.api.prover import Prover
    from prover.api.session import AsyncSession, Session
    from prover.core.budget import SearchBudget
    from prover.core.effort import Limit
    from prover.core.proof_state import (
        Advanced,
        Closed,
        GaveUp,
        Goal,
        Hypothesis,
        ProofState,
        Rejected,
        TacticOutcome,
        TimedOut,
    )
    from prover.core.record import (
        Advice,
        ProofRecord,
        Refutation,
        SearchResult,
        SearchStatistics,
        StopReason,
        TheoremVerdict,
        UnfinishedProof,
        Verification,
    )
    from prover.core.theorem import Theorem
    from prover.environments.environment import OpenedTheorem, ProofEnvironment, ProofSession
    from prover.errors import (
        EnvironmentProtocolError,
        EnvironmentUnavailableError,
        GeneratorError,
        InvalidPolicyError,
        InvalidTheoremError,
        LanguageModelError,
        Message,
        MissingExtraError,
        ProofEnvironmentError,
        ProverError,
        SessionCrashedError,
    )
    from prover.policies.generator import Proposal, TacticCandidate, TacticGenerator, TheoremAware
    from prover.policies.scripted import ScriptedPolicy
    from prover.proving.fill import FillReport, HoleReport
    from prover.proving.suggest import Outcome, Suggestion, Suggestions
    from prover.settings import Settings

_HOMES = {
    "api.assistants": ("Isabelle", "Lean", "LeanProject"),
    "api.async_prover": ("AsyncProver",),
    "api.calls": ("aprove", "prove", "refute", "verify"),
    "api.options": ("Limits",),
    "api.prover": ("Prover",),
    "api.session": ("AsyncSession", "Session"),
    "core.budget": ("SearchBudget",),
    "core.effort": ("Limit",),
    "core.proof_state": (
        "Advanced",
        "Closed",
        "GaveUp",
        "Goal",
        "Hypothesis",
        "ProofState",
        "Rejected",
        "TacticOutcome",
        "TimedOut",
    ),
    "core.record": (
        "Advice",
        "ProofRecord",
        "Refutation",
        "SearchResult",
        "SearchStatistics",
        "StopReason",
        "TheoremVerdict",
        "UnfinishedProof",
        "Verification",
    ),
    "core.theorem": ("Theorem",),
    "environments.environment": ("OpenedTheorem", "ProofEnvironment", "ProofSession"),
    "errors": (
        "EnvironmentProtocolError",
        "EnvironmentUnavailableError",
        "GeneratorError",
        "InvalidPolicyError",
        "InvalidTheoremError",
        "LanguageModelError",
        "Message",
        "MissingExtraError",
        "ProofEnvironmentError",
        "ProverError",
        "SessionCrashedError",
    ),
    "policies.generator": ("Proposal", "TacticCandidate", "TacticGenerator", "TheoremAware"),
    "policies.scripted": ("ScriptedPolicy",),
    "proving.fill": ("FillReport", "HoleReport"),
    "proving.suggest": ("Outcome", "Suggestion", "Suggestions"),
    "settings": ("Settings",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Advanced",
    "Advice",
    "AsyncProver",
    "AsyncSession",
    "Closed",
    "EnvironmentProtocolError",
    "EnvironmentUnavailableError",
    "FillReport",
    "GaveUp",
    "GeneratorError",
    "Goal",
    "HoleReport",
    "Hypothesis",
    "InvalidPolicyError",
    "InvalidTheoremError",
    "Isabelle",
    "LanguageModelError",
    "Lean",
    "LeanProject",
    "Limit",
    "Limits",
    "Message",
    "MissingExtraError",
    "OpenedTheorem",
    "Outcome",
    "ProofEnvironment",
    "ProofEnvironmentError",
    "ProofRecord",
    "ProofSession",
    "ProofState",
    "Proposal",
    "Prover",
    "ProverError",
    "Refutation",
    "Rejected",
    "ScriptedPolicy",
    "SearchBudget",
    "SearchResult",
    "SearchStatistics",
    "Session",
    "SessionCrashedError",
    "Settings",
    "StopReason",
    "Suggestion",
    "Suggestions",
    "TacticCandidate",
    "TacticGenerator",
    "TacticOutcome",
    "Theorem",
    "TheoremAware",
    "TheoremVerdict",
    "TimedOut",
    "UnfinishedProof",
    "Verification",
    "__version__",
    "aprove",
    "prove",
    "refute",
    "verify",
]


def __getattr__(name: str) -> Any:  # names are loaded when used: `import prover` stays light
    if name not in _HOME:
        raise AttributeError(f"module 'prover' has no attribute {name!r}")
    return getattr(import_module(f"prover.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *_HOME]
