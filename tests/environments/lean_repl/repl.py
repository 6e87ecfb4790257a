"""A stand-in for the community REPL on top of the embedded Lean: the protocol is the REPL's, the answers are Lean's.

It keeps the REPL's habits: no limits, nothing is released, a malformed request ends the process, errors in two shapes,
states from before a theorem's own command (the constants of a pattern match in a statement are missing there).
The embedded library has no proofs, so its theorems show as axioms; they are left out: a real Lean goes through them.
The processes (forward.py) are real and quick to start; who answers them is here, with Lean processes that stay warm.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prover.core.proof_state import Advanced, Closed, GaveUp, ProofState, Rejected, TimedOut
from prover.core.theorem import Theorem, split_imports
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.lean_wasm.file import LeanFile
from prover.environments.lean_wasm.process import LeanProcess
from prover.environments.lean_wasm.session import LeanSession
from prover.errors import EnvironmentUnavailableError, InvalidTheoremError, Message

PANIC = "panic"
"""A tactic with this word ends the process."""
MATCHING = re.compile(r"theorem (?P<name>\S+).*\bmatch\b", re.DOTALL)
SUGGESTED = {"exact?": "exact Nat.add_comm a b"}
"""What Lean suggests in place of a tactic is said here: the embedded Lean's driver does not tell."""
FOR_EVER_S = 100_000.0
REAL_AXIOMS = {"propext", "Classical.choice", "Quot.sound", "sorryAx", "Lean.ofReduceBool", "Lean.trustCompiler"}


@dataclass
class Environment:
    imports: tuple[str, ...]
    text: str


class Repl:
    """What one process of the REPL knows."""

    def __init__(self, lean: LeanWasmEnvironment) -> None:
        self.lean = lean
        self.sessions: list[LeanSession] = []
        self.processes: dict[tuple[str, ...], LeanProcess] = {}
        self.environments: list[Environment] = []
        self.states: list[tuple[LeanSession, ProofState] | None] = []
        self.missing: dict[int, str] = {}
        """Constants that a theorem's own command defines, by the states (from before it) that miss them."""

    async def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if "tactic" in request:
            return await self.step(request["proofState"], request["tactic"])
        if "env" in request and request["env"] >= len(self.environments):
            return {"message": "Unknown environment."}
        return await self.command(request["cmd"], request.get("env"))

    async def command(self, text: str, env: int | None) -> dict[str, Any]:
        if env is None:
            imports, body = split_imports(text)
            before = Environment(imports, "")
        else:
            before, body = self.environments[env], text
        lines = before.text.count("\n")
        after = Environment(before.imports, f"{before.text}{body}\n")
        if not after.text.strip() and before.imports == ("Init",):
            return self.told([], lines, after)
        try:
            process = await self.process(before.imports)
        except (EnvironmentUnavailableError, InvalidTheoremError) as error:
            return self.told([Message("error", f"unknown module prefix: {error}", 1, 0)], 0, before)
        if not after.text.strip():
            return self.told([], lines, after)
        source = Theorem("", before.imports, after.text)
        file = LeanFile(process, source, heartbeats=200_000, timeout_s=FOR_EVER_S)
        try:
            await file.start()
        except InvalidTheoremError as error:
            return self.told(list(error.messages) or [Message("error", error.reason, 1 + lines, 0)], lines, before)
        answer = self.told(list(file.messages), lines, after)
        sorries = []
        for hole in file.holes:
            if hole.line <= lines or "never elaborates" in (hole.obstacle or ""):
                continue
            number = None if hole.obstacle else await self.state(process, source, None)
            if number is None and not hole.obstacle:
                number = await self.state(process, source, hole.number)
            if "data" in (hole.obstacle or ""):  # the REPL gives a state for data too; ours takes no tactic
                self.states.append(None)
                number = len(self.states) - 1
            if number is not None and (matching := MATCHING.search(body)):
                self.missing[number] = f"{matching['name']}.match_1"
            place = {"line": hole.line - lines, "column": hole.column}
            sorries.append({"proofState": number, "goal": hole.goal, "pos": place})
        return answer | ({"sorries": sorries} if sorries else {})

    async def state(self, process: LeanProcess, source: Theorem, hole: int | None) -> int | None:
        """A state for a hole; with None, for the theorem whose whole proof is a `sorry`."""
        session = LeanSession(process, source, heartbeats=200_000, hole=hole)
        try:
            await session.start()
        except InvalidTheoremError:
            return None
        self.sessions.append(session)
        return self.keep(session, session.initial)

    def keep(self, session: LeanSession, state: ProofState) -> int:
        self.states.append((session, state))
        return len(self.states) - 1

    async def step(self, number: int, tactic: str) -> dict[str, Any]:
        if number >= len(self.states) or (found := self.states[number]) is None:
            return {"message": "Unknown proof state."}
        if number in self.missing:
            return {"message": f"Lean error:\n(kernel) unknown constant '{self.missing[number]}'"}
        session, state = found
        (outcome,) = await session.apply(state, [tactic], timeout_s=FOR_EVER_S)
        match outcome:
            case Advanced(after):
                goals = [goal.text for goal in after.goals]
                return {
                    "proofStatus": "Incomplete: open goals remain",
                    "proofState": self.keep(session, after),
                    "goals": goals,
                }
            case Closed():
                self.states.append(None)
                done: dict[str, Any] = {"proofStatus": "Completed", "proofState": len(self.states) - 1, "goals": []}
                place = {"line": 0, "column": 0}
                hints = [
                    {"severity": "info", "pos": place, "endPos": place, "data": f"Try this:\n  [apply] {suggested}"}
                    for suggested in filter(None, [SUGGESTED.get(tactic)])
                ]
                return done | ({"messages": hints} if hints else {})
            case GaveUp():
                self.states.append(None)
                status = "Incomplete: contains sorry"
                return {"proofStatus": status, "proofState": len(self.states) - 1, "goals": []}
            case Rejected(message) | TimedOut(message):
                if "unknown identifier" not in message.lower():
                    return {"message": f"Lean error:\n{message}"}
                self.states.append(None)  # Lean recovers from errors in terms
                place = {"line": 0, "column": 0}
                said = {"severity": "error", "pos": place, "endPos": place, "data": message}
                status = "Incomplete: contains sorry"
                return {"proofStatus": status, "proofState": len(self.states) - 1, "messages": [said], "goals": []}

    async def process(self, imports: tuple[str, ...]) -> LeanProcess:
        if imports not in self.processes:
            self.processes[imports] = await self.lean._acquire(imports)
        return self.processes[imports]

    async def close(self) -> None:
        for session in self.sessions:
            session.close()
        for imports, process in self.processes.items():
            await self.lean._give_back(imports, process)

    def told(self, messages: list[Message], lines: int, after: Environment) -> dict[str, Any]:
        self.environments.append(after)
        answer: dict[str, Any] = {"env": len(self.environments) - 1}
        said = [
            {
                "severity": message.severity,
                "pos": {"line": message.line - lines, "column": message.column},
                "data": with_real_axioms(message.text, after.text),
            }
            for message in messages
            if message.line > lines or message.line == 0
        ]
        return answer | ({"messages": said} if said else {})


def with_real_axioms(message: str, text: str) -> str:
    found = re.fullmatch(r"('.+') depends on axioms: \[([^\]]*)\]", message)
    if not found:
        return message
    declared = set(re.findall(r"^axiom (\S+)", text, re.MULTILINE))
    kept = [name for name in re.split(r",\s*", found[2]) if name in REAL_AXIOMS | declared]
    listed = ",\n ".join(kept)
    return f"{found[1]} depends on axioms: [{listed}]" if kept else f"{found[1]} does not depend on any axioms"


@asynccontextmanager
async def serving(lean: LeanWasmEnvironment) -> AsyncIterator[tuple[str, ...]]:
    """Give the command that starts a process of the stand-in."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        repl = Repl(lean)
        requests: asyncio.Queue[str] = asyncio.Queue()
        answering = asyncio.ensure_future(answer_all(repl, requests, writer))
        lines: list[str] = []
        with contextlib.suppress(ConnectionError):
            while line := (await reader.readline()).decode():
                if line.strip():
                    lines.append(line.rstrip("\n"))
                elif lines:
                    requests.put_nowait("".join(lines))
                    lines = []
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)
        await repl.close()

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "repl")
        server = await asyncio.start_unix_server(serve, path, limit=2**24)
        yield (sys.executable, "-S", "-E", str(Path(__file__).parent / "forward.py"), path)
        server.close()


async def answer_all(repl: Repl, requests: asyncio.Queue[str], writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            request = json.loads(await requests.get())
            if PANIC in request.get("tactic", ""):
                return
            writer.write(json.dumps(await repl.answer(request), ensure_ascii=False, indent=1).encode() + b"\n\n")
    finally:  # also where the request is malformed
        writer.close()
