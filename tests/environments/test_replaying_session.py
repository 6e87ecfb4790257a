"""Replay after a loss, on a counter whose process loses its states whenever a test wants it to."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from prover.core.proof_state import Advanced, Closed, Goal, ProofState, Rejected, TacticOutcome
from prover.environments.environment import OpenedTheorem
from prover.environments.replaying_session import (
    ATTEMPTS,
    Driver,
    Limits,
    ReplayingSession,
    StatesLostError,
    Tried,
)
from prover.errors import InvalidTheoremError, SessionCrashedError

BLAMED = Rejected("the counter ends when this is tried")


class Counter:
    """A driver. States are numbers, and so are tactics, which are added; the others do as they say."""

    theorem = OpenedTheorem("t", "theorem t", "")

    def __init__(self, *, batch: int = 100, counts_effort: bool = True, forgets: bool = True) -> None:
        self.batch = batch
        self.counts_effort = counts_effort
        self.forgets = forgets
        self.held: dict[int, int] = {}
        self.handles = itertools.count(1)
        self.first = 0
        self.blames: TacticOutcome | None = BLAMED
        self.alive = False
        self.starts = 0
        self.runs: list[list[str]] = []
        self.changed: dict[str, int] = {}
        """What a tactic adds now, if it is not what it says."""
        self.unreadable = False
        self.late = False

    async def start(self, *, end: float) -> tuple[ProofState, int]:
        self.lose()
        self.starts += 1
        if self.late:
            raise TimeoutError
        if self.unreadable:
            raise InvalidTheoremError("it cannot be read")
        self.alive = True
        return state(self.first), self.hold(self.first)

    async def ready(self, *, end: float) -> bool:
        return self.alive

    async def run(self, at: int, tactics: Sequence[str], limits: Limits) -> Tried[int]:
        self.runs.append(list(tactics[: self.batch]))
        number = self.held[at]
        steps: list[tuple[TacticOutcome, int | None]] = []
        for tactic in tactics[: self.batch]:
            match tactic:
                case "close":
                    return Tried([*steps, (Closed(), None)])
                case "wrong":
                    steps.append((Rejected("wrong"), None))
                case "find":
                    steps.append((Advanced(state(number + 7), written="7"), self.hold(number + 7)))
                case "crash" if not steps:
                    self.lose()
                    raise StatesLostError("crashed", blamed=self.blames)
                case "crash":
                    break  # the next call tells
                case "1 and crash":
                    self.lose()
                    return Tried([*steps, (Advanced(state(number + 1), effort=1.0), None)])
                case _:
                    after = number + self.changed.get(tactic, int(tactic))
                    steps.append((Advanced(state(after), elapsed_s=0.25, effort=1.0), self.hold(after)))
        return Tried(steps)

    def drop(self, handles: Sequence[int]) -> bool:
        if self.forgets:
            for handle in handles:
                del self.held[handle]
        return self.forgets

    def hold(self, number: int) -> int:
        handle = next(self.handles)
        self.held[handle] = number
        return handle

    def lose(self) -> None:
        self.alive = False
        self.held = {}


def state(number: int) -> ProofState:
    return ProofState((Goal(str(number)),))


async def started(driver: Driver[int]) -> ReplayingSession[int]:
    session = ReplayingSession(driver)
    await session.start()
    return session


async def follow(session: ReplayingSession[int], *tactics: str) -> ProofState:
    at = session.initial
    for tactic in tactics:
        (outcome,) = await session.apply(at, [tactic], timeout_s=1)
        assert isinstance(outcome, Advanced), outcome
        at = outcome.state
    return at


async def test_path_is_replayed_after_a_loss() -> None:
    session = await started(driver := Counter())
    at = await follow(session, "1", "2")
    driver.lose()
    driver.runs.clear()
    assert await session.apply(at, ["4"], timeout_s=1) == [Advanced(state(7))]
    assert (driver.starts, driver.runs) == (2, [["1"], ["2"], ["4"]])
    assert await session.apply(at, ["8"], timeout_s=1) == [Advanced(state(11))]
    assert (driver.starts, driver.runs[3:]) == (2, [["8"]])  # it is held again


async def test_batch_is_one_round_trip_where_the_driver_takes_it() -> None:
    for size, runs in (100, 1), (1, 3):
        session = await started(driver := Counter(batch=size))
        outcomes = await session.apply(session.initial, ["1", "wrong", "2"], timeout_s=1)
        assert outcomes == [Advanced(state(1)), Rejected("wrong"), Advanced(state(2))]
        assert len(driver.runs) == runs


@pytest.mark.parametrize("size", [1, 100])
async def test_trying_ends_with_the_tactic_that_closes(size: int) -> None:
    session = await started(driver := Counter(batch=size))
    assert await session.apply(session.initial, ["wrong", "close", "1"], timeout_s=1) == [Rejected("wrong"), Closed()]
    assert ["1"] not in driver.runs


async def test_released_states_are_freed_and_replayed_when_they_are_used() -> None:
    session = await started(driver := Counter())
    middle = await follow(session, "1")
    at = await follow(session, "1", "2")
    assert sorted(driver.held.values()) == [0, 1, 3]  # equal states are held once
    session.release([middle, middle, state(99)])
    assert sorted(driver.held.values()) == [0, 3]
    driver.runs.clear()
    await session.apply(at, ["4"], timeout_s=1)
    assert driver.runs == [["4"]]
    session.release([at])
    await session.apply(at, ["4"], timeout_s=1)
    assert driver.runs[1:] == [["1"], ["2"], ["4"]]
    assert driver.starts == 1


async def test_initial_state_is_never_freed() -> None:
    session = await started(driver := Counter())
    session.release([session.initial])
    assert list(driver.held.values()) == [0]


async def test_states_that_the_assistant_cannot_forget_are_not_replayed() -> None:
    session = await started(driver := Counter(forgets=False))
    at = await follow(session, "1")
    session.release([at])
    driver.runs.clear()
    await session.apply(at, ["2"], timeout_s=1)
    assert driver.runs == [["2"]]


@pytest.mark.parametrize("size", [1, 100])
async def test_tactic_that_ends_the_process_each_time_is_blamed_and_the_others_are_tried(size: int) -> None:
    session = await started(driver := Counter(batch=size))
    at = await follow(session, "1")
    outcomes = await session.apply(at, ["2", "crash", "4"], timeout_s=1)
    assert outcomes == [Advanced(state(3)), BLAMED, Advanced(state(5))]
    assert driver.starts == 1 + ATTEMPTS


async def test_loss_that_no_tactic_is_to_blame_for_fails_the_session() -> None:
    session = await started(driver := Counter())
    driver.blames = None
    with pytest.raises(SessionCrashedError, match="crashed"):
        await session.apply(session.initial, ["crash"], timeout_s=1)
    assert len(driver.runs) == ATTEMPTS


async def test_state_of_a_tactic_that_was_the_last_before_a_loss_is_replayed() -> None:
    session = await started(driver := Counter())
    at = await follow(session, "1 and crash")
    session._states[at].tactic = "1"
    assert await session.apply(at, ["2"], timeout_s=1) == [Advanced(state(3))]
    assert driver.runs[1:] == [["1"], ["2"]]


async def test_replay_that_loses_the_process_each_time_does_not_go_on_for_ever() -> None:
    session = await started(driver := Counter())
    at = await follow(session, "1")
    session._states[at].tactic = "crash"
    session.release([at])
    driver.runs.clear()
    with pytest.raises(SessionCrashedError, match="again and again"):
        await session.apply(at, ["2"], timeout_s=1)
    assert driver.runs == [["crash"]] * ATTEMPTS


@pytest.mark.parametrize("tactic", ["1", "1 and crash"])
async def test_replay_with_another_state_costs_that_state_only(tactic: str) -> None:
    session = await started(driver := Counter())
    at = await follow(session, "1")
    session._states[at].tactic = tactic
    driver.changed["1"] = 5
    driver.lose()
    first, second = await session.apply(at, ["2", "close"], timeout_s=1)
    assert first == second
    assert isinstance(first, Rejected)
    assert "did not give the state it gave before" in first.message
    assert list(driver.held.values()) in ([], [0])  # the other state is freed
    assert await session.apply(session.initial, ["2"], timeout_s=1) == [Advanced(state(2))]


async def test_statement_that_gives_another_state_after_a_loss_crashes_the_session() -> None:
    session = await started(driver := Counter())
    driver.lose()
    driver.first = 10
    for _ in range(2):
        with pytest.raises(SessionCrashedError, match="another state than before"):
            await session.apply(session.initial, ["1"], timeout_s=1)
    driver.first = 0
    assert await session.apply(session.initial, ["1"], timeout_s=1) == [Advanced(state(1))]


async def test_statement_that_cannot_be_read_again_crashes_the_session() -> None:
    session = await started(driver := Counter())
    driver.lose()
    driver.unreadable = True
    with pytest.raises(SessionCrashedError, match="it cannot be read"):
        await session.apply(session.initial, ["1"], timeout_s=1)
    with pytest.raises(InvalidTheoremError):
        await started(driver)


async def test_time_that_is_over_before_a_state_is_there_leaves_no_outcome() -> None:
    session = await started(driver := Counter())
    assert await session.apply(session.initial, ["1"], timeout_s=1, deadline_s=0) == []
    driver.lose()
    driver.late = True
    assert await session.apply(session.initial, ["1"], timeout_s=1) == []
    assert driver.runs == []


async def test_effort_left_ends_a_batch() -> None:
    session = await started(Counter(batch=1))
    outcomes = await session.apply(session.initial, ["1", "2", "3"], timeout_s=1, effort_left=1.5)
    assert [outcome.effort for outcome in outcomes] == [1.0, 1.0]


async def test_effort_is_seconds_where_the_assistant_counts_none() -> None:
    session = await started(Counter(counts_effort=False))
    (outcome,) = await session.apply(session.initial, ["1"], timeout_s=1)
    assert outcome.effort == outcome.elapsed_s == 0.25


async def test_what_a_hammer_wrote_is_replayed_in_its_place() -> None:
    session = await started(driver := Counter())
    at = await follow(session, "find")
    driver.lose()
    driver.runs.clear()
    await session.apply(at, ["1"], timeout_s=1)
    assert driver.runs == [["7"], ["1"]]


async def test_foreign_state_is_an_error() -> None:
    session = await started(Counter())
    with pytest.raises(ValueError, match="not of this session"):
        await session.apply(state(5), ["1"], timeout_s=1)


async def test_turn_is_held_while_the_session_works() -> None:
    turns: list[str] = []
    driver = Counter()

    @asynccontextmanager
    async def turn() -> AsyncIterator[None]:
        turns.append("begins")
        yield
        turns.append(f"ends after {driver.starts} starts and {len(driver.runs)} runs")

    session = ReplayingSession(driver, turn=turn)
    await session.start()
    await session.apply(session.initial, ["1"], timeout_s=1)
    assert turns == ["begins", "ends after 1 starts and 0 runs", "begins", "ends after 1 starts and 1 runs"]
