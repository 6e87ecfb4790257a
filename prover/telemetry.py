"""What is said while the program runs: log lines as text or JSON, and long waits, since silence looks like a hang."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

logger = logging.getLogger(__name__)

AFTER_S = 1.0
AGAIN_S = 30.0

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the current request."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class _RequestIds(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if not getattr(record, "request_id", "") and (current := request_id.get()):
            record.request_id = current
        return True


def _extras(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD and value not in (None, "")}


class JsonFormatter(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_extras(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """Time, level, message, and extra fields as name=value."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        time = datetime.fromtimestamp(record.created).strftime("%H:%M:%S.%f")[:-3]
        extras = "".join(f"  {name}={value}" for name, value in _extras(record).items())
        line = f"{time} {record.levelname:<7} {record.getMessage()}{extras}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def set_up_logging(level: str, style: Literal["text", "json"]) -> None:
    """Log to standard error. Libraries log from WARNING on only, so that they do not leak users' texts."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if style == "json" else TextFormatter())
    handler.addFilter(_RequestIds())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("prover").setLevel(level)
    logging.captureWarnings(True)


@asynccontextmanager
async def announced(what: str, *, after_s: float = AFTER_S) -> AsyncIterator[None]:
    """Within the context, log that we are waiting for `what`: after a second, and then from time to time.

    The level is WARNING, so that commands show it without any logging options.
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
