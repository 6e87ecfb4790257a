"""Are answers right? By kind, each under the rule that its benchmark has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from prover.bench.mathematics.judge.rules import Rule
from tests.bench.mathematics.judge_tables import CLOSE, KINDS, PRINTED, rows

pytest.importorskip("math_verify", reason="extra [grade]")

from prover.bench.mathematics.judge.verdict import reading, right, said  # needs the extra


def judged(gold: str, given: str, rule: Rule = Rule.DECIMALS, *, printed: bool = False) -> bool:
    return right(reading(gold), reading(given, printed=printed), rule)


@pytest.mark.parametrize("kind", KINDS)
def test_answers_of_a_kind_are_judged_right(kind: str) -> None:
    table = rows(KINDS[kind])
    assert len(table) >= 10
    assert [(gold, given, judged(gold, given)) for gold, given, _ in table] == table


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_is_itself_and_so_is_what_it_equals(kind: str) -> None:
    for gold, given, correct in rows(KINDS[kind]):
        assert judged(gold, gold), gold
        assert judged(given, given), given
        assert judged(given, gold) == correct, (given, gold)


def test_what_programs_print_is_read_as_python_prints_it() -> None:
    table = rows(PRINTED)
    assert [(gold, given, judged(gold, given, printed=True)) for gold, given, _ in table] == table


def test_measured_numbers_are_close_as_the_authors_of_ocw_have_it() -> None:
    table = rows(CLOSE)
    assert [(gold, given, judged(gold, given, Rule.CLOSE)) for gold, given, _ in table] == table


def test_no_text_is_right_and_nothing_is_right_for_no_text() -> None:
    assert not judged("5", "")
    assert not judged("", "5")
    assert not judged("", "")


def test_what_was_read_is_said() -> None:
    assert said(reading("52_8")) == "52 in base 8"
    assert said(reading("3\\frac12")) == "7/2"
    assert said(reading("x=4")) == "x = 4"
    assert said(reading("1,2")) == "1, 2 in any order"
    assert said(reading("12\\text{ cm}")) == "12 cm"
    assert said(reading("who knows")) == "the text 'who knows'"


def test_recorded_cases(shared_data: Path) -> None:
    """Small inputs after public reports on other graders, which are not part of the repository."""
    found = {}
    for line in (shared_data / "field_cases.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case["area"] in {"grader/math", "grader/ocw"}:
            rule = Rule.CLOSE if case["area"] == "grader/ocw" else Rule.DECIMALS
            verdict = judged(case["input"]["gold"], case["input"]["given"], rule)
            found[case["id"]] = verdict == case["expected"].startswith("correct")
    assert len(found) > 15
    assert [name for name, good in found.items() if not good] == []
