#!/usr/bin/env python3
"""PISA's protocol over gRPC, answered by an Isabelle/ML process of our own (repl.ML): one server, one process.

    server.py --port 8000 --session HOL --imports Main

Any PISA client can use it. What PISA lacks comes as `<prover> {"do": ...}` with JSON both ways; see README.md. Needs
grpcio and nothing else of Python's, and the program `isabelle`.

An error of Isabelle's about a text is an answer, as PISA has it (`Step error: ...`). An error of the machine is a gRPC
status: UNAVAILABLE if the process ended, INVALID_ARGUMENT if the request makes no sense.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc
from hammer import found_step
from ml_process import MachineError, MLProcess, Options, OverdueError, UnknownStateError, theory_header
from wire import field_of, message_of

APPLY = "<apply to top level state>"
MORE_TIME = "<allow more time>"
LOST = "Didn't find top level state of given name: "
LIMIT_S, LONG_LIMIT_S, HAMMER_S = 10.0, 30.0, 30.0
"""PISA's limits: for each text, with more time, and for the hammer."""
LONGEST_MESSAGE = 104_857_600
SEP = "<SEP>"

Answered = Callable[[str], Awaitable[str]]


class Service:
    """What a request is answered with."""

    def __init__(self, isabelle: MLProcess) -> None:
        self.isabelle = isabelle

    # ---- PISA's calls --------------------------------------------------------------------------------------------
    async def initialise(self, path: str) -> str:
        """InitialiseIsabelle: where Isabelle is was said when the server was started."""
        return f"----------Path to Isabelle source----------\n{path}"

    async def working_directory(self, path: str) -> str:
        """IsabelleWorkingDirectory: the session was said when the server was started."""
        return f"----------Path to Isabelle working directory----------\n{path}"

    async def context(self, path: str) -> str:
        """IsabelleContext: the imports of that theory file, if there is one; else those of the server."""
        text = await asyncio.to_thread(text_of, path)
        await self.isabelle.base(theory_header(self.isabelle.options.imports) if text is None else text)
        return f"----------Path to Isabelle theory file----------\n{path}"

    async def command(self, text: str) -> str:
        """IsabelleCommand."""
        for tag, answer in self._commands.items():
            if text.startswith(tag):
                try:
                    return await answer(text.removeprefix(tag).strip())
                except UnknownStateError as error:
                    return f"{LOST}{error}"
        return "Unrecognised operation."

    @property
    def _commands(self) -> dict[str, Answered]:
        return {
            "<initialise>": self._ready,
            APPLY: self._apply,
            "<is finished>": self._finished,
            "<get state>": self._state,
            "<get_proof_level>": self._level,
            "<clone>": self._clone,
            "<delete>": self._delete,
            "<list states>": self._list,
            "<parse text>": self._parse,
            "<local facts and defs>": self._facts,
            "<prover>": self._ours,
            "exit": self._exit,
        }

    async def _ready(self, _: str) -> str:
        await self.isabelle.ask("state", "default")
        return "Toplevel state 'default' is ready"

    async def _apply(self, text: str) -> str:
        old, action, new = (part.strip() for part in text.split(APPLY)[:3])
        limit_s = LIMIT_S
        if action.startswith(MORE_TIME):
            action, limit_s = action.removeprefix(MORE_TIME).strip(), LONG_LIMIT_S
        if action.startswith("normalhammer"):
            return await self._hammer(old, new)
        answer = await self._run(old, action, new, limit_s)
        return answer[1] if answer[0] == "ok" else f"Step error: {answer[1]}"

    async def _hammer(self, old: str, new: str) -> str:
        answer = await self._run(old, f"sledgehammer [timeout = {HAMMER_S:g}]", "prover_hammer", HAMMER_S + LIMIT_S)
        if answer[0] != "ok":
            return f"Step error: no proof found by sledgehammer: {answer[1]}"
        step = found_step(answer[4:])
        if step is None:
            return "Step error: no proof found by sledgehammer: " + " | ".join(answer[4:])
        answer = await self._run(old, step, new, LONG_LIMIT_S)
        return f"{step} <hammer> {answer[1]}" if answer[0] == "ok" else f"Step error: `{step}`: {answer[1]}"

    async def _run(self, old: str, text: str, new: str, limit_s: float) -> list[str]:
        try:
            return await self.isabelle.apply(old, text, new, limit_s)
        except OverdueError as error:
            return ["timeout", f"{error} (it did not stop; its process was replaced)"]

    async def _finished(self, name: str) -> str:
        return str((await self.isabelle.ask("state", name))[2] == "0").lower()

    async def _state(self, name: str) -> str:
        return (await self.isabelle.ask("state", name))[1]

    async def _level(self, name: str) -> str:
        return (await self.isabelle.ask("state", name))[2]

    async def _clone(self, text: str) -> str:
        old, _, new = (part.strip() for part in text.partition("<clone>"))
        await self.isabelle.clone(old, new)
        return f"Successfully copied state named: {new}"

    async def _delete(self, name: str) -> str:
        return f"Successfully deleted state named: {name}" if await self.isabelle.delete(name) else f"{LOST}{name}"

    async def _list(self, _: str) -> str:
        return " | ".join(self.isabelle.names)

    async def _parse(self, text: str) -> str:
        spans = (await self.isabelle.ask("spans", "default", text))[1:]
        return SEP.join(span.strip() for span in spans if span.strip())

    async def _facts(self, name: str) -> str:
        goals = read_goals(await self.isabelle.ask("goals", name))
        return SEP.join(f"{fact['name']}<DEF>{fact['statement']}" for fact in goals["facts"])

    async def _exit(self, _: str) -> str:
        await self.isabelle.end()
        return "Exited"

    # ---- what PISA lacks -----------------------------------------------------------------------------------------
    async def _ours(self, text: str) -> str:
        asked = json.loads(text)
        match asked.get("do"):
            case "describe":
                theories = await self.isabelle.theories()
                found: dict[str, Any] = {
                    "server": "prover",
                    "isabelle": self.isabelle.version,
                    "session": self.isabelle.options.session,
                    "imports": list(self.isabelle.options.imports),
                    "theories": theories,
                }
            case "apply":
                limit_s = float(asked.get("limit_s", LIMIT_S))
                answer = await self._run(asked["state"], asked["text"], asked["new"], limit_s)
                found = {"is": answer[0]}
                if answer[0] == "ok":
                    found |= {"state": answer[1], "level": int(answer[2]), "mode": answer[3], "messages": answer[4:]}
                else:
                    found["message"] = answer[1]
            case "goals":
                found = read_goals(await self.isabelle.ask("goals", asked["state"]))
            case "tool":
                found = await self._tool(asked["state"], asked["tool"], float(asked.get("limit_s", LONG_LIMIT_S)))
            case "reset":
                await self.isabelle.reset()
                found = {"is": "ok"}
            case other:
                raise ValueError(f"{other!r} is none of describe, apply, goals, tool, reset")
        return json.dumps(found)

    async def _tool(self, state: str, tool: str, limit_s: float) -> dict[str, Any]:
        """Run a diagnostic command on a state: quickcheck, nitpick, sledgehammer, try0, with its options."""
        if not tool.split() or tool.split()[0].partition("[")[0] not in TOOLS:
            raise ValueError(f"{tool!r} is none of {', '.join(TOOLS)}")
        answer = await self._run(state, tool, "prover_tool", limit_s)
        return {"is": answer[0], "messages": answer[4:] if answer[0] == "ok" else answer[1:]}


TOOLS = ("quickcheck", "nitpick", "sledgehammer", "try0", "try", "solve_direct", "print_facts", "print_cases")


def text_of(path: str) -> str | None:
    """Return what stands in a file; None if there is no such file."""
    file = Path(path)
    return file.read_text("utf-8") if path and file.is_file() else None


def read_goals(answer: list[str]) -> dict[str, Any]:
    """Return a proof state as data from the answer of repl.ML.

    Raises:
        ValueError: the state is none of a proof.
    """
    if answer[0] != "ok":
        raise ValueError(answer[1])
    parts = iter(answer[1:])

    def several(read: Callable[[], Any]) -> list[Any]:
        return [read() for _ in range(int(next(parts)))]

    def typed() -> dict[str, str]:
        return {"name": next(parts), "type": next(parts)}

    return {
        "subgoals": several(lambda: {"statement": next(parts), "parameters": several(typed)}),
        "using": several(lambda: next(parts)),
        "facts": several(lambda: {"name": next(parts), "statement": next(parts)}),
        "fixed": several(typed),
    }


def handlers(service: Service) -> grpc.GenericRpcHandler:
    """Return the calls of PISA's service."""

    def unary(answer: Answered) -> grpc.RpcMethodHandler:
        async def behaviour(request: bytes, context: Any) -> bytes:
            try:
                return message_of(await answer(field_of(request)))
            except MachineError as error:
                await context.abort(grpc.StatusCode.UNAVAILABLE, str(error))
            except (UnknownStateError, OverdueError, ValueError, KeyError, OSError) as error:
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{type(error).__name__}: {error}")
            raise AssertionError  # abort raises

        return grpc.unary_unary_rpc_method_handler(behaviour)

    return grpc.method_handlers_generic_handler(
        "server.Server",
        {
            "InitialiseIsabelle": unary(service.initialise),
            "IsabelleWorkingDirectory": unary(service.working_directory),
            "IsabelleContext": unary(service.context),
            "IsabelleCommand": unary(service.command),
        },
    )


async def serve(host: str, port: int, options: Options) -> None:
    """Serve until a signal ends us; then end the process."""
    isabelle = MLProcess(options)
    size = [("grpc.max_receive_message_length", LONGEST_MESSAGE), ("grpc.max_send_message_length", LONGEST_MESSAGE)]
    server = grpc.aio.server(options=[*size, ("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((handlers(Service(isabelle)),))
    bound = server.add_insecure_port(f"{host}:{port}")
    await server.start()
    print(f"server: listening on {bound}", flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    await server.stop(grace=None)
    await isabelle.end()


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--tool", default="isabelle", help="program or path of Isabelle")
    parser.add_argument("--session", default="HOL", help="session whose heap image is loaded")
    parser.add_argument("--folder", action="append", default=[], help="folder with more sessions, as `isabelle -d`")
    parser.add_argument("--imports", default="Main", help="theories that a text may import, comma-separated")
    options = parser.parse_args()
    chosen = Options(options.tool, options.session, tuple(options.folder), tuple(options.imports.split(",")))
    asyncio.run(serve(options.host, options.port, chosen))


if __name__ == "__main__":
    main()
