"""How a program ended is told with its signal or status and its last words."""

from __future__ import annotations

import asyncio

import pytest

from prover.environments import last_words
from prover.environments.last_words import LastWords
from prover.environments.machine_limits import Share

FATAL = r"""
printf '\n#\n# Fatal error in , line 0\n# Check failed: a < b.\n#\n--- Native stack trace ---\n\n 1: 0x7f node' >&2
kill -TRAP $$
"""


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("exit 3", "it has ended with status 3"),
        ("echo one >&2; echo two >&2; exit 1", "it has ended with status 1: one two"),
        ("kill -KILL $$", "it was ended by SIGKILL (perhaps the system ran out of memory)"),
        (FATAL, "it was ended by SIGTRAP: # Fatal error in , line 0 # Check failed: a < b."),
    ],
)
async def test_end_is_told(script: str, told: str) -> None:
    process = await asyncio.create_subprocess_exec("sh", "-c", script, stderr=asyncio.subprocess.PIPE)
    last_words = LastWords(process, "it")
    assert await last_words.told() == told
    await last_words.close()
    assert await last_words.told() == told, "also when asked again"


@pytest.mark.parametrize(("kills", "limited", "named"), [(1, True, True), (0, True, False), (1, False, False)])
async def test_full_memory_of_the_container_is_named(
    kills: int, limited: bool, named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = iter([5, 5 + kills])
    monkeypatch.setattr(last_words, "memory_kills", lambda: next(counts))
    monkeypatch.setattr(last_words, "share", lambda: Share(3 * 10**9, 0, 1.0, limited))
    process = await asyncio.create_subprocess_exec("sh", "-c", "kill -KILL $$", stderr=asyncio.subprocess.PIPE)
    told = LastWords(process, "it")
    text = await told.told()
    await told.close()
    assert ("memory of its container was full (3.0 GB)" in text) is named
    assert ("PROVER_WORKER__CONCURRENCY" in text) is named
