"""The simulation of many workers, small: it uses the real queue, loses nothing, and counts what it should."""

from __future__ import annotations

import pytest

from benchmarks.queue_scaling import Seen, _overhead, rows, simulate


async def test_simulated_workers_do_their_jobs_on_the_real_queue() -> None:
    found = await simulate(20, 1.0, [0.05, 0.1])
    assert found["lost"] == 0
    assert found["jobs"] > 20
    assert found["redis_calls_per_job"] >= 2  # claim and report at least
    assert 0 <= found["overhead"] < 1
    assert {row.what.partition(":")[0] for row in rows(20, found)} == {"20 workers"}


def test_overhead_is_the_time_between_jobs() -> None:
    seen = Seen(spans=[[(0.0, 4.0), (5.0, 10.0)], [(3.0, 9.0)], []])
    assert _overhead(seen) == pytest.approx(0.1)
