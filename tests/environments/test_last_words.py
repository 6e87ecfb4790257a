"""How a program ended is told with its signal or status and its last words."""

from __future__ import annotations

import asyncio

import pytest

from prover.environments.last_words import LastWords

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
