"""A fresh Python process that proves one tactic with a fresh Lean process; run by `start.py`.

python -m benchmarks.parts.first_tactic MODULE [--no-snapshot]
"""

from __future__ import annotations

import asyncio
import sys

from benchmarks.parts.options import TACTIC_TIMEOUT_S, WithoutSnapshots
from prover.core.proof_state import Closed
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.lean_wasm.install import Installation
from prover.settings import Settings

STATEMENT = "theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q"
TACTIC = "exact ⟨hp, hq⟩"
DONE = "closed"


async def main(module: str, *, snapshot: bool) -> None:
    """Start as the product does, with the verifying process beside the search."""
    kind = Installation if snapshot else WithoutSnapshots
    environment = LeanWasmEnvironment(kind.in_cache(Settings().cache_dir))
    async with environment.open(Theorem.from_text(f"import {module}\n{STATEMENT}")) as session:
        outcomes = await session.apply(session.initial, [TACTIC], timeout_s=TACTIC_TIMEOUT_S)
        print(DONE if outcomes == [Closed()] else outcomes, flush=True)
    await environment.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], snapshot="--no-snapshot" not in sys.argv))
