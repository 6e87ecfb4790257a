"""The last line of an attempt without a verdict says what would help this statement."""

from __future__ import annotations

from typing import Any

import pytest

from prover.core.budget import SearchBudget
from prover.core.effort import Limit
from prover.core.proof_state import Goal, ProofState, Rejected, TacticOutcome, TimedOut
from prover.core.record import ProofRecord, SearchResult, SearchStatistics, StopReason, Verification
from prover.policies.generator import TacticCandidate
from prover.proving.advice import AskedFor, advice
from prover.search.events import Tried
from prover.search.frontier import Node

LEAN = "lean4@4.28.0-pre+core.wasm32"
MODEL = "closers@2[16] + llm(qwen, bfs-prover, 32×1, T=1)[32]"
EXHAUSTED = SearchResult(stop=StopReason.EXHAUSTED)


def record(search: SearchResult = EXHAUSTED, **members: Any) -> ProofRecord:
    named = {"statement": "theorem t (n : Nat) : n = n", "environment": LEAN, "policy": "closers@2"} | members
    return ProofRecord(
        prover_version="0", name="t", digest="", budget=SearchBudget(), search=search, **named
    )  # fmt: skip


def spent(limit: Limit) -> SearchResult:
    return SearchResult(stop=StopReason.BUDGET_SPENT, limit=limit)


def kind(found: ProofRecord, asked_for: tuple[str, ...] = ()) -> str | None:
    given = advice(found, asked_for)
    return given.kind if given else None


@pytest.mark.parametrize("limit", [Limit.EFFORT, Limit.TIME, Limit.EXPANSIONS])
def test_while_states_are_waiting_more_of_what_ran_out_helps(limit: Limit) -> None:
    assert kind(record(spent(limit))) == str(limit)
    assert kind(record(spent(limit), policy=MODEL)) == str(limit)


def test_when_nothing_is_left_a_model_helps_those_who_asked_none() -> None:
    assert kind(record()) == "model"
    assert kind(record(policy="scripted:omega;;llm(x)")) == "model"
    assert kind(record(policy=MODEL)) == "form"


def test_tactics_that_ran_out_of_effort_come_before_a_model() -> None:
    search = SearchResult(stop=StopReason.EXHAUSTED, statistics=SearchStatistics(out_of_effort=2))
    given = advice(record(search))
    assert given is not None
    assert given.kind == "tactic_effort"
    assert "2 tactics" in given.words


@pytest.mark.parametrize(
    ("environment", "expected"),
    [(LEAN, "mathlib"), ("lean4@4.20.0+mathlib@abc", "model"), ("isabelle@2024", "model")],
)
def test_mathlib_helps_where_tactics_ask_for_it_and_it_is_not_there(environment: str, expected: str) -> None:
    assert kind(record(environment=environment), ("sq_nonneg",)) == expected


def test_names_are_told() -> None:
    given = advice(record(), ("nlinarith", "sq_nonneg"))
    assert given is not None
    assert "`nlinarith`, `sq_nonneg`" in given.words


@pytest.mark.parametrize(
    ("header", "statement", "told"),
    [
        ("partial def f (n : Nat) : Nat := f (n + 1)", "theorem t (n : Nat) : f n = 0", "`f` is a `partial def`"),
        ("opaque secret : Nat", "theorem t : secret = secret + 0", "`secret` is opaque"),
        ("unsafe def g : Nat := 1", "theorem t : g = 1", "`g` is a `unsafe def`"),
        ("", "theorem t (x y : Float) : x + y = y + x", "`Float`"),
    ],
)
def test_what_no_tactic_can_look_into_needs_another_form(header: str, statement: str, told: str) -> None:
    given = advice(record(spent(Limit.EFFORT), header=header, statement=statement))
    assert given is not None
    assert given.kind == "form"
    assert told in given.words


@pytest.mark.parametrize(
    ("header", "statement"),
    [
        ("partial def f (n : Nat) : Nat := f (n + 1)", "theorem t (f' : Nat) : f' = f' + 0"),
        ("def f (n : Nat) := n", "theorem t (n : Nat) : f n = n"),
        ("", "theorem t (n : Nat) : MyFloat n = MyFloat.Float n"),
    ],
)
def test_other_statements_do_not(header: str, statement: str) -> None:
    assert kind(record(header=header, statement=statement)) == "model"


def test_no_advice_where_there_is_a_verdict_or_the_user_stopped() -> None:
    accepted = Verification(accepted=True, environment=LEAN)
    assert advice(record(SearchResult(stop=StopReason.FOUND), verification=accepted)) is None
    assert advice(record(SearchResult(stop=StopReason.CANCELLED))) is None


def test_names_asked_for_most_often_are_counted_from_rejections_alone() -> None:
    asked_for = AskedFor()
    node = Node(ProofState((Goal("⊢ p"),)))

    def tried(tactic: str, outcome: TacticOutcome) -> None:
        asked_for(Tried(node, TacticCandidate(tactic, -1.0, "model"), outcome, False))

    tried("exact pow_pos h", Rejected("Unknown identifier `pow_pos`"))
    for _ in range(2):
        tried("nlinarith [sq_nonneg x]", Rejected("unknown tactic"))
    tried("exact foo_bar", TimedOut("Unknown identifier `foo_bar`"))
    tried("exact h₇", Rejected("Unknown identifier `h₇`"))
    assert asked_for.names == ("nlinarith", "pow_pos")
