"""Lines that ask for verdicts, read; the verdicts themselves are tested with the command, by the real Lean."""

from __future__ import annotations

import json

import pytest

from prover.rewards.batch import read_batch

GOOD = {"source": "theorem t : True := trivial"}


def test_lines_have_names_and_blank_ones_do_not_count() -> None:
    text = f"\ufeff{json.dumps(GOOD)}\n\n{json.dumps({**GOOD, 'name': 'b'})}\n"
    assert [(asked.name, asked.problem) for asked in read_batch(text)] == [("line 1", None), ("b", None)]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ("{}", "give `source`, or `statement` and `answer`"),
        ('{"source": "a", "answer": "b", "statement": "c"}', "give `source`, or"),
        ('{"answer": "b"}', "an `answer` wants a `statement`"),
        ('{"source": 3}', "source is not a text"),
        ('{"source": "a", "origin": "b"}', "unknown: origin"),
    ],
)
def test_what_is_wrong_with_a_line_is_said_of_this_line(line: str, problem: str) -> None:
    first, second = read_batch(f"{line}\n{json.dumps(GOOD)}")
    assert problem in (first.problem or "")
    assert second.problem is None


def test_a_name_counts_once() -> None:
    line = json.dumps({**GOOD, "name": "a"})
    first, second = read_batch(f"{line}\n{line}")
    assert (first.problem, second.name) == (None, "line 2")
    assert "another 'a'" in (second.problem or "")
