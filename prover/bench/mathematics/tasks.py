"""Our benchmarks as tasks of lm-evaluation-harness."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
from lm_eval.api.filter import Filter
from lm_eval.api.task import ConfigurableTask
from lm_eval.tasks.minerva_math import utils as minerva

from prover.bench.mathematics.answers import MISSING, majority, plain_number
from prover.bench.mathematics.benchmarks import Benchmark, Row, Shot, read_local, read_shots
from prover.bench.mathematics.equality import equal_answers
from prover.bench.mathematics.sandbox.run import ProgramResult, run_programs
from prover.errors import InvalidProblemSetError

METRICS = ("accuracy", "single")
"""`accuracy`: of the answer that most samples give (of the only one, if there is one); `single`: mean over samples."""

logging.getLogger("lm_eval").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Protocol:
    """How a benchmark is run. `data`: folder of local problems; without one the hub is asked."""

    samples: int = 1
    data: Path | None = None
    shots_file: Path | None = None
    workers: int | None = None


def task(benchmark: Benchmark, protocol: Protocol) -> ConfigurableTask:
    """Return the task.

    Raises:
        InvalidProblemSetError: there are no problems, or no examples.
    """
    rows = _rows(benchmark, protocol, "test")
    shots = _shots(benchmark, protocol)
    prepared = [_document(benchmark, row, number) for number, row in enumerate(rows)]

    class Scored(Filter):  # type: ignore[misc]  # the harness has no types
        def apply(self, resps: list[list[str]], docs: list[Row]) -> list[dict[str, Any]]:
            return score(benchmark, resps, docs, workers=protocol.workers)

    return ConfigurableTask(
        config={
            "task": benchmark.title,
            "custom_dataset": lambda **_: {"test": datasets.Dataset.from_list(prepared)},
            "test_split": "test",
            "output_type": "generate_until",
            "doc_to_text": lambda row: benchmark.prompt(row["problem"], shots),
            "doc_to_target": lambda row: row["expected"],
            "process_results": lambda _, results: {name: results[0][name] for name in METRICS},
            "metric_list": [{"metric": name, "aggregation": "mean", "higher_is_better": True} for name in METRICS],
            "filter_list": [{"name": "scored", "filter": [{"function": Scored}]}],
            "generation_kwargs": {"until": list(benchmark.stop), "do_sample": protocol.samples > 1},
            "repeats": protocol.samples,
            "num_fewshot": 0,  # the examples are in the prompt
            "metadata": {"version": 1.0},
        }
    )


def score(
    benchmark: Benchmark, texts: Sequence[Sequence[str]], rows: Sequence[Row], *, workers: int | None = None
) -> list[dict[str, Any]]:
    """Return for each problem what its samples answer, the majority's answer, and whether they are right."""
    endings: list[list[str]] = [[""] * len(some) for some in texts]
    if benchmark.programs:
        results = _run(texts, workers)
        endings = [[str(results[text].ending) for text in some] for some in texts]
        texts = [[results[text].output for text in some] for some in texts]
    answers = [[benchmark.answer(text) for text in some] for some in texts]
    same = _canonical(benchmark)
    chosen = [majority(some, same) for some in answers]
    right = _judge(
        benchmark, {(row["expected"], a) for row, some in zip(rows, answers, strict=True) for a in some}, workers
    )
    scored: list[dict[str, Any]] = []
    for row, some, best, ended in zip(rows, answers, chosen, endings, strict=True):
        hits = [right[row["expected"], answer] for answer in some]
        scored.append(
            {
                "accuracy": float(best != MISSING and right[row["expected"], best]),
                "single": sum(hits) / len(hits),
                "answer": best,
                "answers": some,
                **({"programs": ended} if benchmark.programs else {}),
            }
        )
    return scored


def _run(texts: Sequence[Sequence[str]], workers: int | None) -> dict[str, ProgramResult]:
    programs = list(dict.fromkeys(text for some in texts for text in some))
    return dict(zip(programs, run_programs(programs, workers=workers), strict=True))


def _canonical(benchmark: Benchmark) -> Callable[[str], str]:
    """Return how an answer is written so that equal ones are mostly written alike: Minerva's rules for LaTeX."""
    if benchmark.programs or not benchmark.compares or benchmark.name == "gsm8k":
        return plain_number
    return lambda answer: str(minerva.normalize_final_answer(answer)) if answer else MISSING


def _judge(benchmark: Benchmark, pairs: set[tuple[str, str]], workers: int | None) -> dict[tuple[str, str], bool]:
    """Return which answers are what was expected: compared as they were written, and by Minerva's rules."""
    if not benchmark.compares:
        return {pair: bool(pair[1]) and pair[0] == pair[1] for pair in pairs}
    same, known = _canonical(benchmark), sorted(pairs)
    written = [(expected, given, benchmark.tolerance) for expected, given in known]
    ruled = [(same(expected), same(given), benchmark.tolerance) for expected, given in known]
    verdicts = equal_answers([*written, *ruled], workers=workers)
    return {pair: verdicts[place] or verdicts[place + len(known)] for place, pair in enumerate(known)}


def _document(benchmark: Benchmark, row: Row, number: int) -> dict[str, str]:
    return {
        "name": str(row.get("name") or row.get("id") or row.get("unique_id") or number),
        "problem": benchmark.problem(row),
        "expected": benchmark.expected(row),
        "level": benchmark.level(row),
        "subject": benchmark.subject(row),
    }


def _rows(benchmark: Benchmark, protocol: Protocol, split: str) -> list[dict[str, Any]]:
    if protocol.data is not None:
        rows = read_local(protocol.data, benchmark.name, split)
        if not rows:
            raise InvalidProblemSetError(f"{protocol.data} has no {benchmark.name}/{split}.jsonl with problems")
        return rows
    name, parts = benchmark.hub
    try:
        return [dict(row) for part in parts for row in datasets.load_dataset(name, part, split=split)]
    except (OSError, ValueError) as error:
        raise InvalidProblemSetError(
            f"cannot load {name} from the hub ({type(error).__name__}); "
            f"give a folder with {benchmark.name}/{split}.jsonl: --data DIR"
        ) from error


def _shots(benchmark: Benchmark, protocol: Protocol) -> list[Shot]:
    shots = read_shots(protocol.shots_file, benchmark)
    if shots is None and benchmark.name == "math":
        shots = [(row["problem"], row["solution"]) for row in minerva.list_fewshot_samples()]
    if shots is None:
        rows = _rows(benchmark, protocol, "train")
        shots = [(benchmark.problem(row), str(row["answer"])) for row in rows]
    if len(shots) < benchmark.shots:
        raise InvalidProblemSetError(f"{benchmark.title} is asked with {benchmark.shots} examples, not {len(shots)}")
    return shots[: benchmark.shots]
