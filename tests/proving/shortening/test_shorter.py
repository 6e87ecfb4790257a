"""What becomes of proofs, in a session where it is plain what they need."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from prover.proving.shortening.layout import laid_out
from prover.proving.shortening.shorter import Shortener
from prover.proving.shortening.trials import KnownOutcomes, Trials
from tests.proving.shortening.facts import COST, FactsSession


async def shorter(wanted: str, tactics: Sequence[str], *, effort: float = 10.0, answers: Sequence[str] = ()) -> str:
    """Return a proof made shorter, as it is laid out."""
    session = FactsSession(wanted)
    trials = Trials(session, KnownOutcomes(), effort=math.inf, timeout_s=1)
    proof = await trials.prove(session.initial, tactics, most=math.inf)
    assert proof is not None
    before = trials.spent
    trials.effort = effort + before
    kept = await Shortener(trials, answers).shorter(proof)
    assert trials.spent - before <= effort + 1e-9
    trials.effort = math.inf
    assert await trials.prove(session.initial, kept.tactics, most=math.inf) == kept
    return "\n".join(laid_out(kept))


@pytest.mark.parametrize(
    ("wanted", "tactics", "kept"),
    [
        ("one", ["have a", "have c", "skip", "use one [a]"], "have a\nuse one [a]"),
        ("one", ["have c", "have a", *(f"have x{n}" for n in range(20)), "use one [a]"], "have a\nuse one [a]"),
        ("two", ["have a", "have b", "use two [a, b]"], "have a\nhave b\nuse two [a, b]"),
        ("two", ["intro a", "skip", "intro b", "use two [a, b]"], "intro a b\nuse two [a, b]"),
        ("one", ["have a", "use one [a] <;> skip"], "have a\nuse one [a]"),
        ("one", ["have a", "(use one [a])"], "have a\nuse one [a]"),
        ("easy", ["have a", "have b", "grind"], "grind"),
        ("easy", ["skip", "exact?"], "grind"),
        ("one+easy", ["have b", "split", "have a", "use one [a]", "skip", "grind"],
         "split\n· have a\n  use one [a]\n· grind"),
        ("easy+easy", ["split", "skip", "grind", "grind"], "split <;> grind"),
        ("one+two", ["have a", "split", "skip", "finish"], "split\nskip\nfinish"),
        ("one+two", ["have a", "have b", "split", "use one [a]", "use two [a, b]"],
         "have a\nhave b\nsplit\n· use one [a]\n· use two [a, b]"),
    ],
)  # fmt: skip
async def test_what_a_proof_does_not_need_goes_and_what_it_needs_stays(
    wanted: str, tactics: list[str], kept: str
) -> None:
    assert await shorter(wanted, tactics) == kept


async def test_answer_of_a_search_takes_its_place_even_if_it_is_longer() -> None:
    assert await shorter("one", ["have a", "exact?"], answers=["use two [a, b]", "use one [a]"]) == (
        "have a\nuse one [a]"
    )
    assert await shorter("one", ["exact?"]) == "exact?"  # nothing else is known


@pytest.mark.parametrize("trials", [0, 1, 3, 7])
async def test_no_more_effort_is_spent_than_allowed(trials: int) -> None:
    tactics = ["have a", *(f"have x{n}" for n in range(6)), "use one [a]"]
    kept = await shorter("one", tactics, effort=trials * COST)  # which looks at what was spent
    assert kept.endswith("use one [a]")
    assert trials or kept == "\n".join(tactics)


async def test_what_the_search_has_tried_is_not_tried_again() -> None:
    session, known = FactsSession("easy"), KnownOutcomes()
    trials = Trials(session, known, effort=10, timeout_s=1)
    proof = await trials.prove(session.initial, ["have a", "grind"], most=math.inf)
    assert proof is not None
    session.tried.clear()
    assert await trials.prove(session.initial, ["have a", "grind"], most=0) == proof
    assert not session.tried


async def test_tactic_that_closes_other_goals_as_well_proves_no_single_one() -> None:
    session = FactsSession("one+easy")
    trials = Trials(session, KnownOutcomes(), effort=10, timeout_s=1)
    both = await trials.outcome(session.initial, "split", most=1)
    assert both
    assert both.after
    assert await trials.prove(both.after, ["finish", "skip"], most=1) is None
    assert await trials.prove(both.after, ["exact?", "skip"], most=1)
