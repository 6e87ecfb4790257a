"""Install the embedded Lean for the image: with fast starts and lists of the library for what is usually imported.

Run while the image is built, with no more of the source than this imports.
"""

from __future__ import annotations

import asyncio
import sys

from prover.environments.lean_wasm.install import Installation
from prover.environments.lean_wasm.library import LeanLibrary

IMPORTS = ("Init", "Std", "Lean")


def main(folder: str) -> None:
    """Install into this folder."""
    installation = Installation.in_cache(folder)
    installation.install()
    for name in IMPORTS:
        installation.ensure_snapshot((name,))
        asyncio.run(LeanLibrary(installation)((name,)))


if __name__ == "__main__":
    main(sys.argv[1])
