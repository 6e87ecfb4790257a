"""Text that is rejected before any parser or proof assistant reads it."""

from __future__ import annotations

MAX_STATEMENT_BYTES = 1_000_000
MAX_PROOF_BYTES = 4_000_000
_INVISIBLE = frozenset({0x061C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF})


def text_problem(text: str, *, most_bytes: int) -> str | None:
    """Return why the text is rejected, or None: lone surrogates, too many bytes of UTF-8, control characters."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        return f"the text is not valid Unicode (position {error.start})"
    if size > most_bytes:
        return f"the text has {size:,} bytes; at most {most_bytes:,} are read"
    for index, character in enumerate(text):
        if is_control(character):
            line = text.count("\n", 0, index) + 1
            return f"line {line} contains the control character U+{ord(character):04X}"
    return None


def is_control(character: str) -> bool:
    """Is this a control or text-direction character, which proofs never need and which can hide things?"""
    point = ord(character)
    return (point < 32 and character not in "\n\t\r") or 127 <= point < 160 or point in _INVISIBLE
