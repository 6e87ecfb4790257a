"""A run over benchmarks of mathematics: ask, score, write down."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lm_eval.evaluator import evaluate

from prover.bench.mathematics.benchmarks import Benchmark
from prover.bench.mathematics.served import ServedModel
from prover.bench.mathematics.tasks import Protocol, problems, task
from prover.bench.summary import wilson_interval
from prover.models.model import LanguageModel, Sampling

RESULTS = "results.jsonl"


def run_benchmarks(
    model: LanguageModel,
    benchmarks: Sequence[Benchmark],
    protocol: Callable[[Benchmark], Protocol],
    *,
    folder: Path,
    seed: int,
    limit: int | None = None,
) -> dict[str, Any]:
    """Run the benchmarks one after the other; return the counts of each and what was asked of the model.

    Writes `results.jsonl` (a line a problem) and `completions.jsonl` (every answer, so that a run that was broken off
    goes on) into `folder`.

    Raises:
        InvalidProblemSetError: problems or examples are missing.
        LanguageModelError: the model cannot be used.
        SandboxUnavailableError: programs cannot be run safely here.
    """
    tasks = {benchmark.name: task(benchmark, protocol(benchmark)) for benchmark in benchmarks}
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    overflows = reused = 0
    for benchmark in benchmarks:
        how = protocol(benchmark)
        sampling = Sampling(
            temperature=how.temperature, top_p=how.top_p, max_tokens=benchmark.max_tokens, seed=seed, n=1
        )
        served = ServedModel(model, folder, sampling)
        found = evaluate(
            served, {"tasks": {benchmark.name: tasks[benchmark.name]}, "groups": {}}, limit=limit, bootstrap_iters=0
        )
        overflows += served.overflows
        reused += served.reused
        rows += [_line(benchmark, sample) for sample in found["samples"][benchmark.name]]
    with (folder / RESULTS).open("w", encoding="utf-8", errors="replace") as file:  # a half of a character has no code
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return {
        "benchmarks": {benchmark.name: _counts(benchmark, rows) for benchmark in benchmarks},
        "prompts_too_long": overflows,
        "answers_reused": reused,
        "rows_refused": {benchmark.name: problems(benchmark, protocol(benchmark))[1] for benchmark in benchmarks},
        "usage": model.usage.as_dict(),
    }


def _line(benchmark: Benchmark, sample: dict[str, Any]) -> dict[str, Any]:
    row, scored = sample["doc"], sample["filtered_resps"][0]
    return {
        "benchmark": benchmark.name,
        **row,
        "correct": bool(scored["accuracy"]),
        **{name: value for name, value in scored.items() if name != "accuracy"},
    }


def _counts(benchmark: Benchmark, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    own = [row for row in rows if row["benchmark"] == benchmark.name]
    return {
        **_count(own),
        "single": round(sum(row["single"] for row in own) / len(own), 4),
        "answered": sum(bool(row["answer"]) for row in own),
        **{f"by_{member}": _groups(own, member) for member in ("level", "subject") if any(row[member] for row in own)},
    }


def _count(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    right = sum(row["correct"] for row in rows)
    interval = list(wilson_interval(right, len(rows)))
    return {"correct": right, "total": len(rows), "accuracy": round(right / len(rows), 4), "interval": interval}


def _groups(rows: Sequence[dict[str, Any]], member: str) -> dict[str, dict[str, Any]]:
    groups: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row[member] or "none"].append(row)
    return {name: _count(groups[name]) for name in sorted(groups)}
