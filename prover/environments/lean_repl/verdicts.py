"""What the tools of tiers B and C say of a proof: that it is one, that it is none, or nothing.

Only a verdict rejects. A tool that is missing, crashes, or runs out of time has said nothing of the proof. The words
are those of lean4checker (and `leanchecker`, which came of it), of comparator, and of Lean's kernel.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from prover.environments.ending_with_us import Run

LONGEST_LOG = 2000  # characters of a tool's output that are shown
_LEAST_SIGNAL = 126
"""Exit statuses from here on are the shell's: no such program, not to be executed, ended by a signal."""
_MACHINE = re.compile(
    r"\(kernel\) (deterministic timeout|deep recursion|excessive memory|interrupted|out of memory)"
    r"|does not exist|no such file|unknown module|unknown package|could not (execute|resolve)|permission denied"
    r"|out of memory|incompatible header|failed to (read|load|map)|no space left|resource (busy|exhausted)",
    re.IGNORECASE,
)
_REPLAY_REFUSES = re.compile(
    r"found a problem in|\(kernel\) |(No such|Invalid) (constructor|recursor)|already (been )?declared"
)
_COMPARATOR_REFUSES = re.compile(
    r"uncaught exception: (Const|Challenge|Solution|Constant|Illegal axiom|Quotient)[^\n]*|[^\n]*\bIllegal axiom[^\n]*"
    r"|[^\n]*(default kernel|post-check) rejects the solution[^\n]*"
)
_OTHER_KERNEL_REFUSES = re.compile(r"(?P<kernel>\w+) kernel rejected the solution")
_OTHER_KERNEL_STATUS = re.compile(r"exited with (\d+)")
_COMPARATOR_ACCEPTS = "Your solution is okay!"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a tool says. `accepts` is None where it did not get to a verdict; `reason` is why, or why it refuses."""

    accepts: bool | None
    reason: str = ""


def comparison(run: Run) -> Verdict:
    """Read what compare.lean says: one line of JSON, whatever Lean says around it."""
    line = next((line for line in reversed(run.output.splitlines()) if line.startswith("{")), "")
    try:
        found = json.loads(line)
    except ValueError:
        return Verdict(None, end_of(run))
    match found:
        case {"proves": True} if run.status == 0:
            return Verdict(True)
        case {"proves": False, "reason": str(reason)} if reason:
            return Verdict(False, reason)
        case _:
            return Verdict(None, end_of(run))


def replay(run: Run) -> Verdict:
    """Read what leanchecker or lean4checker says."""
    if run.status == 0:
        return Verdict(True)
    said = end_of(run)
    if not _ran(run) or _MACHINE.search(run.output) or not _REPLAY_REFUSES.search(run.output):
        return Verdict(None, said)
    return Verdict(False, said)


def comparator(run: Run) -> Verdict:
    """Read what comparator says. It builds before it compares: that a build fails is no verdict."""
    said = end_of(run)
    if run.status == 0:
        return Verdict(True) if _COMPARATOR_ACCEPTS in run.output else Verdict(None, said)
    if not _ran(run):
        return Verdict(None, said)
    if _OTHER_KERNEL_REFUSES.search(run.output):
        status = _OTHER_KERNEL_STATUS.search(run.output)
        crashed = status is not None and int(status[1]) >= _LEAST_SIGNAL
        return Verdict(None if crashed else False, said)
    if _COMPARATOR_REFUSES.search(run.output) and not _MACHINE.search(run.output):
        return Verdict(False, said)
    return Verdict(None, said)


def end_of(run: Run) -> str:
    """Return the end of what a tool said."""
    if run.status is None:
        return "it reached its limit of time"
    return run.output[-LONGEST_LOG:].strip() or f"exit status {run.status}"


def _ran(run: Run) -> bool:
    """Did the program come to an end of its own?"""
    return run.status is not None and 0 <= run.status < _LEAST_SIGNAL
