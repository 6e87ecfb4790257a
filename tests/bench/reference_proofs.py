"""Problems with a reference proof: which of the proofs Lean does not accept."""

from __future__ import annotations

import asyncio
from typing import Any

from prover.bench.problem_sets import Problem
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.proving.verify import verify


async def rejected(lean: LeanWasmEnvironment, rows: list[dict[str, Any]], *, proof: str) -> list[str]:
    """Return the problems whose member `proof` is not accepted, each with the reason."""
    both_cores = asyncio.Semaphore(2)

    async def problem(row: dict[str, Any]) -> str | None:
        theorem: Theorem = Problem.model_validate(row).theorem()
        async with both_cores:
            verification = await verify(theorem, [row[proof]], lean, timeout_s=300)
        return None if verification.accepted else f"{row['name']}: {verification.reason}"

    return [found for found in await asyncio.gather(*map(problem, rows)) if found]
