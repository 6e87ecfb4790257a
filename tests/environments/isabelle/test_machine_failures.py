"""What is the machine's fault is no mathematics: processes that end, limits that others set, answers that come late."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from prover.assembly.environments import open_environments
from prover.core.proof_state import Advanced, Closed, Rejected, TimedOut
from prover.core.theorem import Theorem
from prover.environments.cached import CachedEnvironment
from prover.environments.isabelle.environment import IsabelleEnvironment
from prover.environments.machine_errors import speaks_of_machine
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import prove_theorem
from prover.settings import Settings
from prover.storage.cache import MemoryCache
from tests.environments.isabelle.relays import free_ports, relaying, standin
from tests.environments.isabelle.test_session import AND, STEPS

DISTINCT = r'lemma t: "distinct xs \<Longrightarrow> card (set xs) = length xs"'


@pytest.fixture
async def counted(recordings: Path, tmp_path: Path) -> AsyncIterator[tuple[IsabelleEnvironment, Path]]:
    """Isabelle, and a file with all that it was asked to run."""
    log = tmp_path / "asked"
    with relaying(free_ports(6), *standin(str(recordings), "--provers", "--log", str(log))) as relay:
        environment = relay.environment()
        yield environment, log
        await environment.close()


async def test_process_that_was_destroyed_rejects_nothing(isabelle: IsabelleEnvironment) -> None:
    """Poly/ML was killed and PISA lives: every answer is then an error."""
    cache = MemoryCache()
    async with CachedEnvironment(isabelle, cache).open(Theorem.from_text(AND)) as session:
        outcomes = await session.apply(session.initial, ["apply destroyed", STEPS[0]], timeout_s=10)
        assert isinstance(outcomes[0], TimedOut)
        assert outcomes[0].of_machine
        assert isinstance(outcomes[1], Advanced)
    async with CachedEnvironment(isabelle, cache).open(Theorem.from_text(AND)) as session:
        (again,) = await session.apply(session.initial, ["apply destroyed"], timeout_s=10)
        assert isinstance(again, TimedOut)
        assert again.of_machine  # asked again, not remembered


async def test_process_that_was_destroyed_under_a_verification_is_replaced(
    isabelle: IsabelleEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    verification = await isabelle.check(Theorem.from_text(AND), STEPS, timeout_s=60)
    assert verification.accepted
    crashed = await isabelle.check(Theorem.from_text(AND), ["apply crash"], timeout_s=60)
    assert not crashed.accepted
    assert crashed.timed_out  # neither accepted nor rejected


@pytest.mark.parametrize(
    ("message", "of_machine"),
    [
        ("Isabelle process was destroyed", True),
        ("java.lang.OutOfMemoryError: GC overhead limit exceeded", True),
        ("exception SysErr raised (line 1 of file): No space left on device", True),
        ("INTERNAL PANIC: out of memory", True),
        ("failed to create thread", True),
        ("write failed: Broken pipe", True),
        ("Failed to apply proof method (line 1):\ngoal (1 subgoal):\n 1. memory = out", False),
        ("tactic 'omega' failed\nn : Nat\n⊢ n < 2", False),
        ("maximum recursion depth has been reached", False),
        ("Undefined fact: \"process\"", False),
    ],
)  # fmt: skip
def test_messages_about_the_machine_are_told_apart(message: str, of_machine: bool) -> None:
    assert speaks_of_machine(message) is of_machine


async def test_hammers_limit_is_its_own(counted: tuple[IsabelleEnvironment, Path]) -> None:
    """A limit for all tactics does not cut it: its real answers come after half a minute."""
    environment, _ = counted
    async with environment.open(Theorem.from_text(DISTINCT)) as session:
        (outcome,) = await session.apply(session.initial, ["normalhammer"], timeout_s=0.001, effort=0.001)
    assert isinstance(outcome, Closed), outcome


async def test_late_answer_is_kept_and_not_asked_for_again(counted: tuple[IsabelleEnvironment, Path]) -> None:
    environment, log = counted
    async with environment.open(Theorem.from_text(AND)) as session:
        first, *_ = await session.apply(session.initial, ["apply slow"], timeout_s=0.05)
        again, advanced = await session.apply(session.initial, ["apply slow", STEPS[0]], timeout_s=10)
    assert isinstance(first, TimedOut)
    assert isinstance(again, Rejected)  # what the server said meanwhile
    assert isinstance(advanced, Advanced)
    assert log.read_text().count("apply slow") == 1


SKETCHED = 'lemma t: "Q"'
"""Recorded below: whatever name the fact has, Isabelle prints the same."""


@pytest.fixture
async def sketched(tmp_path: Path) -> AsyncIterator[IsabelleEnvironment]:
    """A statement at which `have h1: "P"` and `have c1: "P"` print alike."""
    begun, goal = "proof (state)\ngoal (1 subgoal):\n 1. Q", "proof (prove)\ngoal (1 subgoal):\n 1. P"
    common = {"theorem": "sketched", "script": 0, "status": "ok", "mode_before": "proof", "mode_after": "proof"}
    first = "proof (prove)\ngoal (1 subgoal):\n 1. Q"
    rows = [
        {"command": SKETCHED, "state_before": "", "mode_before": "theory", "state_after": first, "level_after": 1},
        {"command": "proof -", "state_before": first, "state_after": begun, "level_after": 2},
        {"command": 'have h1: "P"', "state_before": begun, "state_after": goal, "level_after": 3},
        {"command": 'have c1: "P"', "state_before": begun, "state_after": goal, "level_after": 3},
    ]
    level = {"step_index": 0}
    file = tmp_path / "sketched.jsonl"
    order = [rows[0], rows[1], rows[2], {**rows[1], "state_before": "reset"}, rows[3]]
    file.write_text("\n".join(json.dumps(common | level | row | {"step_index": i}) for i, row in enumerate(order)))
    with relaying(free_ports(4), *standin(str(file))) as relay:
        environment = relay.environment()
        yield environment
        await environment.close()


async def test_states_with_other_names_for_facts_are_other_states(sketched: IsabelleEnvironment) -> None:
    """They print alike, and a step that uses a name works in one of them only."""
    async with sketched.open(Theorem.from_text(SKETCHED)) as session:
        (begun,) = await session.apply(session.initial, ["proof -"], timeout_s=10)
        assert isinstance(begun, Advanced)
        tactics = ['have h1: "P"', 'have c1: "P"', 'have  h1:  "P"']
        named = await session.apply(begun.state, tactics, timeout_s=10)
    states = [outcome.state for outcome in named if isinstance(outcome, Advanced)]
    assert len(states) == 3
    assert len({state.text for state in states}) == 1
    assert states[0] == states[2]
    assert states[0] != states[1]


async def test_cache_tells_states_with_other_facts_apart(sketched: IsabelleEnvironment) -> None:
    cached = CachedEnvironment(sketched, MemoryCache())
    for name, other in (("h1", "c1"), ("c1", "h1"), ("h1", "c1")):
        async with cached.open(Theorem.from_text(SKETCHED)) as session:
            (begun,) = await session.apply(session.initial, ["proof -"], timeout_s=10)
            assert isinstance(begun, Advanced)
            (named,) = await session.apply(begun.state, [f'have {name}: "P"'], timeout_s=10)
            assert isinstance(named, Advanced)
            assert name in named.state.unseen
            assert other not in named.state.unseen


async def test_two_connections_at_once_have_two_ports(recordings: Path) -> None:
    """And each place is given back: with two of them, six searches at once are no more than a wait."""
    with relaying(free_ports(2), *standin(str(recordings)), most=2) as relay:
        environment = relay.environment(places=2)
        proofs = (
            prove_theorem(
                Theorem.from_text(AND.replace(" t:", f" t{i}:")),
                environment=environment,
                generator=ScriptedPolicy(STEPS),
            )
            for i in range(6)
        )
        records = await asyncio.gather(*proofs)
    assert all(record.proved for record in records)


async def test_workers_of_one_process_share_the_places() -> None:
    """Each with places of its own, they would hold all that the relay has while verification waits for one more."""
    opened = open_environments("isabelle", Settings())
    first, second = opened(), opened()
    assert isinstance(first, IsabelleEnvironment)
    assert isinstance(second, IsabelleEnvironment)
    assert first._pool is second._pool
