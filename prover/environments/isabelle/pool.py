"""The places at Isabelle servers, and who holds them.

A process serves one theorem and is then given back. Verification comes first: it takes the place of an idle session,
which gets another process and replays its path when it goes on. So one place is enough for a search.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Protocol

from prover.environments.isabelle.client import PisaClient, ServerPaths
from prover.environments.isabelle.versions import Version
from prover.errors import EnvironmentUnavailableError, SessionCrashedError
from prover.telemetry import announced

logger = logging.getLogger(__name__)

WAITING = "Isabelle at {} to start; 10 to 20 s are usual"
TOLD_S = 3.0
ATTEMPTS = 3
"""How often a process may end while it starts."""


class Tenant(Protocol):
    """A holder of a process that can do without it for a while."""

    async def make_room(self) -> bool:
        """Give the process back unless it is at work. Returns whether it was."""


class Lease:
    """A booted server process, until `close`."""

    def __init__(self, pool: ServerPool, client: PisaClient) -> None:
        self._pool = pool
        self.client = client
        self._closed = False

    async def give_back(self) -> None:
        """Leave the process to the next session if it can forget this one's states; else end it."""
        if not self._closed and await self.client.forget():
            self._closed = True
            self._pool.keep(self.client)
        await self.close()

    async def close(self) -> None:
        """End the process."""
        if not self._closed:
            self._closed = True
            await self.client.close()
            self._pool.free(self.client.address)


class ServerPool:
    """Server addresses, each with a number of places."""

    def __init__(
        self,
        addresses: Sequence[str],
        *,
        places: int,
        paths: ServerPaths,
        boot_timeout_s: float,
        patient: bool = False,
        version: Version | None = None,
    ) -> None:
        """Prepare.

        `patient`: wait for servers that are not up yet, as long as for Isabelle to boot. `version`: what the servers
        have to agree with.
        """
        self._version = version
        self._free = [address for _ in range(places) for address in addresses]
        self._idle: list[PisaClient] = []
        self._changed = asyncio.Condition()
        self._tenants: list[Tenant] = []
        self._notices: set[asyncio.Task[None]] = set()
        self._paths = paths
        self._boot_timeout_s = boot_timeout_s
        self._patient = patient
        self._started = False

    async def lease(self, *, urgent: bool = False, used: bool = False) -> Lease:
        """Wait for a place and boot a process there; `urgent`: a session that is idle makes room.

        `used`: one that has served other theorems will do.

        Raises:
            EnvironmentUnavailableError: nothing answers there, or Isabelle does not start.
        """
        if used and self._idle:
            return Lease(self, self._idle.pop())
        for attempt in range(1, ATTEMPTS + 1):
            lease = Lease(self, PisaClient(await self._place(urgent)))
            # Only the first start is announced: each theorem starts a process.
            where = lease.client.address
            waiting = nullcontext() if self._started else announced(WAITING.format(where), after_s=TOLD_S)
            try:
                async with waiting:
                    await lease.client.start(self._paths, timeout_s=self._boot_timeout_s, patient=self._patient)
                self._agree(lease.client)
            except EnvironmentUnavailableError as error:
                await lease.close()
                if attempt == ATTEMPTS or not isinstance(error.__cause__, SessionCrashedError):
                    raise
                logger.info("the process ended while it started: %s", error)
            except BaseException:
                await lease.close()
                raise
            else:
                self._started = True
                return lease
        raise AssertionError  # the last attempt returns or raises

    def keep(self, client: PisaClient) -> None:
        """Take back a process that the next session may use."""
        self._idle.append(client)
        self.changed()

    async def close(self) -> None:
        """End the processes that nobody uses."""
        while self._idle:
            await Lease(self, self._idle.pop()).close()

    def enter(self, tenant: Tenant) -> None:
        """Register a holder that may be asked to make room."""
        self._tenants.append(tenant)

    def leave(self, tenant: Tenant) -> None:
        """Unregister a holder."""
        self._tenants.remove(tenant)

    def free(self, address: str) -> None:
        """Take a place back."""
        self._free.append(address)
        self.changed()

    def changed(self) -> None:
        """Wake those who wait: a place is free, or a session is idle."""
        notice = asyncio.ensure_future(self._notify())
        self._notices.add(notice)
        notice.add_done_callback(self._notices.discard)

    def _agree(self, client: PisaClient) -> None:
        """Compare versions; PISA's own server does not tell its."""
        if self._version is None:
            return
        if client.ours is None:
            self._version.untold()
        else:
            self._version.agree(client.ours.isabelle, f"the Isabelle at {client.address}")

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _place(self, urgent: bool) -> str:
        async with announced("a place at the Isabelle server", after_s=30.0), self._changed:
            while not self._free:
                if self._idle:
                    await Lease(self, self._idle.pop()).close()
                    continue
                if urgent and await self._room():
                    continue
                await self._changed.wait()
            return self._free.pop(0)

    async def _room(self) -> bool:
        for tenant in list(self._tenants):
            if await tenant.make_room():
                self._tenants.remove(tenant)
                self._tenants.append(tenant)  # next time the others come first
                return True
        return False
