"""pass@k: how many theorems k attempts prove, from runs over the same problems with several seeds."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from prover.bench.cost import MEMBERS
from prover.bench.results import RESULTS, RUN
from prover.bench.summary import SPENT, wilson_interval
from prover.errors import RunConflictError

RESAMPLES = 2_000
SUMMARY = "passes.json"


def pass_at_k(attempts: int, successes: int, k: int) -> float:
    """Return the probability that at least one of `k` attempts, drawn without replacement from those made, succeeds.

    The unbiased estimator of Chen et al. 2021 (Evaluating Large Language Models Trained on Code, section 2.1).

    Raises:
        ValueError: there are fewer attempts than k.
    """
    if not 0 < k <= attempts:
        raise ValueError(f"pass@{k} needs at least {k} attempts, not {attempts}")
    return 1.0 - math.comb(attempts - successes, k) / math.comb(attempts, k)


def mean_with_interval(values: Sequence[float]) -> dict[str, Any]:
    """Return the mean over problems and its 95 % interval, problems being what was drawn at random.

    Where each problem counts 0 or 1 this is Wilson's interval, else that of a bootstrap over problems (percentiles).
    """
    mean = sum(values) / len(values)
    if set(values) <= {0.0, 1.0}:
        interval = wilson_interval(round(sum(values)), len(values))
    else:
        generator = random.Random(0)
        means = sorted(sum(generator.choices(values, k=len(values))) / len(values) for _ in range(RESAMPLES))
        interval = round(means[round(0.025 * RESAMPLES)], 4), round(means[round(0.975 * RESAMPLES) - 1], 4)
    return {"rate": round(mean, 4), "interval": list(interval)}


def summarise_pass_at_k(folders: Sequence[Path]) -> dict[str, Any]:
    """Return pass@1, 2, 4, … up to the number of runs, also within smaller budgets of expansions; what it cost.

    A problem counts if every run has its result; false statements do not count.

    Raises:
        RunConflictError: a folder holds no run, or they differ in more than their seed.
    """
    runs = [_read(folder) for folder in folders]
    about = [{key: value for key, value in run.items() if key != "seed"} for run, _ in runs]
    for folder, other in zip(folders, about, strict=True):
        changed = sorted(key for key in {*about[0], *other} if about[0].get(key) != other.get(key))
        if changed:
            raise RunConflictError(f"{folder} is another run than {folders[0]} (different: {', '.join(changed)})")
    seeds = [run.get("seed") for run, _ in runs]
    if len(set(seeds)) < len(seeds):
        raise RunConflictError(f"two of the runs have the same seed: {', '.join(map(str, seeds))}")
    results = [rows for _, rows in runs]
    names = dict.fromkeys(name for rows in results for name, row in rows.items() if not row["canary"])
    whole = [name for name in names if all(name in rows for rows in results)]
    attempts = {name: [_spent(rows[name]) for rows in results] for name in whole}
    powers = [k for k in (2**power for power in range(32)) if k < len(runs)] + [len(runs)]
    return {
        "seeds": seeds,
        "problems": len(whole),
        "incomplete": len(names) - len(whole),
        "canaries_proved": sum(row["canary"] and row["proved"] for rows in results for row in rows.values()),
        "pass_at": {str(k): _pass(attempts, k, math.inf) for k in powers} if whole else {},
        "within_expansions": {
            str(limit): {str(k): _pass(attempts, k, limit)["rate"] for k in powers} for limit in _limits(attempts)
        },
        "always": sum(None not in spent for spent in attempts.values()),
        "sometimes": sum(0 < spent.count(None) < len(spent) for spent in attempts.values()),
        "never": sum(spent.count(None) == len(spent) for spent in attempts.values()),
        "cost": _cost(results),
    }


def _read(folder: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    try:
        run = json.loads((folder / RUN).read_text(encoding="utf-8"))
        lines = (folder / RESULTS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise RunConflictError(f"{folder} holds no run of prover bench: {error}") from error
    rows: dict[str, dict[str, Any]] = {}
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:  # cut off by a crash
            continue
        rows[row["problem"]] = row
    return run, rows


def _spent(row: Mapping[str, Any]) -> float | None:
    """Return the expansions that a proof took, None without one."""
    return SPENT["expansions"](row) if row["proved"] else None


def _pass(attempts: Mapping[str, Sequence[float | None]], k: int, limit: float) -> dict[str, Any]:
    return mean_with_interval(
        [
            pass_at_k(len(spent), sum(value is not None and value <= limit for value in spent), k)
            for spent in attempts.values()
        ]
    )


def _limits(attempts: Mapping[str, Sequence[float | None]]) -> list[int]:
    """Return 1, 2, 5, 10, … up to the first that all proofs are within."""
    most = max((value for spent in attempts.values() for value in spent if value is not None), default=0)
    steps = [factor * 10**power for power in range(9) for factor in (1, 2, 5)]
    needed = [step for step in steps if step < most]
    return [*needed, steps[len(needed)]] if most else []


def _cost(results: Sequence[Mapping[str, Mapping[str, Any]]]) -> dict[str, float]:
    costs = [row["cost"] for rows in results for row in rows.values() if row.get("cost")]
    return {name: round(sum(cost.get(name, 0.0) for cost in costs), 3) for name in MEMBERS} if costs else {}
