"""The routes of compatible clients, served over real HTTP with the real Lean behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from prover.assembly.policies import closers
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.models.encoder import LexicalEncoder
from prover.proving.suggest import Suggester, SuggestionOptions
from prover.web.compat import kimina, leancopilot, llmstep
from prover.web.routes import tactics
from tests.web.serving import serving


@pytest.fixture(scope="session")
def suggester(lean: LeanWasmEnvironment) -> Suggester:
    return Suggester(lean, closers())


@pytest.fixture(scope="session")
async def url(lean: LeanWasmEnvironment, suggester: Suggester) -> AsyncIterator[str]:
    routers = (
        tactics.router(suggester),
        llmstep.router(suggester),
        leancopilot.router(suggester, LexicalEncoder()),
        kimina.router(lean),
    )
    # Lean's first use of a tactic is slow, more so on a busy machine: not what these tests are about.
    warm = SuggestionOptions(timeout_s=60, tactic_timeout_s=30)
    await suggester.for_state("a b : Nat\nh : a ≤ b\n⊢ a < b + 1", options=warm)
    async with serving(*routers) as address:
        yield address


@pytest.fixture(scope="session")
async def http(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, timeout=600) as client:
        yield client
