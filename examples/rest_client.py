"""Prove a theorem with a running service (`prover serve`): submit, wait, read the record.

python examples/rest_client.py [http://127.0.0.1:8080]
"""

from __future__ import annotations

import sys

import httpx

STATEMENT = "theorem add_swap (a b : Nat) : a + b = b + a"


def main(url: str) -> None:
    """Print the proof."""
    with httpx.Client(base_url=url, timeout=60) as client:
        submitted = client.post("/v1/proofs", json={"theorem": STATEMENT, "budget": {"effort": 30}})
        submitted.raise_for_status()
        place = submitted.headers["Location"]
        job = submitted.json()
        while job["status"] in ("queued", "running"):
            job = client.get(place, params={"wait_s": 20}).raise_for_status().json()
    print(job["status"], job["record"]["proved"])
    print(job["record"]["verification"]["source"])


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080")
