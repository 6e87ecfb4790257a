"""Programs that end with us end before us, too, when memory is full."""

from __future__ import annotations

import sys

import pytest

from prover.environments.ending_with_us import run_to_end


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such scores")
async def test_program_ends_before_us_when_memory_is_full() -> None:
    run = await run_to_end(["cat", "/proc/self/oom_score_adj"], limit_s=60.0)
    assert (run.status, run.output.strip()) == (0, "1000")
