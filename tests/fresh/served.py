"""`make serve`, one proof over REST, Ctrl-C; all with Python's own library, for a system that has nothing else.

python3 tests/fresh/served.py
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request

THEOREM = "theorem add_swap (a b : Nat) : a + b = b + a"


def main() -> None:
    """Print everything that is said, and what came of the theorem."""
    serving = subprocess.Popen(
        ["make", "serve"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env=os.environ | {"PROVER_SERVE__PORT": "0"},
    )
    assert serving.stdout is not None  # a pipe
    for line in serving.stdout:
        sys.stdout.write(line)
        if found := re.search(r"at (http://\S+)", line):
            print("the answer:", answer(found[1]))
            os.killpg(serving.pid, signal.SIGINT)  # as a terminal does
    serving.wait()
    print("ended")


def answer(url: str) -> str:
    """Have one theorem proved."""
    body = json.dumps({"theorem": THEOREM}).encode()
    request = urllib.request.Request(f"{url}/v1/proofs?wait_s=60", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as response:
        job = json.load(response)
    return f"{job['status']}, proved: {job.get('proved')}"


if __name__ == "__main__":
    main()
