from __future__ import annotations

from typing import Any

import httpx
import pytest

THEOREM = "theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q"


async def test_suggestions_for_a_theorem_are_tried(http: httpx.AsyncClient) -> None:
    response = await http.post("/v1/tactics", json={"theorem": THEOREM, "tactics": ["constructor"], "n": 4})
    assert response.status_code == 200
    answer = response.json()
    assert (answer["tried_in"], len(answer["goals"]), len(answer["suggestions"])) == ("theorem", 2, 4)
    best = answer["suggestions"][0]
    assert best["outcome"] == "advances"
    assert best["goals"][0].endswith("⊢ q")
    assert best["logprob"] <= 0


async def test_suggestions_for_a_printed_state(http: httpx.AsyncClient) -> None:
    state = {"state": "n : Nat\n⊢ twice n = 2 * n", "header": "def twice (n : Nat) := n + n"}
    answer = (await http.post("/v1/tactics", json=state)).json()
    assert answer["tried_in"] == "goal"
    assert answer["suggestions"][0]["outcome"] == "closes"


async def test_a_header_stands_before_the_theorem(http: httpx.AsyncClient) -> None:
    asked = {"header": "def two := 2", "theorem": "theorem t : two = 2", "n": 1, "prefix": "rfl"}
    answer = (await http.post("/v1/tactics", json=asked)).json()
    assert [(s["tactic"], s["outcome"]) for s in answer["suggestions"]] == [("rfl", "closes")]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"theorem": THEOREM, "state": "⊢ True"},
        {"state": "⊢ True", "tactics": ["simp"]},
        {"theorem": "theorem t : 1 +"},
        {"theorem": THEOREM, "tactics": ["exact nothing"]},
        {"theorem": ""},
        {"state": "no goal"},
        {"theorem": THEOREM, "n": 0},
        {"theorem": THEOREM, "timeout_s": "nan"},
        {"theorem": THEOREM, "unknown": 1},
        {"theorem": ["a"]},
        {"theorem": "theorem t : \x07 1 = 1"},
        [],
    ],
)
async def test_bad_input_is_refused(http: httpx.AsyncClient, body: Any) -> None:
    response = await http.post("/v1/tactics", json=body)
    assert response.status_code == 422
