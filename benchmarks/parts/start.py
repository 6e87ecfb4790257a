"""Start: time to the first proved tactic and to a verified record, in fresh processes each time."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

from benchmarks.parts.first_tactic import DONE, STATEMENT
from benchmarks.parts.options import Options
from benchmarks.parts.stock import stock_start
from benchmarks.report import Findings, Row
from prover.bench.conditions import ROOT

REPETITIONS = 10
WITHOUT_SNAPSHOT_S = 2.2
WITH_SNAPSHOT_S = 1.4
VERIFIED_RECORD_S = 4.0
PAGE_CACHE = "files are in the page cache: the first of each kind of start is not counted"


def measure_start(options: Options) -> Findings:
    """Measure `import Init`, and the command line up to the verified record; on request the stock package too."""
    rows = _first_tactics(options, "Init", {False: WITHOUT_SNAPSHOT_S, True: WITH_SNAPSHOT_S})
    rows.append(Row("`prover prove`, cold, to the verified record", _timed(options, _record_s), "s", VERIFIED_RECORD_S))
    options.say(f"{rows[-1].what}: {rows[-1].measured}")
    notes = [PAGE_CACHE]
    if options.stock:
        row, ran = stock_start(options)
        rows.append(row)
        notes.append(ran)
    return Findings(rows, notes)


def measure_imports(options: Options) -> Findings:
    """Measure the same with larger libraries. Snapshots made only for this are removed again."""
    rows: list[Row] = []
    for module in ("Std", "Lean"):
        made = options.installation.ensure_snapshot((module,))
        try:
            rows += _first_tactics(options, module, {})
        finally:
            if made:
                snapshot = options.installation.snapshot((module,))
                snapshot.file.unlink()
                snapshot.index.unlink()
    return Findings(rows, [PAGE_CACHE])


def _first_tactics(options: Options, module: str, targets: dict[bool, float]) -> list[Row]:
    rows = []
    for snapshot in (False, True):
        values = _timed(options, partial(_first_tactic_s, module, snapshot=snapshot))
        how = "with snapshot" if snapshot else "without snapshot"
        rows.append(Row(f"first tactic proved, import {module}, {how}", values, "s", targets.get(snapshot)))
        options.say(f"{rows[-1].what}: {rows[-1].measured}")
    return rows


def _timed(options: Options, once: Callable[[], float]) -> tuple[float, ...]:
    once()  # fills the page cache
    return tuple(once() for _ in range(options.times(REPETITIONS)))


def _first_tactic_s(module: str, *, snapshot: bool) -> float:
    command = [sys.executable, "-m", "benchmarks.parts.first_tactic", module, *([] if snapshot else ["--no-snapshot"])]
    started = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # a pipe
        said = process.stdout.readline().strip()
        elapsed_s = time.perf_counter() - started
    if said != DONE:
        raise RuntimeError(f"the first tactic did not prove the theorem: {said or 'nothing was said'}")
    return elapsed_s


def _record_s() -> float:
    command = [sys.executable, "-m", "prover", "prove", STATEMENT, "--json"]
    started = time.perf_counter()
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    elapsed_s = time.perf_counter() - started
    if not json.loads(result.stdout)["proved"]:
        raise RuntimeError("the record does not say `proved`")
    return elapsed_s
