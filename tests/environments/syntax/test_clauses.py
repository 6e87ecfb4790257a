"""`open ... in` and `set_option ... in` before a theorem: what stands in the header, and which limit counts."""

from __future__ import annotations

import pytest

from prover.environments.syntax.lean.statement import LeanStatement


def test_what_is_opened_for_the_theorem_becomes_a_command_of_the_header() -> None:
    text = "def a := 1\n\nopen Real Nat in\nset_option maxHeartbeats 7 in\nopen scoped A in\n@[simp] theorem t : 1 = 1"
    statement = LeanStatement.read(text)
    assert statement.opened.header == "def a := 1\n\nopen Real Nat\nopen scoped A\n"
    assert statement.opened.text == "set_option maxHeartbeats 7 in\n@[simp] theorem t : 1 = 1"
    plain = LeanStatement.read("theorem t : 1 = 1")
    assert plain.opened == plain


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("theorem t : 1 = 1", 200_000),
        ("set_option maxHeartbeats 400000 in\ntheorem t : 1 = 1", 400_000),
        ("set_option maxHeartbeats 100\nset_option maxHeartbeats 300 in\ntheorem t : 1 = 1", 300),
        ("set_option maxHeartbeats 0\ntheorem t : 1 = 1", 0),
        ("set_option synthInstance.maxHeartbeats 5\ntheorem t : 1 = 1", 200_000),
    ],
)
def test_limit_that_the_text_sets_itself(text: str, limit: int) -> None:
    assert LeanStatement.read(text).heartbeats == limit


def test_limit_of_ours_is_the_innermost() -> None:
    statement = LeanStatement.read("set_option maxHeartbeats 400 in\n/-- words -/\n@[simp] theorem t : 1 = 1")
    assert statement.within(900).text == (
        "set_option maxHeartbeats 400 in\nset_option maxHeartbeats 900 in\n/-- words -/\n@[simp] theorem t : 1 = 1"
    )
    assert LeanStatement.read("theorem t : 1 = 1").within(900).text == (
        "set_option maxHeartbeats 900 in\ntheorem t : 1 = 1"
    )
