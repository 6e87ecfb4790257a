"""Learn an order of the closers' candidates from mined outcomes, for all goals or for those of one kind.

    python -m prover.train.tactic_order OUTCOMES... [--kind own] --output FOLDER

OUTCOMES are folders of `prover mine outcomes`; each counts the same, whatever its size. The order
(prover/policies/learned/tactic_order.py) goes into FOLDER, for `--model small:FOLDER`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from statistics import fmean

import click

from prover.policies.goal_kinds import GoalKind
from prover.policies.learned.tactic_order import OVERHEAD_S, TacticOrder, file_of
from prover.train.outcomes import Attempt, State, ranked_families, read_states

PLACES = 6
"""Places told apart within a family; the last stands for all later ones."""
FAMILY_PSEUDO, PSEUDO = 5.0, 100.0
"""Pseudo-counts: attempts at the mean rate added to a family, attempts at the family's rate added to a candidate."""
HARD = 10.0
"""Weight of a state that no automation closes. There are few of them, and they are what a search is for."""

Candidate = tuple[str, int]  # a family, and the place in it


def learned_order(runs: Sequence[Sequence[State]], families: Collection[str]) -> TacticOrder:
    """Return the greedy order: first what closes most states a second, then what closes most of those that are left.

    Few candidates were tried at each state, and the further the order goes, the fewer states are left. So each rate is
    shrunk towards the one expected of its family and place, scaled by how much worse all candidates do on what is left.
    """
    left = [_tried(state, families) for states in runs for state in states]
    usual, seconds = _usual(left)
    shares = [len(left) / len(runs) / len(states) for states in runs for _ in states]
    weights = [
        share * (1.0 if _automation_closes(attempts) else HARD) for share, attempts in zip(shares, left, strict=True)
    ]
    ranked: list[Candidate] = []
    while waiting := sorted(usual.keys() - set(ranked)):
        tries, closed = _counts(left, weights)
        expected = sum(usual[candidate] * tries[candidate] for candidate in waiting)
        harder = min(1.0, (sum(closed[candidate] for candidate in waiting) + 1) / (expected + 1))

        def worth(candidate: Candidate) -> float:
            rate = (closed[candidate] + PSEUDO * harder * usual[candidate]) / (tries[candidate] + PSEUDO)  # noqa: B023
            return rate / seconds[candidate]

        best = max(waiting, key=worth)
        ranked.append(best)
        kept = [at for at, attempts in enumerate(left) if best not in attempts or not attempts[best].closed]
        left, weights = [left[at] for at in kept], [weights[at] for at in kept]
    return TacticOrder(tuple(ranked))


def _tried(state: State, families: Collection[str]) -> dict[Candidate, Attempt]:
    return {
        (attempt.family, min(attempt.place, PLACES - 1)): attempt
        for attempt in state.attempts
        if attempt.family in families
    }


def _automation_closes(attempts: Mapping[Candidate, Attempt]) -> bool:
    return any(attempt.closed and family.startswith("automation: ") for (family, _), attempt in attempts.items())


def _counts(
    tried: Sequence[Mapping[Candidate, Attempt]], weights: Sequence[float]
) -> tuple[defaultdict[Candidate, float], defaultdict[Candidate, float]]:
    """Return how often each was tried, and how often it closed the goal, by weight."""
    tries: defaultdict[Candidate, float] = defaultdict(float)
    closed: defaultdict[Candidate, float] = defaultdict(float)
    for attempts, weight in zip(tried, weights, strict=True):
        for candidate, attempt in attempts.items():
            tries[candidate] += weight
            closed[candidate] += weight * attempt.closed
    return tries, closed


def _usual(tried: Sequence[Mapping[Candidate, Attempt]]) -> tuple[dict[Candidate, float], dict[Candidate, float]]:
    """Return how often a candidate of that family at that place closes its goal, and the seconds that it costs.

    The rate is the family's, times what the place makes of it in all families.
    """
    by_family: defaultdict[str, list[Attempt]] = defaultdict(list)
    by_place: defaultdict[int, list[Attempt]] = defaultdict(list)
    for attempts in tried:
        for (family, place), attempt in attempts.items():
            by_family[family].append(attempt)
            by_place[place].append(attempt)
    everything = [attempt for attempts in by_family.values() for attempt in attempts]
    mean, mean_s = fmean(a.closed for a in everything), fmean(a.seconds for a in everything)
    rate = {family: _shrunk([a.closed for a in own], mean) for family, own in by_family.items()}
    cost = {family: _shrunk([a.seconds for a in own], mean_s) for family, own in by_family.items()}
    found = {
        place: (sum(a.closed for a in there) + 1) / (sum(rate[a.family] for a in there) + 1)
        for place, there in by_place.items()
    }
    last: defaultdict[str, int] = defaultdict(int)
    for family, place in (candidate for attempts in tried for candidate in attempts):
        last[family] = max(place, last[family])
    candidates = [(family, place) for family, most in last.items() for place in range(most + 1)]
    usual = {(family, place): rate[family] * found.get(place, 1.0) for family, place in candidates}
    return usual, {(family, place): cost[family] + OVERHEAD_S for family, place in candidates}


def _shrunk(values: Sequence[float], mean: float) -> float:
    return (sum(values) + FAMILY_PSEUDO * mean) / (len(values) + FAMILY_PSEUDO)


@click.command()
@click.argument("outcomes", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--output", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--kind", type=click.Choice([kind.value for kind in GoalKind]), help="Learn from and for such goals only."
)
@click.option("--fewest", default=20, show_default=True, help="Attempts of a family that is ordered.")
def main(outcomes: tuple[Path, ...], output: Path, kind: str | None, fewest: int) -> None:
    """Learn and write the order."""
    goals = GoalKind(kind) if kind else None
    read = [[s for s in read_states([folder]) if goals in {None, s.kind}] for folder in outcomes]
    families = ranked_families([state for states in read for state in states], fewest)
    runs = [[state for state in states if any(a.family in families for a in state.attempts)] for states in read]
    if not all(runs):
        raise click.UsageError("too few attempts to learn from: mine more with `prover mine outcomes`")
    states = [state for of_run in runs for state in of_run]
    theorems = sorted({state.theorem for state in states})
    attempts = sum(attempt.family in families for state in states for attempt in state.attempts)
    output.mkdir(parents=True, exist_ok=True)
    learned_order(runs, families).write(
        output,
        {
            "outcomes": [folder.name for folder in outcomes],
            "states": len(states),
            "attempts": attempts,
            "theorems": theorems,
        },
        goals,
    )
    click.echo(
        f"{len(families)} families from {attempts} attempts at {len(states)} states of {len(theorems)} theorems; "
        f"{output / file_of(goals)}"
    )


if __name__ == "__main__":
    main()
