"""A run in the form in which the Llemma authors published theirs.

`wellecks/llemma_formal2formal` @0931a1e: a list of `results`, each with `attempt_results`, `success` and the `example`
that it is about; `args` says how they were made. Their words are used for what is the same here: a search that ended,
or used up its expansions, is `SearchEnded`; out of time, `DojoHardTimeoutError`; a machine that failed,
`DojoCrashError`; a statement that cannot be used, `DojoInitError`. `elapsed` is theirs with the sign mended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prover.bench.pinned import Pins, pins

Row = Mapping[str, Any]
ENDED, OUT_OF_TIME, CRASHED, UNUSABLE = "SearchEnded", "DojoHardTimeoutError", "DojoCrashError", "DojoInitError"


def llemma_results(rows: Sequence[Row], summary: Row, *, known: Pins | None = None) -> dict[str, Any]:
    """Return lines of `results.jsonl` in the published form; our false statements are left out.

    `summary`: what `summary.json` says of the run, empty for one that is not finished.
    """
    pin = (known or pins()).get(str(summary.get("statements") or ""), {})
    results = []
    for row in rows:
        if not row["canary"]:
            attempt = _success(row) if row["proved"] else _failure(row)
            results.append({"attempt_results": [attempt], "success": attempt["success"], "example": _example(row, pin)})
    return {"results": results, "args": _arguments(rows, summary)}


def _success(row: Row) -> dict[str, Any]:
    search = row["search"]
    steps = row.get("steps") or [{"tactic": tactic, "state_before": None} for tactic in search["tactics"]]
    known = all("logprob" in step for step in steps)
    return {
        "theorem": row["problem"],
        "proof": [step["tactic"] for step in steps],
        "score": -sum(step["logprob"] for step in steps) if known else None,
        "success": True,
        "failure_reason": "",
        "trace": [{"tactic": step["tactic"], "state_before": step["state_before"]} for step in steps],
        "temperature": [],
        "elapsed": search["statistics"]["elapsed_s"],
        "iteration": search["statistics"]["expansions"] - 1,
    }


def _failure(row: Row) -> dict[str, Any]:
    return {"theorem": row["problem"], "success": False, "failure_reason": _reason(row)}


def _reason(row: Row) -> str:
    if error := str(row["error"] or ""):
        return CRASHED if error.startswith("machine") else UNUSABLE
    expansions = row["search"]["statistics"]["expansions"]
    out_of_time = row["search"]["stop"] == "budget_spent" and expansions < row["budget"]["expansions"]
    return OUT_OF_TIME if out_of_time else ENDED


def _example(row: Row, pin: Mapping[str, Any]) -> dict[str, Any]:
    repository = pin.get("repository")
    return {
        "full_name": row["problem"],
        "statement": row.get("statement", ""),
        "url": f"https://github.com/{repository}" if repository else "",
        "commit": pin.get("commit", ""),
        "file_path": _file(row, pin),
        "split": row["split"],
    }


def _file(row: Row, pin: Mapping[str, Any]) -> str:
    folder = next((folder for folder, split in pin.get("folders", {}).items() if split == row["split"]), None)
    if folder is not None:
        return f"{folder}/{row['problem']}.{'thy' if pin['environment'] == 'isabelle' else 'lean'}"
    named, _, name = str(row.get("statement", "")).partition("::")  # as LeanDojo's theorems are given
    return named if name else ""


def _arguments(rows: Sequence[Row], summary: Row) -> dict[str, Any]:
    first: Row = next((row for row in rows if "policy" in row), {})
    budget = summary.get("budget") or first.get("budget") or {}
    return {
        "model_name": first.get("policy", ""),
        "dataset_name": summary.get("set", ""),
        "max_iters": budget.get("expansions"),
        "num_samples": budget.get("candidates"),
        "timeout": budget.get("timeout_s"),
        "early_stop": True,
        "prover": {
            name: first.get(name) or summary.get(name) for name in ("prover_version", "environment", "seed", "commit")
        },
    }
