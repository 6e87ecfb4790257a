"""Names of the functions of lean.wasm, which has none itself.

The table of exports was taken out when Lean was installed (see `patch_wasm.mjs`). What it said is in symbols.bin: for
each name a slot of the function table, and the element section says which function is in it.
"""

from __future__ import annotations

import array
import re
from collections.abc import Iterator
from pathlib import Path

ELEMENTS = 9
_ESCAPE = re.compile(r"_(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))")


class _Reader:
    """Reads a WebAssembly module from a place on."""

    def __init__(self, code: bytes, at: int) -> None:
        self.code = code
        self.at = at

    def byte(self) -> int:
        """Return the next byte."""
        self.at += 1
        return self.code[self.at - 1]

    def number(self) -> int:
        """Return the next unsigned number (LEB128)."""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value


def function_names(wasm: Path, symbols: Path) -> dict[int, str]:
    """Return the name of each function that has one, by its index."""
    slots = dict(_elements(wasm.read_bytes()))
    return {slots[slot]: readable(name) for name, slot in _symbols(symbols.read_bytes()) if slot in slots}


def _elements(code: bytes) -> Iterator[tuple[int, int]]:
    """Yield the slots of the function table with the indices of what is in them."""
    reader = _Reader(code, 8)
    while reader.at < len(code):
        section, size = reader.byte(), reader.number()
        if section == ELEMENTS:
            break
        reader.at += size
    for _ in range(reader.number()):
        reader.at += 2  # the table, `i32.const`
        slot = reader.number()  # a small one, which needs no sign
        reader.at += 1  # `end`
        for number in range(reader.number()):
            yield slot + number, reader.number()


def _symbols(content: bytes) -> Iterator[tuple[str, int]]:
    """Yield names and values; the layout is told in symbols.mjs."""
    (count,) = array.array("I", content[:4])
    words = array.array("I", content[4 : 4 * (3 * count + 2)])
    offsets, values, names = words[count : 2 * count + 1], words[2 * count + 1 :], content[4 * (3 * count + 2) :]
    for number in range(count):
        yield names[offsets[number] : offsets[number + 1]].decode("latin1"), values[number]


def readable(symbol: str) -> str:
    """Return a name as Lean writes it.

    >>> readable("l_Lean_Meta_Simp_simpLoop___lam__0"), readable("lean_dec_ref_cold")
    ('Lean.Meta.Simp.simpLoop', 'lean_dec_ref_cold')
    """
    if not symbol.startswith("l_"):
        return symbol
    name = symbol.removeprefix("l_").split("___", 1)[0]
    name = _ESCAPE.sub(lambda found: chr(int(found[1] or found[2] or found[3], 16)), name)
    return name.replace("__", "\0").replace("_", ".").replace("\0", "_")
