"""From models' texts to what is right, in the sandbox, without the harness."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from prover.bench.mathematics.benchmarks import PROGRAMS, WORDS, Benchmark
from prover.bench.mathematics.scoring import majority, score

pytest.importorskip("math_verify", reason="extra [grade]")
SENTENCE = "Final Answer: The final answer is ${}$. I hope it is correct."


def scored(benchmark: Benchmark, gold: str, *texts: str) -> dict[str, Any]:
    return score(benchmark, [texts], [{"expected": gold}], workers=1)[0]


def test_equal_answers_are_one_vote_however_they_are_spelt() -> None:
    answers = ["\\frac{1}{3}", "\\frac12", "1/3", "0.5", "1/2", "2"]
    found = scored(WORDS["math"], "\\frac{2}{4}", *map(SENTENCE.format, answers))
    assert (found["accuracy"], found["answer"]) == (1.0, "$\\frac12$")
    assert found["single"] == 0.5
    assert found["answers"] == [f"${answer}$" for answer in answers]


def test_of_equal_counts_the_earliest_wins_and_no_answer_has_no_vote() -> None:
    texts = ["?", "?", "?", "#### 8", "#### 7", "#### 7.0", "#### 8.00"]
    assert scored(WORDS["gsm8k"], "8", *texts)["answer"] == "8"
    assert scored(WORDS["gsm8k"], "7", *texts)["accuracy"] == 0.0
    assert scored(WORDS["gsm8k"], "7", "?", "#### 7")["accuracy"] == 1.0
    assert scored(WORDS["gsm8k"], "7", "?", "?") == {
        "accuracy": 0.0, "single": 0.0, "answer": "", "answers": ["", ""],
    }  # fmt: skip


def test_majority_of_what_is_the_same() -> None:
    assert majority(["b", "a", "a", "b"], {}) == "b"
    assert majority(["", "", ""], {}) == ""
    assert majority(["x", "1", "2", "3"], {"1": "1", "2": "1", "3": "1"}) == "1"


def test_letters_are_letters() -> None:
    found = scored(WORDS["mmlu_stem"], "C", *(f"The final answer is {text}." for text in ("(C)",)))
    assert found["accuracy"] == 0.0  # the closing sentence begins with "Final Answer"
    assert scored(WORDS["mmlu_stem"], "C", "Final Answer: The final answer is I think (C).")["accuracy"] == 1.0


@pytest.mark.parametrize(
    ("name", "gold", "program", "right"),
    [
        ("math", "\\$5", "print(5)", True),
        ("math", "12\\text{ cm}", "print(12)", True),
        ("math", "x=4", "print(4)", True),
        ("math", "2+3i", "from sympy import I\nprint(2+3*I)", True),
        ("math", "\\frac{1}{3}", "print(1/3)", True),
        ("math", "\\frac{1}{3}", "print(0.33)", False),
        ("math", "1,2", "print({1, 2})", True),
        ("math", "(1,2)", "print((2, 1))", False),
        ("gsm8k", "945", "print(12 * 80 - 15.0)", True),
        ("gsm8k", "945", "raise SystemExit", False),
        ("gsm8k", "3", "print(0.1 * 30)", True),
        ("gsm8k", "5000000", "print(5000001)", False),
    ],
)
def test_programs_are_judged_like_words(name: str, gold: str, program: str, right: bool) -> None:
    assert scored(PROGRAMS[name], gold, program)["accuracy"] == float(right)


def test_an_answer_that_takes_too_long_harms_no_other() -> None:
    answers = [
        "$\\prod_{k=1}^{10^9} k$",
        "$(((2^{19})^{19})^{19})!$",
        "$9^{9^{9^9}}$",
        "$\\frac{1}{2}$",
        "$" + "(" * 3000 + "$",
    ]
    found = scored(WORDS["math"], "0.5", *(f"Final Answer: The final answer is {answer}." for answer in answers))
    assert found["single"] == 0.2


def test_recorded_programs_and_choices(shared_data: Path) -> None:
    """Small inputs after public reports on other graders, which are not part of the repository."""
    tried = 0
    for line in (shared_data / "field_cases.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        given = case["input"]
        if case["area"] in {"grader/gsm8k", "grader/mmlu_stem"}:
            assert scored(WORDS[case["area"].partition("/")[2]], given["gold"], given["text"])["accuracy"] == 1.0
        elif case["area"] == "grader/math --python":
            assert scored(PROGRAMS["math"], given["gold"], given["program"])["accuracy"] == 1.0
        else:
            continue
        tried += 1
    assert tried >= 9
