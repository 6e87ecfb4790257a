"""What `python/suggest.py` of llmstep @88f4107 sends and reads: facts of the protocol, and bad input."""

from __future__ import annotations

import json

import httpx
import pytest

STATE = "a b : Nat\nh : a ≤ b\n⊢ a < b + 1"
HEADERS = {"Content-Type": "application/json"}


async def suggestions(http: httpx.AsyncClient, state: str, prefix: str = "", context: str = "") -> list[str]:
    response = await http.post("/", json={"tactic_state": state, "prefix": prefix, "context": context})
    assert response.status_code == 200
    answer = json.loads(response.content)
    assert answer.keys() == {"suggestions"}
    assert all(isinstance(suggestion, str) and "[SUGGESTION]" not in suggestion for suggestion in answer["suggestions"])
    found: list[str] = answer["suggestions"]
    return found


async def test_what_closes_the_goal_comes_first(http: httpx.AsyncClient) -> None:
    found = await suggestions(http, STATE)
    assert 1 <= len(found) <= 10
    check = await http.post("/v1/tactics", json={"state": STATE, "prefix": found[0], "n": 1})
    assert check.json()["suggestions"][0]["outcome"] == "closes"


async def test_suggestions_continue_what_the_user_typed(http: httpx.AsyncClient) -> None:
    found = await suggestions(http, STATE, prefix="om")
    assert found == ["omega"]


async def test_definitions_before_the_cursor_are_used(http: httpx.AsyncClient) -> None:
    context = "def twice (n : Nat) := n + n\n\ntheorem t (n : Nat) : twice n = 2 * n := by\n  "
    found = await suggestions(http, "n : Nat\n⊢ twice n = 2 * n", context=context)
    assert any("twice" in suggestion for suggestion in found)


async def test_a_goal_of_mathlib_gets_suggestions_for_its_client_to_try(http: httpx.AsyncClient) -> None:
    context = "import Mathlib\n\nexample (x : ℝ) : x + 0 = x := by "
    assert {"norm_num", "ring"} <= set(await suggestions(http, "x : ℝ\n⊢ x + 0 = x", context=context))
    found = await suggestions(http, "x : ℝ\nh : x = 0\n⊢ x + 0 = 0", prefix="rw", context=context)
    assert "rw [h]" in found


async def test_fields_that_older_clients_leave_out_may_be_missing(http: httpx.AsyncClient) -> None:
    response = await http.post("/", json={"tactic_state": STATE})
    assert response.json()["suggestions"]


async def test_the_content_type_does_not_matter(http: httpx.AsyncClient) -> None:
    body = json.dumps({"tactic_state": "⊢ 1 = 1", "prefix": ""})
    for headers in ({}, {"Content-Type": "application/x-www-form-urlencoded"}, {"Content-Type": "text/plain"}):
        response = await http.post("/", content=body, headers=headers)
        assert "rfl" in response.json()["suggestions"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "body"),
        (b"{", "JSON"),
        (b"[]", "dictionary"),
        (b"\xff\xfe", ""),
        (b'{"tactic_state": 3}', "tactic_state"),
        (b'{"tactic_state": ""}', "tactic_state"),
        (b'{"prefix": "x"}', "tactic_state"),
        (b'{"tactic_state": "no goal"}', "no goal"),
        (b'{"tactic_state": "\\ud800"}', ""),
        (b'{"tactic_state": "\\u22a2 \\u0000"}', "control character"),
        (b'{"tactic_state": "\\u22a2 1 = 1", "prefix": null}', "prefix"),
        (json.dumps({"tactic_state": "⊢ 1 = 1", "prefix": "x" * 1001}).encode(), "prefix"),
    ],
)
async def test_bad_input_is_explained_in_the_error_field(http: httpx.AsyncClient, body: bytes, said: str) -> None:
    response = await http.post("/", content=body, headers=HEADERS)
    assert 400 <= response.status_code < 500
    assert response.json().keys() == {"error"}
    assert said in response.json()["error"]
