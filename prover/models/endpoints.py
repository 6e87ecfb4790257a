"""Several servers of the same model behind one client. Each request goes to the least busy server that is up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

DOWN_S = 5.0
"""Seconds for which a failed server gets no requests while another is up."""


@dataclass(slots=True)
class Endpoint:
    """One server: its address without `/v1`, its number of running requests, and until when it counts as down."""

    base: str
    at_work: int = 0
    down_until: float = 0.0


class Endpoints:
    """The servers, and which one is next."""

    def __init__(self, urls: Sequence[str], *, clock: Callable[[], float] = time.monotonic) -> None:
        """Take addresses such as `http://gpu1:8000`, with or without `/v1`. Raises ValueError for anything else."""
        self._clock = clock
        self.all = [Endpoint(base_of(url)) for url in urls]
        if not self.all:
            raise ValueError("no address of a model server is given")

    def next(self) -> Endpoint:
        """Return the least busy server that is up; if none is, the one that has been down longest."""
        now = self._clock()
        return min(self.all, key=lambda endpoint: (max(0.0, endpoint.down_until - now), endpoint.at_work))

    def failed(self, endpoint: Endpoint) -> None:
        """This server could not be reached or could not answer."""
        endpoint.down_until = self._clock() + DOWN_S

    def answered(self, endpoint: Endpoint) -> None:
        """This server is up."""
        endpoint.down_until = 0.0


def base_of(url: str) -> str:
    """Return the address of a server without `/v1` and what follows. Raises ValueError."""
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{url!r} is not the address of a model server; for example: http://localhost:8000/v1")
    path = parts.path.rstrip("/").removesuffix("/completions").removesuffix("/chat").removesuffix("/v1")
    return f"{parts.scheme}://{parts.netloc}{path}"
