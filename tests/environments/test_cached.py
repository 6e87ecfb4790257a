"""What was tried once is not tried again, and what the cache says never goes unchecked."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from prover.core.effort import Limit
from prover.core.proof_state import Advanced, Closed, ProofState, Rejected, TacticOutcome, TimedOut
from prover.core.theorem import Theorem
from prover.environments.cached import CachedEnvironment
from prover.environments.environment import ProofEnvironment, ProofSession, verified_later
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.toy import ToyEnvironment, ToySession
from prover.policies.automation.closers import ClosersPolicy
from prover.proving.prove import prove_theorem
from prover.storage.cache import MemoryCache

TASK = Theorem.from_text("theorem t : 2 to 5")


class Counting(ToyEnvironment):
    """Remembers what was really tried."""

    def __init__(self) -> None:
        self.tried: list[str] = []

    @asynccontextmanager
    async def open(self, theorem: Theorem, *, timeout_s: float = 60.0) -> AsyncIterator[ToySession]:
        async with super().open(theorem, timeout_s=timeout_s) as session:
            really = session.apply

            async def apply(
                state: ProofState,
                tactics: Sequence[str],
                *,
                timeout_s: float,
                effort: float | Sequence[float] = math.inf,
                deadline_s: float = math.inf,
                effort_left: float = math.inf,
            ) -> list[TacticOutcome]:
                self.tried += tactics
                return await really(
                    state, tactics, timeout_s=timeout_s, effort=effort, deadline_s=deadline_s, effort_left=effort_left
                )

            session.apply = apply  # type: ignore[method-assign]
            yield session


async def walk(session: ProofSession, *batches: list[str]) -> list[TacticOutcome]:
    """Try batches of tactics; each goes on from the first state that the one before reached."""
    state, seen = session.initial, []
    for batch in batches:
        outcomes = await session.apply(state, batch, timeout_s=300)
        seen += outcomes
        state = next((o.state for o in outcomes if isinstance(o, Advanced)), state)
    return seen


async def test_second_time_nothing_is_tried() -> None:
    inner = Counting()
    environment = CachedEnvironment(inner, MemoryCache())
    batches = ["add 1", "add x", "sorry"], ["add 2", "nonsense"], ["done"]
    async with environment.open(TASK) as session:
        first = await walk(session, *batches)
    assert len(inner.tried) == 6
    inner.tried.clear()
    async with environment.open(TASK) as session:
        assert await walk(session, *batches) == first
    assert inner.tried == []
    assert isinstance(first[-1], Closed)


async def test_state_from_the_cache_is_made_when_something_new_is_tried_on_it() -> None:
    inner = Counting()
    environment = CachedEnvironment(inner, MemoryCache())
    async with environment.open(TASK) as session:
        await walk(session, ["add 1"], ["add 1"])
    inner.tried.clear()
    async with environment.open(TASK) as session:
        outcomes = await walk(session, ["add 1"], ["add 1"], ["nonsense", "add 1"], ["done"])
    assert inner.tried == ["add 1", "add 1", "nonsense", "add 1", "done"]
    assert [type(o) for o in outcomes] == [Advanced, Advanced, Rejected, Advanced, Closed]


async def test_what_verification_has_yet_to_check_is_kept_apart() -> None:
    inner = Counting()
    environment = CachedEnvironment(inner, MemoryCache())
    for _ in range(2):
        async with environment.open(TASK) as session:
            verified_later(session)
            await walk(session, ["add 1"])
    async with environment.open(TASK) as session:
        await walk(session, ["add 1"])
    assert inner.tried == ["add 1", "add 1"]


async def test_wrong_entry_costs_a_proof_and_never_makes_one(lean: LeanWasmEnvironment) -> None:
    class Lying(MemoryCache):
        async def get_many(self, keys: list[str]) -> list[bytes | None]:
            return [b'{"is": "Closed", "s": 0.1, "effort": 0.1}' for _ in keys]

    record = await prove_theorem(
        Theorem.from_text("theorem f (p : Prop) : p"),
        environment=CachedEnvironment(lean, Lying()),
        generator=ClosersPolicy(),
    )
    assert not record.proved
    assert record.refused


UNREADABLE = b"", b"{", b"[]", b'{"is": "Advanced", "s": 0}', b'{"is": "New kind", "s": 0}', b"\xff"


@pytest.mark.parametrize("entry", UNREADABLE)
async def test_entry_that_cannot_be_read_is_a_miss(entry: bytes) -> None:
    class Spoilt(MemoryCache):
        async def get_many(self, keys: list[str]) -> list[bytes | None]:
            return [entry for _ in keys]

    async with CachedEnvironment(ToyEnvironment(), Spoilt()).open(TASK) as session:
        assert [type(o) for o in await walk(session, ["add 1", "nonsense"])] == [Advanced, Rejected]


async def test_more_time_tries_again_what_ran_out_of_it() -> None:
    inner = Counting()
    environment = CachedEnvironment(inner, MemoryCache())
    for effort in (0.5, 0.5, 0.1, 0.5, 1.0):
        async with environment.open(TASK) as session:
            (outcome,) = await session.apply(session.initial, ["think 100"], timeout_s=300, effort=effort)
        assert isinstance(outcome, TimedOut)
        assert (outcome.limit, outcome.effort) == (Limit.EFFORT, effort)
    assert inner.tried == ["think 100"] * 3  # what less effort does is known as little as what more does


async def test_what_the_clock_stopped_is_tried_again() -> None:
    inner = Counting()
    environment = CachedEnvironment(inner, MemoryCache())
    for _ in range(2):
        async with environment.open(TASK) as session:
            await session.apply(session.initial, ["wait 100"], timeout_s=0.05)
    assert inner.tried == ["wait 100"] * 2


async def test_a_search_spends_the_same_with_and_without_a_cache() -> None:
    """Also where the effort that is left ends a batch, and what is known would have taken more."""
    tactics, cache = ["add 1", "think 5", "nonsense", "think 3", "add 2"], MemoryCache()
    environments: list[ProofEnvironment] = [
        ToyEnvironment(),
        CachedEnvironment(ToyEnvironment(), cache),
        CachedEnvironment(ToyEnvironment(), cache),
    ]
    for left in (100.0, 6.0, 4.0, 0.0015):
        seen = []
        for environment in environments:
            async with environment.open(TASK) as session:
                outcomes = await session.apply(session.initial, tactics, timeout_s=300, effort=10, effort_left=left)
            seen.append([(type(outcome), round(outcome.effort, 6)) for outcome in outcomes])
        assert seen[0] == seen[1] == seen[2]


async def test_header_is_part_of_the_key(lean: LeanWasmEnvironment) -> None:
    environment = CachedEnvironment(lean, MemoryCache())
    found: list[TacticOutcome] = []
    for value in (1, 2):
        async with environment.open(Theorem.from_text(f"def f := {value}\ntheorem t : f = 1")) as session:
            found += await session.apply(session.initial, ["rfl"], timeout_s=300)
    assert [type(outcome) for outcome in found] == [Closed, Rejected]


async def test_states_of_real_lean_come_back_with_their_terms(lean: LeanWasmEnvironment) -> None:
    environment = CachedEnvironment(lean, MemoryCache())
    theorem = Theorem.from_text("theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q")
    states = []
    for _ in range(2):
        async with environment.open(theorem) as session:
            (outcome,) = await session.apply(session.initial, ["constructor"], timeout_s=300)
            assert isinstance(outcome, Advanced)
            states.append(outcome.state)
    first, again = ([(g.text, g.target, g.hypotheses, g.term) for g in state.goals] for state in states)
    assert first == again


async def test_memory_is_bounded_and_the_oldest_goes_first() -> None:
    cache = MemoryCache(capacity=100)
    await cache.set_many({f"k:{i}": b"x" * 30 for i in range(3)})
    await cache.get_many(["k:0"])
    await cache.set_many({"k:3": b"x" * 30})
    assert cache.size <= 100
    assert [value is not None for value in await cache.get_many(["k:0", "k:1", "k:3"])] == [True, False, True]
    assert (cache.counts["k"].hits, cache.counts["k"].misses) == (3, 1)
