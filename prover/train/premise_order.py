"""Learn in which order to cite retrieved premises, from mined outcomes.

    python -m prover.train.premise_order OUTCOMES... --output FOLDER

OUTCOMES are folders of `prover mine outcomes`. The log-odds that a tactic closes its goal are those of its family plus
a soft maximum, over the premises that it cites, of a weighted sum of their features
(prover/policies/learned/premise_order.py). The weights go into FOLDER, for `--model small:FOLDER`.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import torch
import torch.nn.functional as F  # noqa: N812  # its usual name

from prover.core.held_out import is_held_out
from prover.policies.learned.premise_order import FEATURES, PREMISE_WEIGHTS
from prover.train.outcomes import mined_states

_NAME = re.compile(r"[^\W\d][\w'!?.]*")
HELD_OUT = 0.2
DECAY = 0.0003


@dataclass(frozen=True, slots=True)
class Citing:
    """An attempt that cites premises: its theorem and family, the features of each cited premise, whether it closed."""

    theorem: str
    family: str
    cited: tuple[tuple[float, ...], ...]
    closed: bool


def read_citing(folders: Sequence[Path]) -> list[Citing]:
    """Return the attempts of the runs that cite retrieved premises. None are of held-out theorems."""
    found = []
    for theorem, state in mined_states(folders):
        seen = {name: tuple(numbers) for name, numbers in state.get("retrieved", ()) if not is_held_out(name)}
        for family, _, tactic, status, *_ in state["attempts"]:
            names = dict.fromkeys(name.rstrip(".") for name in _NAME.findall(tactic))
            cited = tuple(seen[name] for name in names if name in seen)
            if cited:
                found.append(Citing(theorem, family, cited, status == "closed"))
    return found


class Worth(torch.nn.Module):
    """The log-odds that an attempt closes its goal."""

    def __init__(self, families: Sequence[str]) -> None:
        super().__init__()
        self._number = {family: at for at, family in enumerate(families)}
        self.usual = torch.nn.Parameter(torch.full((len(families) + 1,), -3.0, dtype=torch.float64))
        self.weights = torch.nn.Parameter(torch.zeros(len(FEATURES), dtype=torch.float64))

    def forward(self, attempts: Sequence[Citing], *, blind: bool = False) -> torch.Tensor:
        """Return one number for each attempt; `blind`: without the features of premises."""
        family = torch.tensor([self._number.get(attempt.family, -1) for attempt in attempts])
        if blind:
            return self.usual[family]
        most = max(len(attempt.cited) for attempt in attempts)
        rows = [[*attempt.cited, *[(0.0,) * len(FEATURES)] * (most - len(attempt.cited))] for attempt in attempts]
        worth = torch.tensor(rows, dtype=torch.float64) @ self.weights
        there = torch.tensor([[at < len(attempt.cited) for at in range(most)] for attempt in attempts])
        return self.usual[family] + worth.masked_fill(~there, -torch.inf).logsumexp(1) - there.sum(1).log()

    def fit(self, attempts: Sequence[Citing], *, blind: bool = False) -> None:
        """Fit to these attempts."""
        closed = torch.tensor([float(attempt.closed) for attempt in attempts], dtype=torch.float64)
        optimizer = torch.optim.LBFGS(self.parameters(), max_iter=200, line_search_fn="strong_wolfe")

        def loss() -> torch.Tensor:
            optimizer.zero_grad()
            nats = F.binary_cross_entropy_with_logits(self(attempts, blind=blind), closed)
            total = nats + DECAY * (self.weights.square().sum() + 0.01 * (self.usual + 3.0).square().sum())
            total.backward()
            return total

        optimizer.step(loss)

    @torch.no_grad()
    def nats(self, attempts: Sequence[Citing], *, blind: bool = False) -> float:
        """Return the mean cross-entropy in nats per attempt."""
        closed = torch.tensor([float(attempt.closed) for attempt in attempts], dtype=torch.float64)
        return float(F.binary_cross_entropy_with_logits(self(attempts, blind=blind), closed))


def held_out_nats(attempts: Sequence[Citing], families: Sequence[str], seed: int) -> tuple[float, float] | None:
    """Return nats per attempt on theorems left out of the fit: by family alone, and with the features."""
    theorems = sorted({attempt.theorem for attempt in attempts})
    held = set(random.Random(seed).sample(theorems, round(HELD_OUT * len(theorems))))
    learned = [attempt for attempt in attempts if attempt.theorem not in held]
    asked = [attempt for attempt in attempts if attempt.theorem in held]
    if not learned or not asked:
        return None
    nats = []
    for blind in (True, False):
        worth = Worth(families)
        worth.fit(learned, blind=blind)
        nats.append(worth.nats(asked, blind=blind))
    return nats[0], nats[1]


@click.command()
@click.argument("outcomes", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--output", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--seed", default=0, show_default=True)
def main(outcomes: tuple[Path, ...], output: Path, seed: int) -> None:
    """Learn and write the weights."""
    torch.set_num_threads(1)
    attempts = read_citing(outcomes)
    if not any(attempt.closed for attempt in attempts):
        raise click.UsageError("no attempt that cites premises closed a goal: mine more with `prover mine outcomes`")
    families = sorted({attempt.family for attempt in attempts})
    worth = Worth(families)
    worth.fit(attempts)
    held_out = held_out_nats(attempts, families, seed)
    weights = dict(zip(FEATURES, worth.weights.tolist(), strict=True))
    about = {
        "outcomes": [folder.name for folder in outcomes],
        "attempts": len(attempts),
        "closed": sum(attempt.closed for attempt in attempts),
        "theorems": sorted({attempt.theorem for attempt in attempts}),
        "held_out_nats": held_out and {"families": held_out[0], "premises": held_out[1]},
        "seed": seed,
    }
    text = json.dumps({"weights": {feature: round(w, 4) for feature, w in weights.items()}, "about": about})
    output.mkdir(parents=True, exist_ok=True)
    (output / PREMISE_WEIGHTS).write_text(text + "\n", encoding="utf-8")
    click.echo(f"{about['attempts']} attempts that cite premises, {about['closed']} closed; {output / PREMISE_WEIGHTS}")
    if held_out:
        click.echo(f"held out: {held_out[0]:.4f} nats an attempt by family, {held_out[1]:.4f} with features")


if __name__ == "__main__":
    main()
