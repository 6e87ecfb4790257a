"""Measurements of the embedded Lean, one result file per part.

python -m benchmarks.embedded_lean [--only PART] [--quick] [--stock]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console

from benchmarks.parts.memory import measure_memory
from benchmarks.parts.options import TACTIC_TIMEOUT_S, Options
from benchmarks.parts.recovery import measure_recovery
from benchmarks.parts.round_trip import measure_round_trip
from benchmarks.parts.scaling import measure_scaling
from benchmarks.parts.start import measure_imports, measure_start
from benchmarks.report import RESULTS, Findings, Report
from prover.bench.conditions import hardware
from prover.environments.lean_wasm.environment import TACTIC_HEARTBEATS
from prover.environments.lean_wasm.install import DEFAULT_IMPORTS, Installation
from prover.errors import ProverError
from prover.settings import Settings

PARTS: dict[str, Callable[[Options], Findings]] = {
    "start": measure_start,
    "imports": measure_imports,
    "round-trip": measure_round_trip,
    "recovery": measure_recovery,
    "scaling": measure_scaling,
    "memory": measure_memory,
}


@click.command()
@click.option("--only", "parts", type=click.Choice(list(PARTS)), multiple=True, help="Only this part; may be repeated.")
@click.option("--quick", is_flag=True, help="A tenth of the work, to see that everything runs.")
@click.option("--stock", is_flag=True, help="Start the npm package as published beside ours (part `start`; minutes).")
@click.option("--seed", default=0, show_default=True, help="Order of the mixed tactics.")
@click.option("--output", type=click.Path(path_type=Path), default=RESULTS, help="Folder of the results.")
def main(parts: tuple[str, ...], quick: bool, stock: bool, seed: int, output: Path) -> None:
    """Measure the embedded Lean; print a Markdown table per part and write it as JSON."""
    out = Console(highlight=False, soft_wrap=True)

    def say(text: str) -> None:
        out.print(text, markup=False)

    installation = Installation.in_cache(Settings().cache_dir)
    try:
        installation.require()
        installation.ensure_snapshot(DEFAULT_IMPORTS)
    except ProverError as error:
        raise click.ClickException(str(error)) from error
    options = Options(installation, seed=seed, quick=quick, stock=stock, say=say)
    for part in parts or PARTS:
        say(f"# {part}")
        machine = hardware()
        findings = PARTS[part](options)
        report = Report(
            name=f"embedded-lean-{part}{'-quick' if quick else ''}",
            command=" ".join(["python -m benchmarks.embedded_lean", *sys.argv[1:]]),
            seed=seed,
            budget={"tactic_timeout_s": TACTIC_TIMEOUT_S, "heartbeats": TACTIC_HEARTBEATS},
            hardware=machine,
            rows=findings.rows,
            notes=findings.notes,
        )
        path = report.save(output)
        say(f"\n{report.markdown()}\n\nwritten to {path}\n")


if __name__ == "__main__":
    main()
