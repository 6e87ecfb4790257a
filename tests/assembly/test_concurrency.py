"""How many theorems a worker proves at once follows from its container, unless it is set."""

from __future__ import annotations

import logging

import pytest

from prover.assembly.concurrency import concurrency
from prover.environments.machine_limits import Share
from prover.settings import WorkerSettings


def container(gigabytes: float, cores: float = 16, *, limited: bool = True) -> Share:
    return Share(memory=int(gigabytes * 1e9), free=0, cores=cores, limited=limited)


@pytest.mark.parametrize(
    ("here", "expected"),
    [
        (container(1), 1),
        (container(4), 1),
        (container(7), 1),
        (container(8), 2),
        (container(16), 4),
        (container(16, cores=2), 2),
        (container(16, cores=0.5), 1),
        (container(64, limited=False), 1),
    ],
)
def test_as_many_as_memory_and_cores_are_enough_for(here: Share, expected: int) -> None:
    assert concurrency(WorkerSettings(), here) == expected


def test_other_assistants_have_figures_of_their_own() -> None:
    assert concurrency(WorkerSettings(), container(64), embedded=False) == 1


@pytest.mark.parametrize(("number", "told"), [(2, False), (4, True)])
def test_what_is_set_counts_and_is_warned_of(number: int, told: bool, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert concurrency(WorkerSettings(concurrency=number), container(3)) == number
    assert ("PROVER_WORKER__CONCURRENCY" in caplog.text) is told
