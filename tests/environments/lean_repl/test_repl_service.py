"""`prover serve` and its worker on a Lean project: the stand-in REPL has the real Lean's answers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from tests.environments.lean_repl.projects import command_line_project
from tests.environments.lean_repl.repl import serving
from tests.environments.served import served

SWAP = "theorem swap (p q : Prop) (h : p ∧ q) : q ∧ p"


@pytest.fixture(scope="module")
async def http(lean: LeanWasmEnvironment, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    folder = tmp_path_factory.mktemp("served")
    async with serving(lean) as command:
        project, settings = command_line_project(folder, command)
        options = ("--environment", "lean-project", "--project", str(project))
        async with served(folder, *options, settings=settings | {"PROVER_LEAN__SPARES": "0"}) as client:
            yield client


async def test_theorem_is_proved_by_the_projects_lean(http: httpx.AsyncClient) -> None:
    asked = {"theorem": SWAP, "policy": "scripted:constructor;;exact h.2;;exact h.1", "environment": "lean-project"}
    job = (await http.post("/v1/proofs", json=asked, params={"wait_s": 60})).json()
    assert (job["status"], job["proved"]) == ("completed", True), job
    assert job["record"]["environment"].startswith("lean4@4.24.0+mine@")
    assert job["record"]["verification"]["tier"] == "A"
    verdict = (await http.post("/v1/verifications", json={"source": job["proof"], "against": SWAP})).json()
    assert verdict["accepted"], verdict
    assert verdict["environment"] == job["record"]["environment"]


async def test_what_the_project_has_not_is_refused_at_once(http: httpx.AsyncClient) -> None:
    refused = await http.post("/v1/proofs", json={"theorem": SWAP, "environment": "lean"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["place"] == ["body", "environment"]


async def test_suggestions_and_other_tools_clients_use_the_same_lean(http: httpx.AsyncClient) -> None:
    asked = {"theorem": SWAP, "tactics": ["constructor"], "n": 4, "prefix": "exact"}
    assert (await http.post("/v1/tactics", json=asked)).json()["environment"].startswith("lean4@4.24.0+mine@")
    snippets = [{"id": "good", "code": f"{SWAP} := ⟨h.2, h.1⟩"}, {"id": "bad", "code": f"{SWAP} := by sorry"}]
    results = (await http.post("/api/check", json={"snippets": snippets})).json()["results"]
    assert "sorries" not in results[0]["response"]
    assert results[1]["response"]["sorries"][0]["goal"].endswith("⊢ q ∧ p")


async def test_readiness_names_the_project(http: httpx.AsyncClient) -> None:
    found = (await http.get("/readyz")).json()["dependencies"]["lean"]
    assert found["ok"]
    assert "+mine@" in found["detail"]


def test_project_that_is_not_there_ends_it_with_a_sentence(tmp_path: Path) -> None:
    for command in ("serve", "worker"):
        result = subprocess.run(
            [sys.executable, "-m", "prover", command, "--environment", "lean-project", "--project", str(tmp_path)],
            capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert result.returncode == 3
        assert "is no Lean project" in result.stderr
