"""Kimina Lean Server's protocol @fb2393d: what Lean answers, item by item."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from prover.core.record import Verification
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.errors import SessionCrashedError
from prover.web.compat import kimina
from tests.conftest import HUNG_S
from tests.web.serving import serving

GOOD = "theorem t (a b : Nat) : a + b = b + a := by omega"
FALSE = "theorem t : 1 = 2 := by omega"
SORRY = "theorem t (n : Nat) : n = n := by\n  induction n\n  · rfl\n  · sorry"
ENDLESS = (
    "set_option maxRecDepth 1000000\nset_option maxHeartbeats 0\n"
    "theorem t : ∀ a b c d : Fin 60, (a + b) + (c + d) = (d + c) + (b + a) := by decide +kernel"
)

# What Lean accepts in silence and verification does not.
REJECTED = {
    "axiom": "axiom no : False\ntheorem t : 1 = 2 := no.elim",
    "axiom alone": "axiom no : False",
    "compiled code": "theorem t : 10 < 20 := by native_decide",
    "quiet sorry": "set_option warn.sorry false\ntheorem t : 1 = 2 := by sorry",
    "sorryAx": "theorem t : 1 = 2 := sorryAx _ true",
    "admit": "theorem t : 1 = 2 := by admit",
    "kernel skipped": "set_option debug.skipKernelTC true\ntheorem t : 1 = 2 := by sorry",
}


def valid(result: dict[str, Any]) -> bool:
    """The client's own test: `SnippetAnalysis` in `client/kimina_client/models.py`."""
    if "error" in result or "message" in result["response"]:
        return False
    response = result["response"]
    errors = [message for message in response.get("messages", []) if message["severity"] == "error"]
    return not errors and not response.get("sorries")


async def check(http: httpx.AsyncClient, *codes: str, **options: Any) -> list[dict[str, Any]]:
    snippets = [{"id": str(number), "code": code} for number, code in enumerate(codes)]
    response = await http.post("/api/check", json={"snippets": snippets, **options})
    assert response.status_code == 200
    results: list[dict[str, Any]] = response.json()["results"]
    assert [result["id"] for result in results] == [snippet["id"] for snippet in snippets]
    for result in results:
        assert ("error" in result) != ("response" in result)
        assert result["time"] >= 0
    return results


async def test_each_snippet_gets_its_own_answer_in_order(http: httpx.AsyncClient) -> None:
    good, false, sorry, evaluated = await check(http, GOOD, FALSE, SORRY, "#eval 1 + 1")
    assert good["response"] == {"env": 0}
    (error,) = false["response"]["messages"]
    assert (error["severity"], error["pos"]) == ("error", {"line": 1, "column": 24})
    assert "omega could not" in error["data"]
    (hole,) = sorry["response"]["sorries"]
    assert (hole["pos"], hole["endPos"]) == ({"line": 4, "column": 4}, {"line": 4, "column": 9})
    assert hole["goal"].endswith("⊢ n✝ + 1 = n✝ + 1")
    assert [message["data"] for message in evaluated["response"]["messages"]] == ["2"]
    assert [valid(result) for result in (good, false, sorry, evaluated)] == [True, False, False, True]


@pytest.mark.parametrize("code", REJECTED.values(), ids=REJECTED.keys())
async def test_what_verification_rejects_is_never_valid(http: httpx.AsyncClient, code: str) -> None:
    (result,) = await check(http, code)
    assert not valid(result)


async def test_a_sorry_has_the_warning_that_older_clients_look_for(http: httpx.AsyncClient) -> None:
    for code in (SORRY, REJECTED["quiet sorry"], REJECTED["sorryAx"]):
        (result,) = await check(http, code)
        assert any("declaration uses 'sorry'" in message["data"] for message in result["response"]["messages"])
        assert result["response"]["sorries"]


async def test_a_timeout_is_one_items_error_in_the_words_that_its_client_knows(http: httpx.AsyncClient) -> None:
    slow, good = await check(http, ENDLESS, GOOD, timeout=20)  # of which the good one needs little
    assert "timed out in 20 seconds" in slow["error"]
    assert valid(good)


async def test_no_time_at_all_is_a_timeout(http: httpx.AsyncClient) -> None:
    (result,) = await check(http, GOOD, timeout=0)
    assert "timed out in 0 seconds" in result["error"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import Mathlib\ntheorem t : 1 = 1 := rfl", "Mathlib"),
        ("", "empty"),
        ("theorem t : 1 = 1 := rfl\x00", "control character"),
        ("module\ntheorem t : 1 = 1 := rfl", "not supported"),
    ],
)
async def test_text_that_cannot_be_read_is_an_error_of_that_item(http: httpx.AsyncClient, code: str, said: str) -> None:
    unread, good = await check(http, code, GOOD)
    assert said in unread["response"]["messages"][0]["data"]
    assert not valid(unread)
    assert valid(good)


async def test_infotree_is_refused_clearly(http: httpx.AsyncClient) -> None:
    (result,) = await check(http, GOOD, infotree="full")
    assert result["error"] == "infotree is not supported by this server: leave it out"


async def test_a_large_batch_is_answered_whole(http: httpx.AsyncClient) -> None:
    results = await check(http, *[GOOD, FALSE] * 5)
    assert [valid(result) for result in results] == [True, False] * 5


@pytest.mark.parametrize("path", ["/verify", "/one_pass_verify_batch"])
async def test_the_older_form(http: httpx.AsyncClient, path: str) -> None:
    codes = [{"custom_id": 7, "proof": GOOD}, {"custom_id": "b", "code": FALSE}]
    response = await http.post(path, json={"codes": codes, "timeout": 60, "infotree_type": None})
    first, second = response.json()["results"]
    assert (first["custom_id"], second["custom_id"]) == ("7", "b")
    assert "messages" not in first["response"]
    assert first["response"]["time"] > 0
    assert second["response"]["messages"][0]["severity"] == "error"
    response = await http.post(path, json={"codes": [{"custom_id": "c", "proof": ENDLESS}], "timeout": 1})
    (third,) = response.json()["results"]
    assert "timed out" in third["error"]
    assert "response" not in third


async def test_health(http: httpx.AsyncClient) -> None:
    assert (await http.get("/health")).json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/api/check", {}, "snippets"),
        ("/api/check", {"snippets": []}, "snippets"),
        ("/api/check", {"snippets": [{"id": "a", "code": "x"}, {"id": "a", "code": "y"}]}, "unique"),
        ("/api/check", {"snippets": [{"id": "a"}]}, "code"),
        ("/api/check", {"snippets": [{"id": "a", "code": "x"}], "timeout": -1}, "timeout"),
        ("/api/check", {"snippets": [{"id": "a", "code": "x"}], "timeout": "soon"}, "timeout"),
        ("/api/check", [], ""),
        ("/verify", {"codes": []}, "codes"),
        ("/verify", {"codes": [{"custom_id": 1}]}, "proof"),
        ("/verify", {"codes": [{"proof": "x"}]}, "custom_id"),
    ],
)
async def test_bad_input_is_explained(http: httpx.AsyncClient, path: str, body: Any, said: str) -> None:
    response = await http.post(path, json=body)
    assert response.status_code == 422
    assert response.json().keys() == {"detail"}
    assert said in response.json()["detail"]


class Failing:
    """The real Lean, which fails for one text."""

    def __init__(self, lean: LeanWasmEnvironment) -> None:
        self.lean = lean
        self.open_file = lean.open_file
        self.under_way: list[asyncio.Event] = []
        self.ended = asyncio.Event()

    async def check_file(self, source: Theorem, *, timeout_s: float) -> Verification:
        if "crash" in source.body:
            raise SessionCrashedError("Lean is gone")
        if "wait" in source.body:
            try:
                await asyncio.sleep(600)
            finally:
                self.ended.set()
        return await self.lean.check_file(source, timeout_s=timeout_s)


async def test_a_machine_that_fails_is_an_error_of_one_item(lean: LeanWasmEnvironment) -> None:
    routes = kimina.router(Failing(lean))  # type: ignore[arg-type]  # of an environment it has what is used
    async with serving(routes) as url, httpx.AsyncClient(base_url=url) as http:
        bad, good = await check(http, "-- crash", GOOD)
    assert bad["error"] == "the proof assistant failed: Lean is gone"
    assert valid(good)


async def test_work_ends_when_the_client_has_gone(lean: LeanWasmEnvironment) -> None:
    environment = Failing(lean)
    routes = kimina.router(environment)  # type: ignore[arg-type]
    async with serving(routes) as url, httpx.AsyncClient(base_url=url) as http:
        with pytest.raises(httpx.ReadTimeout):
            await http.post(
                "/api/check", json={"snippets": [{"id": "a", "code": "-- wait"}]}, timeout=httpx.Timeout(10, read=0.3)
            )
        await asyncio.wait_for(environment.ended.wait(), HUNG_S)
