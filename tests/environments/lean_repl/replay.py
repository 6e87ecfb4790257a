"""A stand-in for the community REPL that answers from its own recorded transcripts, in their order.

python -m tests.environments.lean_repl.replay FOLDER NAME... [--slow] [--die]

It reads requests as the REPL does, wants exactly the recorded ones, and gives the recorded bytes back.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path


def requests(path: Path) -> list[str]:
    """Return a transcript's requests: blocks between empty lines, comments left out, lines joined without a break."""
    blocks: list[list[str]] = [[]]
    for line in path.read_text().splitlines():
        if not line.strip():
            blocks.append([])
        elif not line.startswith(("#", "--")):
            blocks[-1].append(line)
    return ["".join(block) for block in blocks if block]


def answers(path: Path) -> list[str]:
    """Return a transcript's answers as they were written."""
    return [block for block in path.read_text().split("\n\n") if block.strip()]


def transcripts(folder: Path) -> list[str]:
    """Return the names of those with an expectation whose requests can be told apart."""
    names = sorted(path.name.removesuffix(".in") for path in folder.glob("*.in"))
    return [name for name in names if (folder / f"{name}.expected.out").exists()]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--slow", action="store_true", help="never answer the last request")
    parser.add_argument("--die", action="store_true", help="end at the last request")
    options = parser.parse_args()
    script = [
        (json.loads(asked), told)
        for name in options.names
        for asked, told in zip(
            requests(options.folder / f"{name}.in"), answers(options.folder / f"{name}.expected.out"), strict=True
        )
    ]
    lines: list[str] = []
    for number, (asked, told) in enumerate(script, start=1):
        while (line := sys.stdin.readline()).strip() or not lines:
            if not line:
                return
            if line.strip():
                lines.append(line.rstrip("\n"))
        request, lines = json.loads("".join(lines)), []
        if request != asked:
            print(f"unexpected request {request}, not {asked}", file=sys.stderr)
            sys.exit(1)
        if number == len(script) and options.slow:
            time.sleep(1000)
        if number == len(script) and options.die:
            print("INTERNAL PANIC: out of memory", file=sys.stderr)
            sys.exit(1)
        print(told, end="\n\n", flush=True)


if __name__ == "__main__":
    main()
