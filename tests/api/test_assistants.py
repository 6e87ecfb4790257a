"""The proof assistants that come along, and a language model, given to the public API."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from prover import Advanced, EnvironmentUnavailableError, Isabelle, Lean, LeanProject, ProofRecord, Settings, prove
from prover.core.distribution import install_line
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.lean_wasm.install import Installation
from prover.settings import IsabelleSettings, LeanSettings
from tests.environments.isabelle.relays import free_ports, relaying, standin
from tests.environments.lean_repl.projects import command_line_project
from tests.environments.lean_repl.repl import serving
from tests.models.server import Answer, answer, choice
from tests.models.server import serving as serving_model

COMMUTES = "theorem t (a b : Nat) : a + b = b + a"


async def test_lean_project(lean: LeanWasmEnvironment, tmp_path: Path) -> None:
    async with serving(lean) as command:
        folder, names = command_line_project(tmp_path, command)
        tools = LeanSettings(lake=names["PROVER_LEAN__LAKE"], repl=names["PROVER_LEAN__REPL"], spares=0)
        settings = Settings(lean=tools)

        def sync() -> tuple[bool, bool]:
            with LeanProject(folder, policy="scripted:constructor;;omega", settings=settings) as project:
                with project.open("theorem both (p : Prop) (h : p) : p ∧ p") as session:
                    outcome = session.run(session.initial, "constructor")
                return isinstance(outcome, Advanced), project.prove(COMMUTES).proved

        assert await asyncio.to_thread(sync) == (True, True)
        async with LeanProject(folder, policy="scripted:omega", settings=settings) as awaited:
            record = await awaited.prove(COMMUTES)
            assert record.proved
            assert record.environment.startswith("lean4@4.24.0+mine@")


def test_lean_project_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentUnavailableError, match="nowhere"):
        LeanProject(tmp_path / "nowhere")


def test_isabelle(shared_data: Path) -> None:
    pytest.importorskip("grpc", reason=install_line("isabelle"))
    recordings = str(shared_data / "isabelle_transcripts.jsonl")
    settings = Settings(isabelle=IsabelleSettings(imports="Main", verifier="pisa"))
    with relaying(free_ports(8), *standin(recordings, "--provers")) as relay:  # noqa: SIM117  # the relay is there longer
        with Isabelle(relay.address, settings=settings) as isabelle:
            record = isabelle.prove('lemma t: "rev (rev xs) = xs"')
    assert record.proved
    assert record.environment.startswith("isabelle@")


def test_isabelle_that_is_not_there_is_an_error() -> None:
    pytest.importorskip("grpc", reason=install_line("isabelle"))
    with Isabelle("127.0.0.1:1") as isabelle, pytest.raises(EnvironmentUnavailableError, match="refused"):
        isabelle.prove('lemma t: "rev (rev xs) = xs"')


def writes_omega(path: str, body: dict[str, Any]) -> Answer:
    return answer(*(choice(i, " omega\n", -0.5) for i in range(body.get("n", 1))))


def test_language_model_is_given_by_its_address(installation: Installation) -> None:
    async def inside_a_loop(url: str) -> ProofRecord:
        return prove(COMMUTES, model=url, policy="model", effort=20)

    with serving_model(writes_omega) as server:
        record = asyncio.run(inside_a_loop(server.url))
        with Lean(model=server.url, policy="model") as lean:
            records = list(lean.prove_many([COMMUTES, "theorem u (n : Nat) : n < n + 1"], workers=2))
    assert record.search.tactics == ("omega",)
    assert "tiny" in record.policy
    assert all(record.proved for record in records)


def test_model_that_is_not_there_leaves_the_closers(installation: Installation) -> None:
    record = prove(COMMUTES, model="http://127.0.0.1:1", effort=20)
    assert record.proved
    assert "the model is left out" in record.notes[0]
