"""Error messages that speak of the machine and not of mathematics: the same tactic may fare otherwise another time."""

from __future__ import annotations

import re

_MACHINE = re.compile(
    r"""\bout\ of\ memory\b | OutOfMemoryError | cannot\ allocate\ memory | \bno\ space\ left\ on\ device\b
    | resource\ (?:exhausted|temporarily\ unavailable) | too\ many\ open\ files | \bbroken\ pipe\b
    | process\ was\ destroyed | IsabelleDestroyedException | process\ has\ (?:died|ended|been\ killed)
    | failed\ to\ (?:create|start)\ (?:a\ )?(?:thread|process) | INTERNAL\ PANIC | exception\ SysErr\ raised
    | RejectedExecutionException | ^(?:java|scala)\.[\w.]*(?:Error|Exception)\b""",
    re.IGNORECASE | re.VERBOSE,
)


def speaks_of_machine(message: str) -> bool:
    """Return whether an assistant's error message is about the machine that it runs on."""
    first = message[:2000]  # a goal that happens to use such words stands further below
    return bool(_MACHINE.search(first))
