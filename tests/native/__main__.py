"""Run the ten checks and print their table: `python -m tests.native`."""

from __future__ import annotations

import argparse
import asyncio
import platform
import tempfile
import time
from pathlib import Path

from prover import __version__
from tests.native.checks import CHECKS, Check
from tests.native.place import NotRunError, Place, has_lake, place_for

WIDTH = 18


async def outcome_of(check: Check, place: Place) -> tuple[str, str]:
    """Return how a check ended, and its note on one line."""
    try:
        return "ok", await check(place)
    except NotRunError as error:
        return "not run", str(error)
    except Exception as error:  # the table is to be whole
        return "FAILED", f"{type(error).__name__}: {error}"


async def run(options: argparse.Namespace) -> int:
    """Run the checks that are wanted. Returns the exit status: 1 if one failed."""
    stand_in = options.stand_in or not has_lake()
    lean = "the stand-in (no native Lean)" if stand_in else f"Lean {options.toolchain}"
    print(
        f"prover {__version__}, {lean}, {platform.system()} {platform.machine()}, Python {platform.python_version()}\n"
    )
    print(f"{'check':<{WIDTH}} {'result':<8} {'seconds':>7}  note")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="prover-native-") as folder:
        async with place_for(
            Path(folder),
            toolchain=options.toolchain,
            stand_in=stand_in,
            mathlib=not options.no_mathlib and not stand_in,
            quick=options.quick,
        ) as place:
            for number, (name, check) in enumerate(CHECKS.items(), start=1):
                if options.only and number not in options.only:
                    continue
                started = time.monotonic()
                result, note = await outcome_of(check, place)
                failed += result == "FAILED"
                line = " ".join(note.split())
                print(f"{name:<{WIDTH}} {result:<8} {time.monotonic() - started:>7.0f}  {line[:1000]}", flush=True)
    print(f"\n{'all that ran passed' if not failed else f'{failed} failed'}; please send this table back")
    return 1 if failed else 0


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.native", description=__doc__)
    parser.add_argument("--toolchain", default="v4.24.0", help="release of Lean, and of Mathlib")
    parser.add_argument("--stand-in", action="store_true", help="even if there is a lake")
    parser.add_argument("--no-mathlib", action="store_true", help="without the download of Mathlib")
    parser.add_argument("--quick", action="store_true", help="fewer tactics in the check of memory")
    parser.add_argument("--only", type=int, nargs="*", metavar="N", help="numbers of checks, from 1")
    raise SystemExit(asyncio.run(run(parser.parse_args())))


if __name__ == "__main__":
    main()
