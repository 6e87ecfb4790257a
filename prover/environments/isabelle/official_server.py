"""Verification by the official Isabelle server (`isabelle server`), the route to Isabelle after 2022.

It loads whole theories and reports their messages, and knows no single steps. A session of its own is started for each
proof and stopped afterwards. Protocol: Isabelle system manual, chapter 4, spoken by the package isabelle-client.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prover.core.distribution import install_line
from prover.environments.isabelle.positions import in_users_lines
from prover.environments.isabelle.theories import CLAIM, PROOF, THEORIES, Reports, theories
from prover.environments.isabelle.verification import CheckResult
from prover.environments.isabelle.versions import Version
from prover.environments.isabelle.witness import Witness, new_mark, refusal
from prover.environments.syntax.isabelle.statement import IsabelleStatement
from prover.errors import EnvironmentProtocolError, EnvironmentUnavailableError, InvalidTheoremError

START_S = 300.0
LONGEST_MESSAGE = 2000


class OfficialServer:
    """An `isabelle server` at `host:port`; `folder`: a place for theories that it sees under the same path."""

    def __init__(
        self,
        address: str,
        password: str,
        *,
        session: str,
        imports: tuple[str, ...],
        folder: str | None = None,
        version: Version | None = None,
    ) -> None:
        """Prepare; `version`: what the server has to agree with."""
        self._version = version
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit():
            raise ValueError(f"{address!r} is not the address of an Isabelle server; for example: localhost:4711")
        self._host, self._port, self._password = host, int(port), password
        self._session = session
        self._imports = imports
        self._folder = folder
        self.how = "by the official Isabelle server, in a session of its own"

    async def check(
        self, statement: IsabelleStatement, proof: str, *, names: tuple[str, ...], timeout_s: float
    ) -> CheckResult:
        """Check a proof.

        Raises:
            InvalidTheoremError: the statement itself cannot be read.
            EnvironmentUnavailableError: nothing answers there, or the session does not start.
        """
        mark = new_mark()
        with tempfile.TemporaryDirectory(prefix="prover-isabelle-", dir=self._folder) as name:
            written = theories(
                statement,
                proof,
                imports=self._imports,
                names=names,
                mark=mark,
                reports=Reports(claim="writeln", proof="writeln"),
            )
            for theory, text in written.items():
                (Path(name) / f"{theory}.thy").write_text(text, encoding="ascii")
            try:
                result = await self._loaded(name, timeout_s)
                return self._judge(result, mark, written, statement, proof)
            except TimeoutError:
                return CheckResult(False, self.how, f"not verified within {timeout_s:.3g} s", timed_out=True)

    def _judge(
        self, result: Mapping[str, Any], mark: str, written: Mapping[str, str], statement: IsabelleStatement, proof: str
    ) -> CheckResult:
        nodes = {str(node["theory_name"]).rpartition(".")[2]: node for node in result.get("nodes", ())}
        for theory in THEORIES:
            if theory in nodes and not _complete(nodes[theory]):
                said = "; ".join(_messages(nodes[theory], "error")) or "it was not processed to its end"
                errors = in_users_lines(said, written[theory], statement, proof, file=f"{theory}.thy")
                if theory == CLAIM:
                    raise InvalidTheoremError(f"Isabelle cannot read the statement: {errors[:LONGEST_MESSAGE]}")
                refused = errors.split(mark)
                if len(refused) >= 3:
                    return CheckResult(False, self.how, f"`{refused[1][:200]}` may not stand in a proof")
                return CheckResult(False, self.how, errors[:LONGEST_MESSAGE])
        if set(THEORIES) - set(nodes) or result.get("ok") is not True or result.get("errors"):
            return CheckResult(False, self.how, f"the theories were not loaded: {str(result)[:LONGEST_MESSAGE]}")
        claimed = Witness.read("".join(_messages(nodes[CLAIM], "writeln")), mark)
        proved = Witness.read("".join(_messages(nodes[PROOF], "writeln")), mark)
        reason = refusal(claimed, proved.in_theory(PROOF, CLAIM))
        return CheckResult(reason is None, self.how, reason, claimed=claimed.propositions)

    async def _loaded(self, folder: str, timeout_s: float) -> Mapping[str, Any]:
        sessions = sorted({name.rpartition(".")[0] for name in self._imports if "." in name})
        options = ["quick_and_dirty=false", "skip_proofs=false"]
        started = await self._task(
            "session_start",
            {"session": self._session, "include_sessions": sessions, "options": options},
            limit_s=START_S,
        )
        session = {"session_id": started["session_id"]}
        try:
            wanted = {**session, "theories": list(THEORIES), "master_dir": folder, "pretty_margin": 1_000_000.0}
            return await self._task("use_theories", wanted, limit_s=timeout_s)
        finally:
            with contextlib.suppress(EnvironmentUnavailableError, EnvironmentProtocolError, TimeoutError):
                await self._task("session_stop", session, limit_s=START_S)

    async def _task(self, command: str, arguments: Mapping[str, Any], *, limit_s: float) -> Mapping[str, Any]:
        try:
            from isabelle_client.data_models import ASYNCHRONOUS_FINAL_MESSAGES, IsabelleResponseType
            from isabelle_client.socket_communication import get_final_message, get_response_from_isabelle
        except ImportError as error:
            raise EnvironmentUnavailableError(
                f"the official Isabelle server needs the package isabelle-client: {install_line('isabelle')}"
            ) from error
        async with asyncio.timeout(limit_s):
            try:
                reader, writer = await asyncio.open_connection(self._host, self._port)
            except OSError as error:
                raise EnvironmentUnavailableError(
                    f"no Isabelle server answers at {self._host}:{self._port}; start one: isabelle server"
                ) from error
            try:
                writer.write(f"{self._password}\n{command} {json.dumps(arguments)}\n".encode())
                await writer.drain()
                greeting = await get_response_from_isabelle(reader)
                if greeting.response_type is not IsabelleResponseType.OK:
                    raise EnvironmentUnavailableError("the Isabelle server does not take the password")
                about = greeting.response_body
                if self._version is not None and isinstance(about, Mapping) and about.get("isabelle_name"):
                    self._version.agree(str(about["isabelle_name"]), f"the Isabelle at {self._host}:{self._port}")
                final = [answer async for answer in get_final_message(reader, ASYNCHRONOUS_FINAL_MESSAGES)][-1]
            except (ValueError, asyncio.IncompleteReadError) as error:
                raise EnvironmentProtocolError(f"the Isabelle server's answer to {command} cannot be read") from error
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
        body: Any = final.response_body
        if final.response_type is not IsabelleResponseType.FINISHED or not isinstance(body, Mapping):
            raise EnvironmentUnavailableError(f"the Isabelle server cannot {command}: {str(body)[:LONGEST_MESSAGE]}")
        return body


def _complete(node: Mapping[str, Any]) -> bool:
    """Was this theory processed to its end, without a failure?"""
    status = node["status"]
    return status["ok"] is True and status["consolidated"] is True and not status["failed"] and not status["canceled"]


def _messages(node: Mapping[str, Any], kind: str) -> list[str]:
    return [str(message["message"]) for message in node["messages"] if message["kind"] == kind]
