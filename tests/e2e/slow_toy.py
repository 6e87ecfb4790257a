"""A worker process that counts (prover.environments.toy) and can be slow, fail, or die: for tests of faults.

    python -m tests.e2e.slow_toy REDIS_URL LEASE_S ATTEMPTS

Tactics of its own: `sleep SECONDS`, `die` (kill -9 of the worker itself), `crash` (the assistant fails).
"""

from __future__ import annotations

import asyncio
import math
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from prover.core.proof_state import ProofState, Rejected, TacticOutcome
from prover.core.theorem import Theorem
from prover.environments.environment import OPEN_TIMEOUT_S
from prover.environments.toy import ToyEnvironment, ToySession
from prover.jobs.attempt import AttemptContext
from prover.jobs.queue import JobQueue
from prover.jobs.worker import Worker
from prover.policies.generator import TacticGenerator
from prover.policies.scripted import ScriptedPolicy
from prover.storage.accepted_proofs import ProofCache
from prover.storage.cache import MemoryCache
from prover.storage.connection import RedisConnection

COUNT = "add 1;;done"


class SlowSession(ToySession):
    async def apply(
        self,
        state: ProofState,
        tactics: Sequence[str],
        *,
        timeout_s: float,
        effort: float | Sequence[float] = math.inf,
        deadline_s: float = math.inf,
        effort_left: float = math.inf,
    ) -> list[TacticOutcome]:
        outcomes: list[TacticOutcome] = []
        for tactic in tactics:
            match tactic.split():
                case ["sleep", seconds]:
                    await asyncio.sleep(float(seconds))
                    outcomes.append(Rejected("slept"))
                case ["die"]:
                    os.kill(os.getpid(), signal.SIGKILL)
                case _:
                    outcomes += await super().apply(state, [tactic], timeout_s=10.0)
        return outcomes


class SlowToy(ToyEnvironment):
    """Counts the proofs that are begun by a line in the file of SLOW_TOY_LOG."""

    @asynccontextmanager
    async def open(self, theorem: Theorem, *, timeout_s: float = OPEN_TIMEOUT_S) -> AsyncIterator[ToySession]:
        async with super().open(theorem, timeout_s=timeout_s) as plain:
            if log := os.environ.get("SLOW_TOY_LOG"):
                note(Path(log), plain.theorem.name)
            session = SlowSession(plain.theorem.name, plain.theorem.statement, 0, plain.target)
            session.initial = plain.initial
            yield session


def note(log: Path, name: str) -> None:
    with log.open("a") as file:
        file.write(f"{name}\n")


async def policy(name: str | None) -> TacticGenerator:
    tactics = (name or f"scripted:{COUNT}").removeprefix("scripted:").split(";;")
    return ScriptedPolicy([tactic.strip() for tactic in tactics])


def toy_context(cache: ProofCache | None = None) -> AttemptContext:
    return AttemptContext(
        environment=SlowToy,
        policy=policy,
        proofs=cache or ProofCache(MemoryCache(), b"a secret of sixteen bytes"),
        verify_timeout_s=5.0,
    )


async def main(url: str, lease_s: float, attempts: int) -> None:
    queue = JobQueue(RedisConnection(url), lease_s=lease_s, attempts=attempts)
    worker = Worker(queue, toy_context(), concurrency=2, retry_s=0.05, drain_s=0.5)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.drain)
    print("ready", flush=True)
    await worker.run()
    await queue.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3])))
