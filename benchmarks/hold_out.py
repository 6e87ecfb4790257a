"""Write the digests that keep miniF2F out of training data: prover/core/held_out_minif2f.json.

    python -m benchmarks.hold_out MINIF2F...

Each MINIF2F is a folder with miniF2F in any of its versions (Lean 3, Lean 4 or Isabelle files) or a JSON Lines file
of problems. Existing digests stay: versions differ in their texts, and all must be recognised.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import click

from prover.bench.problem_sets import read_problems
from prover.core.held_out import MINIF2F, name_digest, statement_digest

THEOREM = re.compile(r"^(?:theorem|lemma)\s+([\w.'\"-]+)", re.MULTILINE)


def theorems(path: Path) -> Iterator[tuple[str, str]]:
    """Yield names and statements; statements only for Lean."""
    if path.is_file():
        for problem in read_problems(str(path)):
            yield problem.name, problem.statement
        return
    for file in sorted(path.rglob("*")):
        if file.suffix in {".lean", ".thy"}:
            text = file.read_text(encoding="utf-8")
            found = list(THEOREM.finditer(text))
            starts = [*(match.start() for match in found), len(text)]
            for match, (start, end) in zip(found, itertools.pairwise(starts), strict=True):
                name = match[1].strip('"')
                if file.suffix == ".lean":
                    yield name, text[start:end]
                elif name.lower() == file.stem.lower():  # Isabelle's files also have auxiliary lemmas
                    yield name, ""


@click.command()
@click.argument("versions", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="MINIF2F...")
def main(versions: tuple[Path, ...]) -> None:
    """Add versions of miniF2F to the digests."""
    known = json.loads(MINIF2F.read_text()) if MINIF2F.exists() else {"names": [], "statements": []}
    names, statements = set(known["names"]), set(known["statements"])
    for version in versions:
        for name, statement in theorems(version):
            names.add(name_digest(name))
            if statement:
                statements.add(statement_digest(statement))
    MINIF2F.write_text(json.dumps({"names": sorted(names), "statements": sorted(statements)}, indent=0) + "\n")
    click.echo(f"{len(names)} names and {len(statements)} statements in {MINIF2F}")


if __name__ == "__main__":
    main()
