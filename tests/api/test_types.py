"""What a type checker makes of the public API: `make check` reads this file, an unused `ignore` is an error there."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from typing import TYPE_CHECKING, assert_never, assert_type

import prover
from prover import (
    Advanced,
    AsyncProver,
    AsyncSession,
    Closed,
    FillReport,
    GaveUp,
    InvalidTheoremError,
    Isabelle,
    Lean,
    LeanProject,
    ProofEnvironment,
    ProofRecord,
    ProofState,
    Prover,
    Rejected,
    Session,
    Suggestions,
    TacticGenerator,
    TacticOutcome,
    TimedOut,
    Verification,
)

if TYPE_CHECKING:
    from examples.own_environment import Counting
    from examples.own_policy import ByShape


def sync(statements: list[str]) -> None:
    assert_type(prover.prove("", model="http://localhost:8000", effort=3, timeout_s=1.5), ProofRecord)
    assert_type(prover.verify("", against=""), Verification)
    with Lean(policy="closers") as lean, lean.open("") as session:
        assert_type(lean, Lean)
        assert_type(session, Session)
        assert_type(session.initial, ProofState)
        assert_type(session.run(session.initial, ""), TacticOutcome)
        assert_type(session.run_all(session.initial, [""]), list[TacticOutcome])
        assert_type(session.verify(session.tactics_to(session.initial)), Verification)
        assert_type(lean.prove_many(statements, workers=2), Iterator[ProofRecord])
        assert_type(lean.prove_many(statements, return_exceptions=True), Iterator[ProofRecord | InvalidTheoremError])
        assert_type(lean.fill(""), FillReport)
        assert_type(lean.suggest(session.initial), Suggestions)
    lean.prove("", depth=3)  # type: ignore[call-arg]
    lean.prove("", effort="3")  # type: ignore[arg-type]
    lean.prove("", policy=3)  # type: ignore[arg-type]


async def awaited(statements: list[str]) -> None:
    assert_type(await prover.aprove("", seed=1), ProofRecord)
    async with LeanProject("") as lean, lean.open("") as session:
        assert_type(lean, AsyncProver)
        assert_type(session, AsyncSession)
        assert_type(await session.run(session.initial, ""), TacticOutcome)
        assert_type(lean.prove_many(statements), AsyncGenerator[ProofRecord, None])
    async with Isabelle("localhost:8000") as isabelle:
        assert_type(await isabelle.prove(""), ProofRecord)


def outcome(found: TacticOutcome) -> str:
    match found:
        case Advanced(state):
            return assert_type(state, ProofState).text
        case Closed():
            return "closed"
        case Rejected(message) | GaveUp(message) | TimedOut(message):
            return assert_type(message, str)
        case _:
            assert_never(found)


def own() -> None:
    policy: TacticGenerator = ByShape()
    environment: ProofEnvironment = Counting()
    Prover(environment, policy=policy)
    Prover(policy)  # type: ignore[arg-type]


def test_outcomes_are_told_apart() -> None:
    assert [outcome(found) for found in (Closed(), Rejected("no"))] == ["closed", "no"]
