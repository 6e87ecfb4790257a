"""A first check of a proof's text. It proves nothing: the kernel decides."""

from __future__ import annotations

from prover.core.theorem import is_control

MAX_PROOF_BYTES = 4_000_000


def text_problem(text: str) -> str | None:
    """Return why a text is rejected before the proof assistant sees it, or None."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return "the proof is not valid Unicode"
    if size > MAX_PROOF_BYTES:
        return f"the proof has {size:,} bytes; at most {MAX_PROOF_BYTES:,} are read"
    for index, character in enumerate(text):
        if is_control(character):
            line = text.count("\n", 0, index) + 1
            return f"line {line} of the proof contains the control character U+{ord(character):04X}"
    return None
