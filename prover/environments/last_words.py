"""How a program ended: its signal or exit status, and its last lines on standard error."""

from __future__ import annotations

import asyncio
import logging
import re
import signal
from collections import deque

from prover.environments.machine_limits import memory_kills, share

logger = logging.getLogger(__name__)

KEPT = 3  # lines
ENDING_S = 10.0  # a program that has closed its output is about to end
TOO_LITTLE = (
    "because the memory of its container was full ({limit:.1f} GB): give the container more (WORKER_MEMORY in "
    "docker-compose.yml) or prove fewer theorems at once (PROVER_WORKER__CONCURRENCY)"
)
_NOISE = re.compile(r"[#\s-]*$|\s*\d+: 0x[0-9a-f]+|-+ .*stack trace -+$", re.IGNORECASE)
"""Lines that say nothing: rules, and the frames of a native stack trace."""


class LastWords:
    """Reads the standard error of a program to its end."""

    def __init__(self, process: asyncio.subprocess.Process, name: str) -> None:
        """Start reading. `name` is the program's name in sentences, as in "the REPL"."""
        self._process = process
        self._name = name
        self._lines: deque[str] = deque(maxlen=KEPT)
        self._kills = memory_kills()
        self._reading = asyncio.create_task(self._read())

    async def told(self) -> str:
        """Return a sentence on how the program ended. Waits for its end and its last lines, but at most `ENDING_S`."""
        ended = asyncio.create_task(self._process.wait())
        await asyncio.wait({ended, self._reading}, timeout=ENDING_S)
        said = f": {' '.join(self._lines)}" if self._lines else ""
        return f"{self._name} {_how(self._process.returncode, kills=memory_kills() - self._kills)}{said}"

    async def close(self) -> None:
        """Stop reading: what the program started may keep the pipe open."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        stderr = self._process.stderr
        assert stderr is not None  # a pipe
        async for line in stderr:
            text = line.decode(errors="replace").rstrip()[:500]
            logger.debug("%s %d: %s", self._name, self._process.pid, text)
            if not _NOISE.match(text):
                self._lines.append(text)


def _how(status: int | None, *, kills: int) -> str:
    """Say how a program ended; `kills`: processes that the system ended meanwhile because memory was full."""
    if status is None:
        return "has closed its output"
    if status >= 0:
        return f"has ended with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    why = ""
    if status == -signal.SIGKILL:
        here = share()
        memory = TOO_LITTLE.format(limit=here.memory / 1e9)
        why = f" {memory}" if kills > 0 and here.limited else " (perhaps the system ran out of memory)"
    return f"was ended by {name}{why}"
