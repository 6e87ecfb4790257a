"""Streaming of JSON Lines from a request body."""

from __future__ import annotations

from collections.abc import AsyncIterator

from prover.web.problems import PayloadError

LONGEST_LINE = 2_000_000


async def read_lines(parts: AsyncIterator[bytes]) -> AsyncIterator[tuple[int, bytes]]:
    """Give each line that is not blank with its number, from 1. Raises PayloadError for a line that is too long."""
    rest, number = b"", 0
    async for part in parts:
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            number += 1
            if line.strip():
                yield number, line
        if len(rest) > LONGEST_LINE:
            raise PayloadError(413, f"line {number + 1} has more than {LONGEST_LINE:,} bytes")
    if rest.strip():
        yield number + 1, rest
