"""Find machine-checked proofs.

The public names; everything else may change between versions.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from prover._version import __version__

if TYPE_CHECKING:
    from prover.api import prove, verify
    from prover.budget import SearchBudget
    from prover.errors import InvalidTheoremError, ProverError
    from prover.record import ProofRecord, Verification
    from prover.theorem import Theorem

_HOME = {
    "InvalidTheoremError": "errors",
    "ProofRecord": "record",
    "ProverError": "errors",
    "SearchBudget": "budget",
    "Theorem": "theorem",
    "Verification": "record",
    "prove": "api",
    "verify": "api",
}

__all__ = [
    "InvalidTheoremError",
    "ProofRecord",
    "ProverError",
    "SearchBudget",
    "Theorem",
    "Verification",
    "__version__",
    "prove",
    "verify",
]


def __getattr__(name: str) -> Any:  # names are loaded when used: `import prover` stays light
    if name not in _HOME:
        raise AttributeError(f"module 'prover' has no attribute {name!r}")
    return getattr(import_module(f"prover.{_HOME[name]}"), name)
