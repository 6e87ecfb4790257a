"""Prove the examples of examples.lean, one after the other, and say how it went; what `make prove` runs.

    python -m benchmarks.examples

Exit status 1 if a theorem is not proved.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

from prover.assembly.environments import lean_environment
from prover.assembly.policies import closers
from prover.core.axioms import axioms_in_words
from prover.core.budget import SearchBudget
from prover.core.record import ProofRecord
from prover.core.theorem import Theorem
from prover.errors import ProverError
from prover.proving.prove import prove_theorem
from prover.settings import Settings

EXAMPLES = Path(__file__).parent / "examples.lean"
TITLE = re.compile(r"^-- # .*$", re.MULTILINE)
BUDGET = SearchBudget(effort=30)


def read_examples(text: str) -> list[Theorem]:
    """Return the statement under each title; what stands before the first title is for the reader."""
    return [Theorem.from_text(statement) for statement in TITLE.split(text)[1:]]


async def prove_examples(out: Console) -> bool:
    """Prove all with one environment; returns whether all are proved."""
    theorems = read_examples(EXAMPLES.read_text())
    generator = closers()
    environment = lean_environment(Settings())
    started = time.monotonic()
    proved = 0
    try:
        for theorem in theorems:
            record = await prove_theorem(theorem, environment=environment, generator=generator, budget=BUDGET)
            proved += record.proved
            out.print(line(record))
    finally:
        await environment.close()
    out.print(f"{proved} of {len(theorems)} proved and verified in {time.monotonic() - started:.1f} s")
    return proved == len(theorems)


def line(record: ProofRecord) -> Text:
    """Say in one line what became of a theorem."""
    name, elapsed = f"   {record.name:<20}   ", f"   {record.elapsed_s:.1f} s"
    if record.verification is None or not record.proved:
        return Text.assemble(("not proved", "bold yellow"), name, record.search.stop.replace("_", " "), elapsed)
    tactics = "; ".join(" ".join(tactic.split()) for tactic in record.search.tactics or ())
    axioms = axioms_in_words(record.verification.axioms, with_library=record.verification.rests_on_library)
    return Text.assemble(("proved", "bold green"), name, f"{tactics:<38}", elapsed, f"   {axioms}")


def main() -> None:
    """Run, and turn errors into a line and an exit status."""
    out = Console(highlight=False, soft_wrap=True)
    try:
        sys.exit(0 if asyncio.run(prove_examples(out)) else 1)
    except ProverError as error:
        Console(stderr=True).print(f"error: {error}", markup=False, soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
