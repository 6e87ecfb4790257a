"""Programs that do not outlive us, even if we are killed: Lean may be in a tactic for hours and notice nothing."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence

_WATCHED = """
us=$1; shift
{ while kill -0 "$us" && kill -0 $$; do sleep 1; done; kill -9 0; } </dev/null >/dev/null 2>&1 &
exec "$@"
"""
"""Beside the program, in its process group, waits who kills the group when we or the program are gone."""


def ending_with_us(command: Sequence[str]) -> tuple[str, ...]:
    """Return a command line that runs `command`, to be started as the leader of a process group.

    Raises:
        OSError: there is no such program.
    """
    if shutil.which(command[0]) is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), command[0])
    return ("sh", "-c", _WATCHED, "sh", str(os.getpid()), *command)
