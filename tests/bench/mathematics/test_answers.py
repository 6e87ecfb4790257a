"""Reading answers, and comparing them in the sandbox."""

from __future__ import annotations

import pytest

from prover.bench.mathematics.answers import (
    final_answer,
    final_choice,
    hashed_number,
    last_box,
    last_line,
    majority,
    plain_number,
)

SENTENCE = "So it is.\nFinal Answer: The final answer is {}. I hope it is correct."


def test_answers_are_read_out_of_texts() -> None:
    assert hashed_number("It is 7.\n#### $1,234.") == "1234"
    assert hashed_number("It is 7.") == ""
    assert final_answer(SENTENCE.format("$3.5$")) == "$3.5$"
    assert final_answer("so $x = \\boxed{\\frac{1}{2}}$.") == "\\frac{1}{2}"
    assert final_choice(SENTENCE.format("(C)")) == "C"
    assert final_choice("The answer is A") == ""
    assert last_box("\\boxed{1} and \\boxed{a{b}c") == ""
    assert last_line("1\n 2 \n\n") == "2"


def test_majority_counts_what_is_the_same_and_ignores_what_is_missing() -> None:
    assert majority(["", "", "", "1", "2.0", "2"], plain_number) == "2.0"
    assert majority(["b", "a", "a", "b"]) == "b"
    assert majority(["", ""]) == ""


PAIRS = [
    ("\\frac{3\\sqrt{2}}{2}", "3*sqrt(2)/2", True),
    ("4 e^{-3t}", "4*exp(-3*t)", True),
    ("x^2+1", "1 + x**2", True),
    ("\\left(-8,-8\\sqrt{3}\\right)", "(-8, -8*sqrt(3))", True),
    ("1,2", "[1, 2]", True),
    ("\\{1,2\\}", "{2, 1}", True),
    ("[2,5)", "(2,5)", False),
    ("120^\\circ", "120", True),
    ("2", "3", False),
    ("1", "", False),
    ("0.5", "1/2", True),
    # An answer that would be evaluated could say of itself that it is right, or run for ever.
    ("5", "9**9**9**9", False),
    ("5", "__import__('builtins').print('true')", False),
    ("5", "(lambda: 5)()", False),
]


@pytest.mark.eval
def test_answers_are_compared_as_mathematics() -> None:
    pytest.importorskip("sympy", reason="extra [eval]")
    pytest.importorskip("antlr4", reason="extra [eval]")
    from prover.bench.mathematics.equality import equal_answers

    verdicts = equal_answers([(expected, given, 0.0) for expected, given, _ in PAIRS])
    assert [(pair[0], pair[1], verdict) for pair, verdict in zip(PAIRS, verdicts, strict=True)] == PAIRS
    assert equal_answers([("9.81", "9.8", 0.01), ("9.81", "9.8", 0.0)]) == [True, False]
