"""PISA's messages: protocol buffers whose only field of interest is field 1, a string."""

from __future__ import annotations

_LENGTH_DELIMITED, _VARINT = 2, 0


def message_of(text: str) -> bytes:
    """Return the message with this string as its field 1."""
    data = text.encode("utf-8", "replace")
    return b"\x0a" + _varint(len(data)) + data if data else b""


def field_of(message: bytes) -> str:
    """Return the string in field 1 of a message; empty if there is none.

    Raises:
        ValueError: this is no message.
    """
    at, text = 0, ""
    while at < len(message):
        key, at = _number(message, at)
        if key & 7 == _VARINT:
            _, at = _number(message, at)
            continue
        if key & 7 != _LENGTH_DELIMITED:
            raise ValueError("not a message of PISA's")
        length, at = _number(message, at)
        if at + length > len(message):
            raise ValueError("the message is cut off")
        if key >> 3 == 1:
            text = message[at : at + length].decode("utf-8")
        at += length
    return text


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def _number(message: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while at < len(message):
        byte = message[at]
        number |= (byte & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if not byte & 0x80:
            return number, at
    raise ValueError("the message is cut off")
