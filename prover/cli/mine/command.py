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

    Leaves out what is held out for evaluation: miniF2F, and a tenth of the library's theorems, chosen by name. A run
    can be killed at any time; the same command with --resume continues it.
    """


for command in (statements, traces, outcomes, project):
    mine.add_command(command)
