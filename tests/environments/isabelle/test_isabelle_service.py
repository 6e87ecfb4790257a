"""`prover serve` and its worker on Isabelle, which answers from recordings."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.environments.isabelle.relays import Relay
from tests.environments.served import served

REV = 'lemma t: "rev (rev xs) = xs"'


@pytest.fixture(scope="module")
async def http(relay: Relay, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    settings = os.environ | {
        "PROVER_ENVIRONMENT": "isabelle",
        "PROVER_ISABELLE__ADDRESSES": relay.address,
        "PROVER_ISABELLE__IMPORTS": "Main",
        "PROVER_ISABELLE__VERIFIER": "pisa",
    }
    async with served(tmp_path_factory.mktemp("served"), settings=settings) as client:
        yield client


async def test_lemma_is_proved_and_its_theory_verifies(http: httpx.AsyncClient) -> None:
    job = (await http.post("/v1/proofs", json={"theorem": REV}, params={"wait_s": 60})).json()
    assert (job["status"], job["proved"]) == ("completed", True), job
    assert job["record"]["environment"].startswith("isabelle@2022+Main")
    assert job["record"]["imports"] == ["Main"]
    assert job["proof"].startswith("theory Proved")
    verdict = (await http.post("/v1/verifications", json={"source": job["proof"], "against": REV})).json()
    assert verdict["accepted"], verdict


async def test_routes_are_those_that_isabelle_can_serve(http: httpx.AsyncClient) -> None:
    paths = (await http.get("/openapi.json")).json()["paths"]
    assert {"/v1/proofs", "/v1/tactics", "/v1/formalisations"} <= paths.keys()
    assert "/api/check" not in paths
    assert (await http.get("/readyz")).json()["dependencies"]["isabelle"]["ok"]


async def test_what_it_has_not_is_refused_with_a_reason(http: httpx.AsyncClient) -> None:
    forbidding = await http.post("/v1/proofs", json={"theorem": REV, "forbid": ["rev_rev_ident"]})
    assert forbidding.json()["type"] == "urn:prover:beyond-limit"
    words = await http.post("/v1/formalisations", json={"problem": "Reversing twice changes nothing."})
    assert (words.status_code, words.json()["type"]) == (422, "urn:prover:no-model")
    bad = await http.post("/v1/proofs", json={"theorem": 'lemma t: "x'}, params={"wait_s": 60})
    assert bad.json()["failure"]["kind"] == "invalid_theorem"
