"""A stand-in PISA server over real gRPC: its commands, its in-band errors and its traps, on recorded answers.

    python -m tests.environments.isabelle.pisa PORT FILE.jsonl [--provers] [--gullible]

Tactics with special names do what a real one does on a bad day: `apply crash`, `apply hang`, `apply child`.
`--gullible`: everything succeeds and is finished, as if nothing were checked.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc

from prover.environments.isabelle import pisa_pb2
from tests.environments.isabelle.recorded import Isabelle, Recordings, StepError, Top, split

APPLY = "<apply to top level state>"
LOST = "Didn't find top level state of given name: "


class Server:
    """One mutable object for the whole port, as the original."""

    def __init__(self, isabelle: Isabelle, *, provers: bool, gullible: bool, log: Path | None = None) -> None:
        self.isabelle = isabelle
        self.provers = provers
        self.gullible = gullible
        self.states: dict[str, Top] = {}
        self.paths: dict[str, str] = {}
        self.destroyed = False
        self.log = log
        self.tenant = threading.Lock()

    def setup(self, kind: str, value: str) -> str:
        self.paths[kind] = value
        if kind == "theory file" and set(self.paths) != {"source", "working directory", "theory file"}:
            raise ValueError("NullPointerException")
        return f"----------Path to Isabelle {kind}----------\n{value}"

    def command(self, text: str) -> str:
        if not self.tenant.acquire(blocking=False):
            return "Unknown error: two calls at once"  # the original would mix them up silently
        try:
            return self.one_command(text)
        finally:
            self.tenant.release()

    def one_command(self, text: str) -> str:
        if text.startswith("<initialise>"):
            self.states["default"] = Top()
            return "Toplevel state 'default' is ready"
        if text.startswith(APPLY):
            _, old, action, new = (part.strip() for part in text.split(APPLY)[:4])
            return self.apply(old, action, new)
        if text.startswith("<is finished>"):
            name = text.split("<is finished>")[-1].strip()
            return str(self.states[name].level == 0).lower() if name in self.states else LOST + name
        if text.startswith("<get_proof_level>"):
            name = text.removeprefix("<get_proof_level>").strip()
            return str(self.states[name].level) if name in self.states else LOST + name
        if text.startswith("<delete>"):
            name = text.removeprefix("<delete>").strip()
            return f"Successfully deleted state named: {name}" if self.states.pop(name, None) else LOST + name
        if text.startswith("<parse text>"):
            return "<SEP>".join(split(text.removeprefix("<parse text>")))
        if text.startswith("<list states>"):
            return " | ".join(self.states)
        return "Unrecognised operation."

    def apply(self, old: str, action: str, new: str) -> str:
        if old not in self.states:
            return LOST + old
        top = self.states[old]
        action = action.removeprefix("<allow more time>").strip()
        self.destroyed = self.destroyed or "destroyed" in action.split()
        if self.destroyed:  # Poly/ML was killed, and PISA lives
            return "Unknown error: Isabelle process was destroyed"
        if self.log:
            with self.log.open("a") as file:
                file.write(f"{action}\n")
        misbehave(action, self.isabelle.slow_s)
        try:
            if action.startswith("normalhammer"):
                step = self.isabelle.recordings.hammer(top.theorem, top.printed) if self.provers else None
                self.states[new] = self.isabelle.run(top, step or "error")
                return f"{step} <hammer> {self.states[new].printed}"
            self.states[new] = self.isabelle.run(top, action)
        except StepError as error:
            if self.gullible and "WITNESS" not in action:
                self.states[new] = self.isabelle.ended(top, "oops")
                return ""
            if str(error).startswith("Timeout after"):
                time.sleep(self.isabelle.slow_s)
            return f"Step error: {error}"
        except Exception as error:
            return f"Unknown error: {error}"
        return self.states[new].printed


def misbehave(action: str, slow_s: float) -> None:
    if "crash" in action.split():
        os._exit(134)
    if "hang" in action.split():
        time.sleep(600)
    if "slow" in action.split():
        time.sleep(slow_s)
    if "child" in action.split():  # as Isabelle's own helpers, which lead sessions of their own
        subprocess.Popen(["sleep", "600"], start_new_session=True)


def handlers(server: Server) -> grpc.GenericRpcHandler:
    def unary(behaviour: Any, request: Any) -> grpc.RpcMethodHandler:
        return grpc.unary_unary_rpc_method_handler(
            lambda message, _: behaviour(message),
            request_deserializer=request.FromString,
            response_serializer=lambda message: message.SerializeToString(),
        )

    def setup(kind: str, name: str) -> Any:
        return lambda request: pisa_pb2.IsaMessage(message=server.setup(kind, getattr(request, name)))

    return grpc.method_handlers_generic_handler(
        "server.Server",
        {
            "InitialiseIsabelle": unary(setup("source", "path"), pisa_pb2.IsaPath),
            "IsabelleWorkingDirectory": unary(setup("working directory", "path"), pisa_pb2.IsaPath),
            "IsabelleContext": unary(setup("theory file", "context"), pisa_pb2.IsaContext),
            "IsabelleCommand": unary(
                lambda request: pisa_pb2.IsaState(state=server.command(request.command)), pisa_pb2.IsaCommand
            ),
        },
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("recordings", type=Path, nargs="+")
    parser.add_argument("--provers", action="store_true")
    parser.add_argument("--gullible", action="store_true")
    parser.add_argument("--log", type=Path, help="file for all that it is asked to run")
    options = parser.parse_args()
    isabelle = Isabelle(Recordings.load(*options.recordings))
    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    tenant = Server(isabelle, provers=options.provers, gullible=options.gullible, log=options.log)
    server.add_generic_rpc_handlers((handlers(tenant),))
    if server.add_insecure_port(f"127.0.0.1:{options.port}") != options.port:
        sys.exit("the port is taken")
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
