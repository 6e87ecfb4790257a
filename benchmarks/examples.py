"""Prove the examples of examples.lean one after the other, as `make prove` does.

    python -m benchmarks.examples

Exit status 1 if a theorem is not proved.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

import prover
from prover.core.axioms import axioms_in_words

EXAMPLES = Path(__file__).parent / "examples.lean"
TITLE = re.compile(r"^-- # .*$", re.MULTILINE)
EFFORT = 30.0


def prove_examples(out: Console) -> bool:
    """Prove all with one Lean; returns whether all are proved."""
    statements = TITLE.split(EXAMPLES.read_text())[1:]  # the text before the first title is for the reader
    started = time.monotonic()
    proved = 0
    with prover.Lean(policy="ranked") as lean:
        for statement in statements:
            record = lean.prove(statement, effort=EFFORT)
            proved += record.proved
            out.print(line(record))
    out.print(f"{proved} of {len(statements)} proved and verified in {time.monotonic() - started:.1f} s")
    return proved == len(statements)


def line(record: prover.ProofRecord) -> Text:
    """Return the result of one theorem as a line."""
    name, elapsed = f"   {record.name:<20}   ", f"   {record.elapsed_s:.1f} s"
    if record.verification is None or not record.proved:
        return Text.assemble(("not proved", "bold yellow"), name, record.search.stop.replace("_", " "), elapsed)
    tactics = "; ".join(" ".join(tactic.split()) for tactic in record.proof_tactics)
    axioms = axioms_in_words(record.verification.axioms, with_library=record.verification.rests_on_library)
    return Text.assemble(("proved", "bold green"), name, f"{tactics:<38}", elapsed, f"   {axioms}")


def main() -> None:
    """Prove them; an error is one line and exit status 1."""
    out = Console(highlight=False, soft_wrap=True)
    try:
        sys.exit(0 if prove_examples(out) else 1)
    except prover.ProverError as error:
        Console(stderr=True).print(f"error: {error}", markup=False, soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
