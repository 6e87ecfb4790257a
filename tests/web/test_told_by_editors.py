"""What an editor sends of a file reaches the model: the text before the cursor, what was typed, the steps so far."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.generator import TacticGenerator
from prover.policies.llm.prompts.catalog import FORMATS
from prover.policies.llm.sampling import LlmOptions
from prover.policies.llm.steps import LlmPolicy
from prover.policies.llm.whole_proof import WholeProofPolicy
from prover.proving.suggest import Suggester
from prover.web.compat import llmstep
from prover.web.routes import tactics
from tests.policies.models import SpeakingModel, says
from tests.web.serving import serving

BOTH = "theorem both (p q : Prop) (hp : p) (hq : q) : p ∧ q"
FILE = f"-- my file\n{BOTH} := by\n  constructor\n  · "
STATE = "case left\np q : Prop\nhp : p\nhq : q\n⊢ p"


@asynccontextmanager
async def asking(lean: LeanWasmEnvironment, policy: TacticGenerator) -> AsyncIterator[httpx.AsyncClient]:
    suggester = Suggester(lean, policy)
    async with (
        serving(tactics.router(suggester), llmstep.router(suggester)) as url,
        httpx.AsyncClient(base_url=url, timeout=600) as http,
    ):
        yield http


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/tactics", {"state": STATE, "prefix": "ex", "context": FILE}),
        ("/v1/tactics", {"theorem": BOTH, "tactics": ["constructor"], "prefix": "ex", "context": FILE}),
        ("/", {"tactic_state": STATE, "prefix": "ex", "context": FILE}),
    ],
)
async def test_file_and_prefix_are_in_the_prompt(lean: LeanWasmEnvironment, path: str, body: dict[str, Any]) -> None:
    model = SpeakingModel(says("act hp"))
    async with asking(lean, LlmPolicy(model, FORMATS["ntp-ctx"], LlmOptions(samples=1, batches=1))) as http:
        answer = await http.post(path, json=body)
    assert "exact hp" in answer.text
    ((prompt, _),) = model.asked
    assert f"[CTX]\n{FILE}\n[/CTX]" in str(prompt)
    assert str(prompt).endswith("[TAC]\nex")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ntp-ctx", f"[CTX]\n{BOTH} := by\n  constructor\n  \n[/CTX]"),
        ("internlm2.5-step", "NAME: both\n\n---\nPROOF_BEFORE: constructor\n"),
    ],
)
async def test_steps_so_far_are_in_the_prompt(lean: LeanWasmEnvironment, name: str, shown: str) -> None:
    model = SpeakingModel(says("exact hp"))
    async with asking(lean, LlmPolicy(model, FORMATS[name], LlmOptions(samples=1, batches=1))) as http:
        await http.post("/v1/tactics", json={"theorem": BOTH, "tactics": ["constructor"]})
    ((prompt, _),) = model.asked
    assert shown in str(prompt)


async def test_whole_proofs_are_asked_for_of_what_is_left(lean: LeanWasmEnvironment) -> None:
    model = SpeakingModel(says("```lean4\nexample : True := by\n  exact hp\n```"))
    policy = WholeProofPolicy(model, FORMATS["goedel-v2"], LlmOptions(samples=1, batches=1))
    async with asking(lean, policy) as http:
        body = {"header": "open Nat", "theorem": BOTH, "tactics": ["constructor"]}
        answer = (await http.post("/v1/tactics", json=body)).json()
    assert [found["outcome"] for found in answer["suggestions"]] == ["advances"]
    ((prompt, _),) = model.asked
    question = str(prompt[0].content)  # type: ignore[union-attr]
    assert "open Nat" in question
    assert ": p := by\n  sorry" in question
