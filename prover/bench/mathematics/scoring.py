"""From what a model wrote to what is right: answers read, programs run, votes counted, answers judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from prover.bench.mathematics.answers import MISSING
from prover.bench.mathematics.benchmarks import Benchmark, Row
from prover.bench.mathematics.equality import Answers, Judgement, judge_answers
from prover.bench.mathematics.sandbox.run import ProgramResult, run_programs


def score(
    benchmark: Benchmark, texts: Sequence[Sequence[str]], rows: Sequence[Row], *, workers: int | None = None
) -> list[dict[str, Any]]:
    """Return for each problem what its samples answer, the majority's answer, and whether they are right."""
    endings: list[list[str]] = [[""] * len(some) for some in texts]
    if benchmark.programs:
        texts = [[text + benchmark.after for text in some] for some in texts]
        results = _run(texts, workers)
        endings = [[str(results[text].ending) for text in some] for some in texts]
        texts = [[results[text].output for text in some] for some in texts]
    answers = [[benchmark.answer(text) for text in some] for some in texts]
    different = [list(dict.fromkeys(answer for answer in some if answer != MISSING)) for some in answers]
    judged = _judge(benchmark, [str(row["expected"]) for row in rows], different, workers)
    scored: list[dict[str, Any]] = []
    for some, known, judgement, ended in zip(answers, different, judged, endings, strict=True):
        right = dict(zip(known, judgement.right, strict=True))
        best = majority(some, {answer: known[first] for answer, first in zip(known, judgement.votes, strict=True)})
        hits = [right.get(answer, False) for answer in some]
        scored.append(
            {
                "accuracy": float(right.get(best, False)),
                "single": sum(hits) / len(hits) if hits else 0.0,
                "answer": best,
                "answers": some,
                **({"programs": ended} if benchmark.programs else {}),
            }
        )
    return scored


def majority(answers: Sequence[str], same: dict[str, str]) -> str:
    """Return the answer that most of them are; `same` gives the first answer that each is the same as.

    Missing answers have no vote. Source: self-consistency (Wang et al. 2022). Of equal counts the earliest wins, as in
    the authors' `majority_vote`, which keeps the order of appearance.
    """
    counts = Counter(same.get(answer, answer) for answer in answers if answer != MISSING)
    return max(counts, key=counts.__getitem__) if counts else MISSING


def _run(texts: Sequence[Sequence[str]], workers: int | None) -> dict[str, ProgramResult]:
    programs = list(dict.fromkeys(text for some in texts for text in some))
    return dict(zip(programs, run_programs(programs, workers=workers), strict=True))


def _judge(
    benchmark: Benchmark, golds: Sequence[str], answers: Sequence[Sequence[str]], workers: int | None
) -> list[Judgement]:
    if benchmark.rule is None:
        return [
            Judgement(tuple(answer == gold for answer in some), tuple(range(len(some))))
            for gold, some in zip(golds, answers, strict=True)
        ]
    items = [
        Answers(gold, tuple(some), benchmark.rule, printed=benchmark.programs, votes=True)
        for gold, some in zip(golds, answers, strict=True)
    ]
    return judge_answers(items, workers=workers)
