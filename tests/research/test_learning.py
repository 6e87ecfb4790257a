"""How policies are compared, and that the experiments can be started at all."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from prover.train.outcomes import Attempt
from research.learned.replays import seconds_to_close
from research.learned.tables import budget_table, share_table
from tests.conftest import ROOT

pytestmark = pytest.mark.research
NEEDS_TORCH = {"train", "widen"}

PLACES = sorted(
    path.relative_to(ROOT).with_suffix("")
    for path in (ROOT / "research").rglob("*.py")
    if path.stem not in NEEDS_TORCH and path.stem != "__init__"
)


@pytest.mark.parametrize("name", [".".join(place.parts) for place in PLACES])
def test_experiment_can_be_imported(name: str) -> None:
    assert importlib.import_module(name).__doc__


def learned(**arms: float | None) -> dict[str, Any]:
    """Return a line of a comparison: for each arm the Lean seconds until its proof, or None."""
    found = {name: {"proved": s is not None, "lean_s": s or 9.0} for name, s in arms.items()}
    return {"problem": f"t{len(arms)}", "arms": found}


def test_policies_are_compared_in_pairs() -> None:
    rows = [learned(old=2.0, new=0.5) for _ in range(6)] + [learned(old=0.5, new=None), learned(old=None, new=None)]
    shown = budget_table(rows, ["old", "new"], "lean_s", [1.0, 3.0], "s")
    assert "| old | 1 | 7 |" in shown
    assert "| new | 6 | 6 |" in shown
    assert "| new over old | 6 : 1, 0.12 | 0 : 1, 1 |" in shown


def test_what_a_share_of_the_time_brings_counts_what_it_costs() -> None:
    rows = [{**learned(old=s), "problem": f"t{n}"} for n, s in enumerate([0.5, 1.8, 3.9, None])]
    others = [{**learned(new=s), "problem": f"t{n}"} for n, s in enumerate([None, None, 0.4, 0.9, 0.1])]
    shown = share_table(rows, others, ["new"])
    assert shown.startswith("4 theorems that both runs have:")
    assert "| old alone | 2 | 3 | 3 | 3 | 3 |" in shown
    assert "| of them 0.5 s for new | 2 | 3 | 3 | 3 | 3 |" in shown  # loses what took 1.8 s, wins what takes it 0.4
    assert "| of them 1 s for new | 3 | 4 | 4 | 4 | 4 |" in shown
    assert "| of them 2 s for new |  | 4 | 4 | 4 | 4 |" in shown


def test_the_seconds_until_one_closes() -> None:
    failed, closes = Attempt("a", 0, False, False, 0.1), Attempt("b", 0, True, False, 0.2)
    assert seconds_to_close([failed, closes], [1, 0]) == pytest.approx(0.204)
    assert seconds_to_close([failed, closes], [0, 1]) == pytest.approx(0.308)
    assert seconds_to_close([failed], [0]) == float("inf")
