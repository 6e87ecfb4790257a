"""Client of one PISA server process: gRPC, one call at a time.

PISA has neither sessions nor cancellation, and concurrent calls would mix. So a call that takes too long is left
running, and the next one waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import logging
import os
from dataclasses import dataclass
from typing import Any

from prover.core.distribution import install_line
from prover.environments.isabelle.answers import (
    LOST_STATE,
    Applied,
    Broken,
    Failed,
    Lost,
    read_answer,
    read_flag,
)
from prover.errors import EnvironmentProtocolError, EnvironmentUnavailableError, SessionCrashedError

logger = logging.getLogger(__name__)

APPLY = "<apply to top level state>"
MORE_TIME = "<allow more time>"
DEFAULT = "default"
HAMMER = "normalhammer"
OWN_LIMIT_S = 10.0
LONG_LIMIT_S = 30.0
HAMMER_LIMIT_S = 40.0
"""Limits that PISA itself keeps: for each command, with more time, and for the hammer."""
FORGETTING_S = 10.0
GRACE_S = 15.0
"""A server of ours keeps the limit of each call itself; so much later it counts as gone."""
LONGEST_MESSAGE = 104_857_600  # bytes, as the published clients have it
REFUSALS = 3
"""Number of tries, a second apart, for a server that may just be restarting."""
PAUSE_S = 1.0
TOLD_EVERY = 30
LOST = ("UNAVAILABLE", "CANCELLED", "ABORTED")


@dataclass(frozen=True, slots=True)
class ServerPaths:
    """Paths as the server sees them.

    PISA guesses the session (heap image) from the folder, and takes the imports of every theory from `theory`.
    """

    home: str
    working_directory: str
    theory: str


@dataclass(frozen=True, slots=True)
class Description:
    """A server of ours (servers/isabelle/server.py), which PISA's own is not: what it says of itself."""

    isabelle: str
    session: str
    theories: frozenset[str]


class CallTimeoutError(Exception):
    """The answer did not come in time; the server is still at work."""


class PisaClient:
    """One connection to one server process."""

    def __init__(self, address: str) -> None:
        """Prepare a connection to `host:port`. Must be called inside an event loop."""
        self._grpc = _import("grpc")
        self._messages = _import("prover.environments.isabelle.pisa_pb2")
        self.address = address
        self._channel = self._new_channel()
        self._running: asyncio.Future[Any] | None = None
        self.ours: Description | None = None
        self.late: Applied | Failed | None = None
        """The answer to the last step that was left running, once `settle` has waited for it."""
        self._hammers = False

    def _new_channel(self) -> Any:
        return self._grpc.aio.insecure_channel(
            self.address,
            options=[
                ("grpc.max_receive_message_length", LONGEST_MESSAGE),
                ("grpc.max_send_message_length", LONGEST_MESSAGE),
                ("grpc.use_local_subchannel_pool", 1),  # a connection of its own: behind a relay that is a process
                ("grpc.client_idle_timeout_ms", 2**31 - 1),
                ("grpc.min_reconnect_backoff_ms", 60_000),  # also how long the first connection may take
                ("grpc.enable_retries", 0),
            ],
        )

    async def start(self, paths: ServerPaths, *, timeout_s: float, patient: bool = False) -> None:
        """Let the server boot Isabelle, which takes from seconds to minutes.

        `patient`: a server that is not there yet may be starting, and is waited for.

        Raises:
            EnvironmentUnavailableError: nothing answers at the address, or Isabelle does not start.
        """
        messages = self._messages
        try:
            async with asyncio.timeout(timeout_s):
                await self._connect(patient)
                await self._call("InitialiseIsabelle", messages.IsaPath(path=paths.home), "IsaMessage")
                await self._call(
                    "IsabelleWorkingDirectory", messages.IsaPath(path=paths.working_directory), "IsaMessage"
                )
                await self._call("IsabelleContext", messages.IsaContext(context=paths.theory), "IsaMessage")
                await self._command("<initialise>")
                self.ours = _description(await self._command('<prover> {"do": "describe"}'))
        except TimeoutError as error:
            raise EnvironmentUnavailableError(
                f"the Isabelle server at {self.address} is not ready after {timeout_s:.3g} s; is it running? "
                "(servers/isabelle/README.md)"
            ) from error
        except (SessionCrashedError, EnvironmentProtocolError) as error:
            raise EnvironmentUnavailableError(
                f"Isabelle does not start behind {self.address} (home {paths.home}, theory {paths.theory}): {error}"
            ) from error

    async def _connect(self, patient: bool) -> None:
        """Wait for the connection. Without `patient`, a server that refuses `REFUSALS` times is not there."""
        refusals = 0
        while not await self._connected():
            refusal = await _refusal(self.address)
            refusals += refusal is not None
            if refusal is not None and refusals >= REFUSALS and not patient:
                raise EnvironmentUnavailableError(
                    f"no Isabelle server answers at {self.address} ({refusal}); is it running? "
                    "(servers/isabelle/README.md)"
                )
            if refusal is not None and refusals % TOLD_EVERY == 1:
                logger.warning("no Isabelle server answers at %s yet (%s)", self.address, refusal)
            await asyncio.sleep(PAUSE_S)
            await self._channel.close()  # a new one connects at once, the old one after its back-off
            self._channel = self._new_channel()

    async def _connected(self) -> bool:
        """Try to connect; return whether that succeeded."""
        states = self._grpc.ChannelConnectivity
        state = self._channel.get_state(try_to_connect=True)
        while state not in (states.READY, states.TRANSIENT_FAILURE):
            await self._channel.wait_for_state_change(state)
            state = self._channel.get_state(try_to_connect=True)
        return bool(state is states.READY)

    async def apply(
        self, state: str, action: str, new: str, *, timeout_s: float, hammer: bool = False
    ) -> Applied | Failed | Lost:
        """Run commands on a named state and name the result.

        Raises:
            CallTimeoutError: no answer within `timeout_s`.
            SessionCrashedError: the connection is lost, or the process behind the server.
        """
        if any(APPLY in part or "\0" in part for part in (state, action, new)):
            raise ValueError("an action may not hold the protocol's separator")
        if self.ours is not None and not hammer:
            return await self._apply_within(state, action.removeprefix(MORE_TIME).strip(), new, timeout_s)
        text = f"{APPLY} {state} {APPLY} {action} {APPLY} {new}"
        self._hammers = hammer
        answer = read_answer(await self._command(text, timeout_s), hammer=hammer)
        if isinstance(answer, Broken):
            raise _broken(answer)
        return answer

    async def _apply_within(self, state: str, text: str, new: str, limit_s: float) -> Applied | Failed | Lost:
        """Run commands at a server of ours, which stops them at the limit."""
        answer = await self._ask(do="apply", state=state, text=text, new=new, limit_s=limit_s, wait_s=limit_s + GRACE_S)
        if isinstance(answer, Lost):
            return answer
        if answer["is"] == "ok":
            return Applied(str(answer["state"]).strip("\n"), level=int(answer["level"]))
        return Failed(str(answer["message"]), answer["is"] == "timeout")

    async def _ask(self, *, wait_s: float, **request: Any) -> dict[str, Any] | Lost:
        text = await self._command(f"<prover> {json.dumps(request)}", wait_s)
        if text.startswith(LOST_STATE):
            return Lost(text.removeprefix(LOST_STATE).strip())
        try:
            answer: dict[str, Any] = json.loads(text)
        except ValueError as error:
            raise EnvironmentProtocolError(f"{self.address} answers {text[:200]!r}") from error
        return answer

    async def is_at_level_0(self, state: str, *, timeout_s: float) -> bool:
        """Return PISA's `<is finished>`: no proof is open. That is so after `oops` as well."""
        answer = read_flag(await self._command(f"<is finished> {state}", timeout_s))
        if isinstance(answer, Broken):
            raise _broken(answer)
        if isinstance(answer, Lost):
            raise SessionCrashedError(f"the server has lost the state {answer.name}")
        return answer

    async def delete(self, state: str, *, timeout_s: float) -> None:
        """Let the server forget a state, if it has it."""
        await self._command(f"<delete> {state}", timeout_s)

    async def forget(self) -> bool:
        """Let a server of ours forget all states. Returns whether it has."""
        if self.ours is None or self._running is not None:
            return False
        try:
            answer = await self._ask(do="reset", wait_s=FORGETTING_S)
        except (SessionCrashedError, EnvironmentProtocolError, CallTimeoutError):
            return False
        return not isinstance(answer, Lost) and answer.get("is") == "ok"

    async def settle(self, timeout_s: float) -> bool:
        """Wait for a call that was left running. Returns whether the server is free now."""
        if self._running is None:
            return True
        done, _ = await asyncio.wait({self._running}, timeout=timeout_s)
        if not done:
            return False
        running, self._running, self.late = self._running, None, None
        if not running.cancelled() and running.exception() is None:
            with contextlib.suppress(EnvironmentProtocolError, AttributeError):  # of another kind of call
                answer = read_answer(str(running.result().state), hammer=self._hammers)
                self.late = answer if isinstance(answer, Applied | Failed) else None
        return True

    async def close(self) -> None:
        """Close the connection; a relay then ends the server process."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            self._running = None
        with contextlib.suppress(Exception):
            await self._channel.close(grace=None)

    async def _command(self, text: str, timeout_s: float | None = None) -> str:
        answer: Any = await self._call(
            "IsabelleCommand", self._messages.IsaCommand(command=text), "IsaState", timeout_s=timeout_s
        )
        return str(answer.state)

    async def _call(self, name: str, request: Any, reply: str, *, timeout_s: float | None = None) -> Any:
        assert self._running is None, "one call at a time"
        method = self._channel.unary_unary(
            f"/server.Server/{name}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=getattr(self._messages, reply).FromString,
        )
        self._running = asyncio.ensure_future(self._answer(method, request))
        done, _ = await asyncio.wait({self._running}, timeout=timeout_s)
        if not done:
            raise CallTimeoutError
        answer, self._running = self._running, None
        return answer.result()

    async def _answer(self, method: Any, request: Any) -> Any:
        try:
            return await method(request)
        except self._grpc.aio.AioRpcError as error:
            error.__traceback__ = None  # its frames hold the call, and that the connection, after it is closed
            details = f"{error.code().name}: {error.details()}"
            if error.code().name in LOST:
                raise SessionCrashedError(f"the connection to {self.address} is lost ({details})") from error
            raise EnvironmentProtocolError(f"{self.address} answers {details}") from error


def _description(text: str) -> Description | None:
    """Read what a server says of itself; None for one that does not know the question."""
    try:
        found = json.loads(text)
        return Description(str(found["isabelle"]), str(found["session"]), frozenset(found["theories"]))
    except (ValueError, TypeError, KeyError):
        return None


def _broken(answer: Broken) -> SessionCrashedError:
    return SessionCrashedError(f"the process behind the server failed: {answer.message}")


async def _refusal(address: str) -> str | None:
    """Return why no connection can be made; None if it can, so that a relay has merely no place free."""
    host, _, port = address.rpartition(":")
    try:
        _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    except (OSError, ValueError) as error:
        number = getattr(error, "errno", None) or 0  # asyncio has a text of its own for it; resolvers count below 0
        return os.strerror(number) if number > 0 else getattr(error, "strerror", None) or str(error)
    writer.close()
    return None


def _import(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise EnvironmentUnavailableError(
            f"Isabelle through PISA needs grpcio and protobuf: {install_line('isabelle')}"
        ) from error
