r"""A stand-in for `isabelle process` with repl.ML in it: the same messages, answered from recordings.

    python -m tests.environments.isabelle.ml RECORDINGS version
    python -m tests.environments.isabelle.ml RECORDINGS process -l HOL ... -e 'Prover_REPL.main "HOST:PORT" "PASSWORD"'

`ML_val \<open>sleep\<close>` never stops; `ML_val \<open>exit\<close>` ends the process.
"""

from __future__ import annotations

import os
import re
import socket
import sys
import time
from pathlib import Path

from tests.environments.isabelle.recorded import Isabelle, Recordings, StepError, Top, split


class Repl:
    """What repl.ML answers."""

    def __init__(self, isabelle: Isabelle) -> None:
        self.isabelle = isabelle
        self.states = {"default": Top()}

    def answer(self, kind: str, *parts: str) -> list[str]:
        try:
            match kind:
                case "apply":
                    return self.apply(*parts)
                case "state":
                    return ["ok", *described(self.states[parts[0]])]
                case "delete":
                    del self.states[parts[0]]
                    return ["ok"]
                case "clone":
                    self.states[parts[1]] = self.states[parts[0]]
                    return ["ok"]
                case "spans":
                    return ["ok", *split(parts[1])]
                case "goals":
                    goal = self.states[parts[0]].printed.rpartition(" 1. ")[2]
                    return ["ok", "1", goal, "0", "0", "1", "h", "A", "1", "x", "nat"]
                case "base":
                    return ["ok"]
                case "reset":
                    self.states = {"default": Top()}
                    return ["ok"]
                case "theories":
                    return ["ok", "Pure", "Main"]
            return ["unknown", kind]
        except KeyError as error:
            return ["lost", str(error.args[0])]

    def apply(self, old: str, new: str, limit: str, text: str) -> list[str]:
        top = self.states[old]
        if "back_subst" in text:  # goes on for ever, and is stopped
            time.sleep(int(limit) / 1000)
            return ["timeout", f"Timeout after {int(limit) / 1000}s"]
        if "sleep" in text:
            time.sleep(600)
        if "exit" in text:
            os._exit(7)
        if text.startswith(("quickcheck", "sledgehammer")):
            self.states[new] = top
            step = self.isabelle.recordings.hammer(top.theorem, top.printed)
            said = f"cvc5 found a proof: {step} (12 ms)" if step else "No proof found"
            return ["ok", *described(top), said]
        try:
            self.states[new] = self.isabelle.run(top, text)
        except StepError as error:
            return ["timeout" if str(error).startswith("Timeout after") else "error", str(error)]
        return ["ok", *described(self.states[new])]


def described(top: Top) -> list[str]:
    return [top.printed, str(top.level), top.mode]


def main() -> None:
    recordings, kind, *rest = sys.argv[1:]
    if kind == "version":
        print("Isabelle2025")
        return
    if kind != os.environ.get("RECORDED_TOOL", "process"):
        print(f"*** Unknown Isabelle tool: {kind!r}")
        sys.exit(2)
    found = re.search(r'Prover_REPL.main "([^:]*):(\d+)" "(\w+)"', " ".join(rest))
    assert found, rest
    repl = Repl(Isabelle(Recordings.load(Path(recordings))))
    with socket.create_connection((found[1], int(found[2]))) as connection, connection.makefile("rwb") as stream:
        answer = ["hello", found[3]]
        while True:
            data = [part.encode() for part in answer]
            stream.write(",".join(str(len(part)) for part in data).encode() + b"\n" + b"".join(data))
            stream.flush()
            header = stream.readline()
            if not header:
                return
            answer = repl.answer(*(stream.read(int(length)).decode() for length in header.split(b",")))


if __name__ == "__main__":
    main()
