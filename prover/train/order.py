"""Learn an order of the closers' candidates from mined outcomes: one table, the same for all goals.

    python -m prover.train.order OUTCOMES... --output FOLDER

OUTCOMES are folders of `prover mine outcomes`. The table (prover/ranking.py) goes into FOLDER, beside the model that
writes steps, if there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import torch
import torch.nn.functional as F  # noqa: N812  # its usual name

from prover.ranking import TABLE, FamilyTable
from prover.train.outcomes import State, ranked_families, read_states

PLACES = 6
SPREAD = 1.5
"""Log-odds: how far those of a family are expected to be from what its rate says."""
PSEUDO_ATTEMPTS = 5.0


def learned_table(states: Sequence[State], families: Sequence[str]) -> FamilyTable:
    """Return the likeliest table: a logistic regression on family and place, and the mean seconds of each family.

    A family of few attempts is drawn towards all others: it counts as if it had PSEUDO_ATTEMPTS more like the mean.
    """
    number = {family: at for at, family in enumerate(families)}
    tried = [attempt for state in states for attempt in state.attempts if attempt.family in number]
    family = torch.tensor([number[attempt.family] for attempt in tried])
    place = torch.tensor([min(attempt.place, PLACES - 1) for attempt in tried])
    closed = torch.tensor([float(attempt.closed) for attempt in tried], dtype=torch.float64)
    seconds = torch.tensor([attempt.seconds for attempt in tried], dtype=torch.float64)

    def shrunk(values: torch.Tensor) -> torch.Tensor:
        sums = torch.zeros(len(families), dtype=torch.float64).index_add_(0, family, values)
        return (sums + PSEUDO_ATTEMPTS * values.mean()) / (family.bincount(minlength=len(families)) + PSEUDO_ATTEMPTS)

    usual = torch.logit(shrunk(closed), eps=1e-4)
    odds = usual.clone().requires_grad_()
    later = torch.zeros(PLACES - 1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([odds, later], max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        logits = odds[family] + torch.cat((later.new_zeros(1), later))[place]
        unlikely = ((odds - usual) / SPREAD).square().sum() / 2 + later.square().sum() / 2
        total = (F.binary_cross_entropy_with_logits(logits, closed, reduction="sum") + unlikely) / len(tried)
        total.backward()
        return total

    optimizer.step(loss)

    def rounded(values: torch.Tensor) -> tuple[float, ...]:
        return tuple(round(value, 4) for value in values.tolist())

    return FamilyTable(tuple(families), rounded(odds), (0.0, *rounded(later)), rounded(shrunk(seconds)))


@click.command()
@click.argument("outcomes", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--output", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--fewest", default=20, show_default=True, help="Attempts of a family that is ordered.")
def main(outcomes: tuple[Path, ...], output: Path, fewest: int) -> None:
    """Learn and write the table."""
    torch.set_num_threads(1)
    states = read_states(outcomes)
    families = ranked_families(states, fewest)
    states = [state for state in states if any(attempt.family in families for attempt in state.attempts)]
    if not states:
        raise click.UsageError("too few attempts to learn from: mine more with `prover mine outcomes`")
    theorems = sorted({state.theorem for state in states})
    attempts = sum(attempt.family in families for state in states for attempt in state.attempts)
    output.mkdir(parents=True, exist_ok=True)
    learned_table(states, families).write(
        output,
        {
            "outcomes": [folder.name for folder in outcomes],
            "states": len(states),
            "attempts": attempts,
            "theorems": theorems,
        },
    )
    click.echo(
        f"{len(families)} families from {attempts} attempts at {len(states)} states of {len(theorems)} theorems; "
        f"{output / TABLE}"
    )


if __name__ == "__main__":
    main()
