"""A stand-in for the program `isabelle` and for `isabelle server`: loads whole theories, by the recorded answers.

python -m tests.environments.isabelle.tool RECORDINGS build -d FOLDER -o OPTION SESSION
python -m tests.environments.isabelle.tool RECORDINGS server PASSWORD
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.environments.isabelle.recorded import Isabelle, Recordings, StepError, Top, split

ML = re.compile(r"ML \\<open>\nval \(\) =.*?\n\\<close>", re.DOTALL)
Report = Callable[[str, str], None]


def load(isabelle: Isabelle, text: str, report: Report, *, quick_and_dirty: bool) -> None:
    """Load a theory as a batch process does. Raises StepError."""
    header, body = text.split("\nbegin\n", 1)
    top = isabelle.run(Top(dirty=quick_and_dirty), header.replace("\n", " ") + " begin")
    body = body.rstrip().removesuffix("end")
    at = 0
    for found in ML.finditer(body):
        top = commands(isabelle, top, body[at : found.start()], quick_and_dirty=quick_and_dirty)
        our_ml(isabelle, top, found[0], report)
        at = found.end()
    top = commands(isabelle, top, body[at:], quick_and_dirty=quick_and_dirty)
    if top.mode != "theory":
        raise StepError("unfinished proof, or the theory was left")


def commands(isabelle: Isabelle, top: Top, text: str, *, quick_and_dirty: bool) -> Top:
    dirty = quick_and_dirty or "declare [[quick_and_dirty = true]]" in text
    if not dirty and ({"sorry", r"\<proof>"} & {part.split()[0] for part in split(text)}):
        raise StepError("Cheating requires quick_and_dirty mode!")
    return isabelle.run(top, text)


def our_ml(isabelle: Isabelle, top: Top, text: str, report: Report) -> None:
    if "val allowed = [" in text:
        isabelle.run(top, text)
        return
    try:
        isabelle.run(top, text)
    except StepError as error:
        if "WITNESS" not in str(error):
            raise
        path = re.search(r'File\.write \(Path\.explode "([^"]*)"\)', text)
        report(path[1] if path else "", str(error).rsplit("\nAt command", 1)[0])


def write(path: str, text: str) -> None:
    Path(path).write_text(text)


def build(isabelle: Isabelle, folder: Path, options: str, session: str) -> int:
    root = (folder / "ROOT").read_text()
    if "quick_and_dirty = false" not in root or "quick_and_dirty=false" not in options or session not in root:
        return 2
    for name in re.findall(r"^    (\w+)$", root.split("theories")[-1], re.MULTILINE):
        try:
            load(
                isabelle,
                (folder / f"{name}.thy").read_text(),
                write,
                quick_and_dirty=False,
            )
        except StepError as error:
            print(f"{session} FAILED\n*** {error}\n*** At command in {name}.thy")
            return 1
    print(f"Finished {session}")
    return 0


class OfficialServer:
    """`session_start`, `use_theories` and `session_stop` of the official server, over its own framing."""

    def __init__(self, isabelle: Isabelle, password: str) -> None:
        self.isabelle = isabelle
        self.password = password
        self.sessions = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(kind: str, body: object) -> None:
            line = f"{kind} {json.dumps(body)}"
            writer.write(f"{len(line)}\n{line}".encode() if len(line) > 100 else f"{line}\n".encode())

        try:
            if (await reader.readline()).decode().strip() != self.password:
                return
            say("OK", {"isabelle_id": "recorded", "isabelle_name": "Isabelle2025"})
            name, _, argument = (await reader.readline()).decode().strip().partition(" ")
            arguments = json.loads(argument)
            say("OK", {"task": "1"})
            say("NOTE", {"task": "1", "kind": "writeln", "message": "working"})
            match name:
                case "session_start":
                    self.sessions += 1
                    say("FINISHED", {"task": "1", "session_id": f"s{self.sessions}", "tmp_dir": "none"})
                case "session_stop":
                    say("FINISHED", {"task": "1", "ok": True, "return_code": 0})
                case "use_theories":
                    say("FINISHED", {"task": "1", **self.use(Path(arguments["master_dir"]), arguments["theories"])})
                case _:
                    say("FAILED", {"task": "1", "kind": "error", "message": "what?"})
            await writer.drain()
        finally:
            writer.close()

    def use(self, folder: Path, names: list[str]) -> dict[str, Any]:
        nodes = []
        for name in names:
            said: list[dict[str, str]] = []
            try:
                load(
                    self.isabelle,
                    (folder / f"{name}.thy").read_text(),
                    lambda _, text: said.append({"kind": "writeln", "message": text}),  # noqa: B023  # called at once
                    quick_and_dirty=False,
                )
                ok = True
            except StepError as error:
                said.append({"kind": "error", "message": str(error)})
                ok = False
            status = {
                "ok": ok, "total": 1, "unprocessed": 0, "running": 0, "warned": 0, "failed": int(not ok), "finished": 1,
                "canceled": False, "consolidated": True, "percentage": 100,
            }  # fmt: skip
            nodes.append(
                {"node_name": name, "theory_name": f"Draft.{name}", "status": status, "messages": said, "exports": []}
            )
        ok = all(node["status"]["ok"] for node in nodes)  # type: ignore[index]
        return {"ok": ok, "errors": [] if ok else [{"kind": "error", "message": "failed"}], "nodes": nodes}


def main() -> None:
    recordings, kind, *rest = sys.argv[1:]
    isabelle = Isabelle(Recordings.load(Path(recordings)))
    if kind == "build":
        assert rest[0] == "-d"
        sys.exit(build(isabelle, Path(rest[1]), rest[3], rest[4]))

    async def serve() -> None:
        server = await asyncio.start_server(OfficialServer(isabelle, rest[0]).serve, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
