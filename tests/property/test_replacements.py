"""Writing fillings into a text: nothing but the holes changes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prover.core.replacements import FilledText, replacements

PIECES = st.lists(st.text(alphabet="ab·∀𝕜 \t()\n", max_size=12), min_size=1, max_size=6)
TEXTS = st.text(alphabet="xy:=;· \n", max_size=8)
ENDS = st.sampled_from(["\n", "\r\n"])


@given(PIECES, st.sampled_from(["sorry", "admit"]), ENDS, st.booleans(), st.data())
def test_only_the_filled_places_change(
    pieces: list[str], word: str, end: str, marked: bool, data: st.DataObject
) -> None:
    pieces = [piece.replace("\n", end) for piece in pieces]
    text = FilledText(("\ufeff" if marked else "") + word.join(pieces))
    places: list[int] = []
    for index in range(1, len(pieces)):
        before = word.join(pieces[:index]) + word[:0]
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1)
        places.append(text.place(line, column))
    chosen = {place: data.draw(TEXTS) for place in places if data.draw(st.booleans())}
    filled = text.filled(chosen)
    kept = [*pieces]
    for index, place in enumerate(places):
        if chosen.get(place, "").startswith("\n"):  # no blank stays at the end of a line
            kept[index] = kept[index].rstrip(" \t")
    pattern = "".join(
        ["\ufeff" * marked, re.escape(kept[0])]
        + [
            ("(.*)" if place in chosen else word) + re.escape(piece)
            for place, piece in zip(places, kept[1:], strict=True)
        ]
    )
    assert re.fullmatch(pattern, filled, re.DOTALL)
    assert text.filled({}) == text.text
    assert "\r" not in text.plain


def test_a_place_without_the_word_is_an_error() -> None:
    with pytest.raises(ValueError, match="line 1, column 3"):
        FilledText("by sorry").place(1, 2)


@pytest.mark.parametrize(
    "tactics", [["intro h", "exact h"], ["cases h with\n| inl a =>\n\n  exact a\n| inr b => exact b"]]
)
@pytest.mark.parametrize("kind", ["tactic", "term"])
@pytest.mark.parametrize("head", ["  case mp => ", "  | zero =>\t", "  · ", "  exact ", "  "])
def test_no_filling_leaves_blanks_at_the_end_of_a_line(kind: str, head: str, tactics: list[str]) -> None:
    for filling in replacements("tactic" if kind == "tactic" else "term", head, "", tactics):
        text = FilledText(f"theorem t : a := by\n{head}sorry\nend\n")
        lines = text.filled({text.place(2, len(head)): filling}).split("\n")
        assert [line for line in lines if line != line.rstrip()] == []


@given(
    st.sampled_from(["tactic", "term"]), st.text(alphabet=" ·ab", max_size=10), st.lists(TEXTS, min_size=1, max_size=3)
)
def test_there_is_always_something_to_try(kind: str, head: str, tactics: list[str]) -> None:
    texts = replacements("tactic" if kind == "tactic" else "term", head, "", tactics)
    assert texts
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize(
    ("kind", "head", "tail", "tactics", "first"),
    [
        ("tactic", "  ", "", ["omega"], "omega"),
        ("tactic", "  ", "", ["intro h", "exact h"], "intro h\n  exact h"),
        ("tactic", "  · ", "", ["intro h", "exact h"], "intro h\n    exact h"),
        ("tactic", "theorem t : p := by ", "", ["intro h", "exact h"], "\n  intro h\n  exact h"),
        ("tactic", "  · have : q := by ", " -- why", ["intro h", "exact h"], "\n      intro h\n      exact h"),
        ("tactic", "  ", "", ["cases h with\n| a => x"], "cases h with\n  | a => x"),
        ("term", "theorem t : p := ", "", ["omega"], "by omega"),
        ("term", "theorem t : p := ", "", ["intro h", "exact h"], "by\n  intro h\n  exact h"),
        ("term", "  exact ⟨", ", q⟩", ["intro h", "exact h"], "by intro h; exact h"),
    ],
)  # fmt: skip
def test_the_first_text_reads_well(kind: str, head: str, tail: str, tactics: list[str], first: str) -> None:
    assert replacements("tactic" if kind == "tactic" else "term", head, tail, tactics)[0] == first
