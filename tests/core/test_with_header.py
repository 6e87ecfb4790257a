from __future__ import annotations

import pytest

from prover.core.theorem import with_header


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("", "theorem t"),
        (" \n", "theorem t"),
        ("open Nat\n\n", "open Nat\n\ntheorem t"),
        ("open Nat", "open Nat\n\ntheorem t"),
    ],
)
def test_one_blank_line_separates_header_and_statement(header: str, text: str) -> None:
    assert with_header(header, "theorem t") == text
