"""A stand-in for a traced repository: LeanDojo's own classes and protocol, and the embedded Lean in the place of Lean.

What is real: `Dojo` with its terminal, requests and results, `Theorem`. What is not: the repository and its trace,
which would be read and compiled to start Lean; the process that is started instead speaks Lean4Repl's protocol.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import types
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from prover.core.proof_state import Advanced, Closed, GaveUp, ProofState, Rejected, TimedOut
from prover.core.theorem import Theorem
from prover.environments.lean_dojo.checking import main
from prover.environments.lean_dojo.environment import LeanDojoEnvironment
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.proving.verify import verify
from tests.conftest import ROOT

FORWARD = ROOT / "tests" / "environments" / "lean_repl" / "forward.py"
COMMIT = "0123456789" * 4
FOR_EVER_S = 100_000.0
FILE = "Mine/Test.lean"
THEOREMS = {
    "t": "theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q",
    "f": "theorem f (p : Prop) : p",
    "classical": "theorem classical (p : Prop) : p ∨ ¬p",
}
PANIC = "panic"


def library(path: str) -> Any:
    """Return lean_dojo with a `Dojo` that starts the stand-in behind the socket `path`."""
    import lean_dojo
    import pexpect

    class StandInDojo(lean_dojo.Dojo):  # type: ignore[misc]  # untyped
        def __enter__(self) -> Any:
            if self.entry.full_name not in THEOREMS or str(self.entry.file_path) != FILE:
                raise lean_dojo.DojoInitError(f"Failed to locate the theorem with `{self.entry.full_name}`")
            command = [sys.executable, "-S", "-E", str(FORWARD), path]
            self.proc = pexpect.spawn(command[0], command[1:], timeout=self.timeout, encoding="utf-8", echo=False)
            self.modified_file = contextlib.nullcontext()
            self.proc.sendline(self.entry.full_name)
            first = json.loads(self._read_next_line()[0])
            return self, lean_dojo.TacticState(self._post_process(first["tacticState"]), first["sid"])

    def check_proof(theorem: Any, proof: str) -> bool:
        command = [sys.executable, "-S", "-E", str(FORWARD), path]
        asked = f"check {theorem.full_name}\n{json.dumps(proof)}\n"
        told = subprocess.run(command, input=asked, capture_output=True, text=True, check=False).stdout
        return bool(json.loads(told))

    def repository(url: str, commit: str) -> Any:
        repo = object.__new__(lean_dojo.LeanGitRepo)  # its constructor asks GitHub about Lean
        for name, value in (("url", url), ("commit", commit)):
            object.__setattr__(repo, name, value)
        return repo

    names = ["TacticState", "ProofFinished", "ProofGivenUp", "LeanError", "Theorem"]
    names += ["DojoInitError", "DojoCrashError", "DojoTacticTimeoutError"]
    real = {name: getattr(lean_dojo, name) for name in names}
    return types.SimpleNamespace(**real, LeanGitRepo=repository, Dojo=StandInDojo, check_proof=check_proof)


@asynccontextmanager
async def traced_repository(lean: LeanWasmEnvironment) -> AsyncIterator[LeanDojoEnvironment]:
    """Give an environment on a repository that counts as traced."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "lean")
        server = await asyncio.start_unix_server(lambda r, w: serve(lean, r, w), path)
        checking = (sys.executable, "-m", "tests.environments.lean_dojo.traced", path)
        yield LeanDojoEnvironment(
            "https://example.org/mine", COMMIT, start_timeout_s=60, api=library(path), checking=checking
        )
        server.close()


async def serve(lean: LeanWasmEnvironment, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    first = (await reader.readline()).decode().split()
    if first[0] == "check":
        proof = json.loads(await reader.readline())
        accepted = await compiles(lean, THEOREMS[first[1]], proof)
        writer.write(json.dumps(accepted).encode())
        writer.close()
        return
    answering = asyncio.ensure_future(interact(lean, THEOREMS[first[0]], reader, writer))
    await asyncio.wait({answering})
    answering.exception()
    writer.close()


async def compiles(lean: LeanWasmEnvironment, statement: str, proof: str) -> bool:
    """What `check_proof` and our audit after it come to."""
    tactics, mark, _ = proof.partition("\n\n#eval show Lean.Elab.Command.CommandElabM Unit from do\n")
    assert mark, "no audit"
    return (await verify(Theorem.from_text(statement), [tactics.removeprefix("by\n")], lean, timeout_s=300)).accepted


async def interact(
    lean: LeanWasmEnvironment, statement: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    states: list[ProofState | None] = []

    def say(state: ProofState | None, *, error: str | None = None) -> None:
        text = None
        if error is None:
            states.append(state)
            goals = [goal.text for goal in state.goals] if state else []
            text = "\n\n".join(goals) if goals else "no goals"
            text = f"{len(goals)} goals\n{text}" if len(goals) > 1 else text
        answer = {"sid": len(states) - 1, "tacticState": text, "error": error}
        writer.write(f"REPL> {json.dumps(answer, ensure_ascii=False)}\n".encode())

    async with lean.open(Theorem.from_text(statement)) as session:
        say(session.initial)
        requests: asyncio.Queue[bytes] = asyncio.Queue()

        async def read() -> None:
            while line := await reader.readline():
                requests.put_nowait(line)

        async def answer() -> None:
            while True:
                request = json.loads(await requests.get())
                state = states[request["sid"]]
                if PANIC in request["cmd"]:
                    return
                assert state is not None
                (outcome,) = await session.apply(state, [request["cmd"]], timeout_s=FOR_EVER_S)
                match outcome:
                    case Advanced(after):
                        say(after)
                    case Closed():
                        say(None)
                    case GaveUp():
                        say(None, error="the proof contains `sorry`")
                    case Rejected(message) | TimedOut(message):
                        say(None, error=message)

        parts = {asyncio.ensure_future(read()), asyncio.ensure_future(answer())}
        await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)


if __name__ == "__main__":
    path = sys.argv.pop(1)
    main(library(path))
