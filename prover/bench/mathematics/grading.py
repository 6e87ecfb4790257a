"""One answer against what was expected, as `prover eval` would judge it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from prover.bench.mathematics.answers import MISSING
from prover.bench.mathematics.benchmarks import LETTERS, PROGRAMS, WORDS, Benchmark
from prover.bench.mathematics.equality import Answers, judge_answers
from prover.bench.mathematics.sandbox.run import Ending, run_program

_FENCE = re.compile(r"```[\w-]*\n(.*?)(?:```|\Z)", re.S)


class Judgement(StrEnum):
    """What becomes of an answer."""

    CORRECT = "correct"
    WRONG = "wrong"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Grade:
    """The verdict, and what was compared: the texts that were taken for the answers, and what they were read as."""

    verdict: Judgement
    gold: str
    answer: str
    gold_read: str = ""
    answer_read: str = ""
    reason: str = ""


def grade(name: str, gold: str, answer: str) -> Grade:
    """Judge a model's text, or an answer by itself, under the rules of a benchmark. Raises SandboxUnavailableError."""
    benchmark = WORDS[name]
    given = benchmark.answer(answer) or _alone(benchmark, answer)
    return _graded(benchmark, gold, given, "no answer could be read")


def grade_program(name: str, gold: str, program: str) -> Grade:
    """Run a program in the sandbox and judge the last line that it prints. Raises SandboxUnavailableError."""
    benchmark = PROGRAMS[name]
    fenced = _FENCE.search(program)
    result = run_program(fenced[1] if fenced else program)
    why = "the program printed nothing"
    if result.ending is not Ending.OK:
        last = result.errors.strip().splitlines()[-1:]
        why = f"the program ended: {str(result.ending).replace('_', ' ')}{': ' + last[0] if last else ''}"
    return _graded(benchmark, gold, benchmark.answer(result.output), why)


def _graded(benchmark: Benchmark, gold: str, given: str, missing: str) -> Grade:
    expected = _expected(benchmark, gold)
    if expected == MISSING:
        return Grade(Judgement.UNREADABLE, gold, given, reason="the expected answer could not be read")
    if given == MISSING:
        return Grade(Judgement.UNREADABLE, expected, given, reason=missing)
    if benchmark.rule is None:
        return Grade(Judgement.CORRECT if expected == given else Judgement.WRONG, expected, given, expected, given)
    item = Answers(expected, (given,), benchmark.rule, printed=benchmark.programs, explained=True)
    (found,) = judge_answers([item], workers=1)
    verdict = Judgement.CORRECT if found.right[0] else Judgement.WRONG
    read = found.answers[0] if found.answers else "nothing: it took too much time or memory"
    return Grade(verdict, expected, given, found.gold, read)


def _expected(benchmark: Benchmark, gold: str) -> str:
    words = WORDS[benchmark.name]
    if words.rule is None and gold.strip().isdecimal() and int(gold) < len(LETTERS):
        return LETTERS[int(gold)]
    return words.answer(gold) or _alone(words, gold)


def _alone(benchmark: Benchmark, text: str) -> str:
    """Return the answer that a text of one line is by itself; a longer one has to say where its answer is."""
    return benchmark.alone(text) if len(text.strip().splitlines()) == 1 else MISSING
