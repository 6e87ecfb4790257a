"""Our benchmarks as tasks of lm-evaluation-harness."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
from lm_eval.api.filter import Filter
from lm_eval.api.task import ConfigurableTask
from lm_eval.tasks.minerva_math import utils as minerva

from prover.bench.mathematics.benchmarks import Benchmark, Row, Shot, asked, read_shots
from prover.bench.mathematics.problem_rows import problem_rows
from prover.bench.mathematics.scoring import score
from prover.errors import InvalidProblemSetError

METRICS = ("accuracy", "single")
"""`accuracy`: of the answer that most samples give (of the only one, if there is one); `single`: mean over samples."""

logging.getLogger("lm_eval").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Protocol:
    """How a benchmark is run. `data`: folder of local problems; without one the hub is asked."""

    samples: int = 1
    temperature: float = 0.0
    top_p: float = 1.0
    data: Path | None = None
    shots_file: Path | None = None
    workers: int | None = None


def task(benchmark: Benchmark, protocol: Protocol) -> ConfigurableTask:
    """Return the task.

    Raises:
        InvalidProblemSetError: there are no problems, or no examples.
    """
    prepared, _ = problems(benchmark, protocol)
    shots = _shots(benchmark, protocol)

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


def problems(benchmark: Benchmark, protocol: Protocol) -> tuple[list[dict[str, str]], list[str]]:
    """Return the problems, and the names of rows that are refused since they have no answer."""
    return asked(benchmark, problem_rows(benchmark, protocol.data, "test"))


def _shots(benchmark: Benchmark, protocol: Protocol) -> list[Shot]:
    if benchmark.few_shot:
        return []
    shots = read_shots(protocol.shots_file, benchmark)
    if protocol.shots_file is not None and shots:
        return shots  # all that were given
    if shots is None and benchmark.name == "math":
        shots = [(row["problem"], row["solution"]) for row in minerva.list_fewshot_samples()]
    if shots is None:
        rows = problem_rows(benchmark, protocol.data, "train")
        shots = [(benchmark.problem(row), str(row["answer"])) for row in rows]
    if len(shots) < benchmark.shots:
        raise InvalidProblemSetError(f"{benchmark.title} is asked with {benchmark.shots} examples, not {len(shots)}")
    return shots[: benchmark.shots]
