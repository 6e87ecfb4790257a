"""Saying what is waited for: silence looks like a program that hangs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

logger = logging.getLogger(__name__)

AFTER_S = 1.0
AGAIN_S = 30.0


@asynccontextmanager
async def announced(what: str, *, after_s: float = AFTER_S) -> AsyncIterator[None]:
    """Within, say that `what` is waited for: after a second, and from time to time.

    A warning, so that a command says it too when nobody has asked for its log.
    """
    saying = asyncio.create_task(_say(what, after_s))
    try:
        yield
    finally:
        saying.cancel()


async def _say(what: str, after_s: float) -> None:
    await asyncio.sleep(after_s)
    while True:
        logger.warning("waiting for %s", what)
        await asyncio.sleep(AGAIN_S)
