"""`prover mine`: statements, proofs and proof steps to learn from."""

from __future__ import annotations

import click

from prover.cli.mine.outcomes import outcomes
from prover.cli.mine.project import project
from prover.cli.mine.statements import statements
from prover.cli.mine.traces import traces


@click.group()
def mine() -> None:
    """Mine training data with the embedded Lean.

    Nothing is mined of what is reserved for evaluation: a tenth of the library's theorems by name, and miniF2F. Kill a
    run at any time; the same command with --resume goes on.
    """


for command in (statements, traces, outcomes, project):
    mine.add_command(command)
