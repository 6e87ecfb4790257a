"""What `prover mine traces` and `prover mine outcomes` work on: problems of a file, or the library's theorems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prover.bench.problem_sets import Problem, read_problems
from prover.cli.show import console

if TYPE_CHECKING:
    from prover.core.library import Library
    from prover.data.mining.statements import LibraryStatement
    from prover.data.mining.traces import MiningPremises

LIBRARY = "library"


def problems_to_mine(
    name: str, imports: str, library: Library, premises: MiningPremises
) -> list[LibraryStatement | Problem]:
    """Return what is not held out for evaluation: of the file with that name, or of the library for `library`."""
    from prover.data.mining.statements import library_statements
    from prover.data.mining.traces import may_be_mined

    if name == LIBRARY:
        return list(library_statements(library, (imports,)))
    kept = premises.held_out_of(library)
    rows = [row for row in read_problems(name) if not row.canary]
    free = [row for row in rows if may_be_mined(row, kept)]
    if len(free) < len(rows):
        console.print(f"{len(rows) - len(free)} of {len(rows)} problems are held out for evaluation: left out")
    return list(free)
