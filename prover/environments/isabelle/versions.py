"""Which Isabelle runs. Records and cache keys name it, so what runs says it; a setting may only agree."""

from __future__ import annotations

import subprocess

from prover.errors import EnvironmentUnavailableError

UNKNOWN = "unknown"
"""Before anybody was asked."""
PISA = "2022"
"""Where nobody says it: the Scala PISA cannot, and knows no later one."""
SETTING = "PROVER_ISABELLE__VERSION"
ASKING_S = 60.0


class Version:
    """The version as the first says it who can: the setting, the program `isabelle`, a server of ours."""

    def __init__(self, setting: str | None = None) -> None:
        self._said = setting
        self._by = SETTING
        self._unsaid = UNKNOWN

    @property
    def name(self) -> str:
        """The version as records have it."""
        return self._said or self._unsaid

    def untold(self) -> None:
        """Take note that a server cannot say it."""
        self._unsaid = PISA

    def agree(self, found: str, where: str) -> None:
        """Take note of what runs somewhere.

        Raises:
            EnvironmentUnavailableError: that is another version than was said before.
        """
        if self._said is None:
            self._said, self._by = _word(found), where
        elif _bare(found) != _bare(self._said):
            mend = (
                f"correct {SETTING}, or unset it"
                if self._by == SETTING
                else "use one of them: PROVER_ISABELLE__TOOL, PROVER_ISABELLE__ADDRESSES, or "
                "PROVER_ISABELLE__VERIFIER=pisa to verify at the server too"
            )
            raise EnvironmentUnavailableError(
                f"{self._by} says {self._said}, but {where} is {_word(found)}: records would name the wrong "
                f"Isabelle; {mend}"
            )


def version_of(tool: str) -> str | None:
    """Return what `isabelle version` prints; None if it does not."""
    try:
        done = subprocess.run(
            [tool, "version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=ASKING_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def _word(text: str) -> str:
    return "-".join(text.split())


def _bare(text: str) -> str:
    return _word(text).removeprefix("Isabelle")
