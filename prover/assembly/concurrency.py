"""How many theorems a worker proves at once, where the settings do not say."""

from __future__ import annotations

import logging

from prover.environments.machine_limits import Share
from prover.settings import WorkerSettings

logger = logging.getLogger(__name__)

WORKER_BYTES = 0.3e9
THEOREM_BYTES, MOST_BYTES = 1.1e9, 3.5e9
"""As measured (benchmarks/README.md, Containers): a worker by itself, and what each theorem adds, in the Lean that
searches and the one that verifies: with `import Init`, and with `import Init` and `import Lean` in turn."""

CHECK_BYTES = THEOREM_BYTES / 2
"""The Lean that verifies alone."""


def concurrency(settings: WorkerSettings, here: Share, *, embedded: bool = True) -> int:
    """Return how many theorems to prove at once: as set, else as many as memory and cores are surely enough for.

    Without a limit of memory that is one: other programs of the machine are not ours to push aside. Also without the
    embedded Lean (`embedded`): what another assistant needs depends on its project.
    """
    if settings.concurrency is not None:
        needed = WORKER_BYTES + settings.concurrency * THEOREM_BYTES
        if embedded and here.limited and needed > here.memory:
            logger.warning(
                "%d theorems at once need %.1f GB and those with `import Lean` more, but this container has %.1f GB: "
                "lower PROVER_WORKER__CONCURRENCY, or give it more",
                settings.concurrency,
                needed / 1e9,
                here.memory / 1e9,
            )
        return settings.concurrency
    if not (embedded and here.limited):
        return 1
    return max(1, min(int((here.memory - WORKER_BYTES) / MOST_BYTES), int(here.cores)))
