"""What Sledgehammer says, read for the step that it found."""

from __future__ import annotations

import re
from collections.abc import Sequence

_FOUND = re.compile(
    r"(?:Try this|found a proof):\s*(?P<step>.+?)\s*(?:\((?:>\s*)?[\d.,\s]*m?s[^()]*\))?\s*$", re.DOTALL
)
_PROOF = re.compile(r"^(?:by|apply|using|unfolding)\b")


def found_step(messages: Sequence[str]) -> str | None:
    """Return the first step that a prover has found, as it goes into a proof."""
    for message in messages:
        found = _FOUND.search(message)
        if found and _PROOF.match(found["step"]):
            return " ".join(found["step"].split())
    return None
