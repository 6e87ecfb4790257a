from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prover.core.proof_state import normalise_tactic
from prover.core.theorem import Theorem, split_imports
from prover.errors import InvalidTheoremError


@pytest.mark.parametrize(
    ("text", "imports"),
    [
        ("theorem t : True", ("Init",)),
        ("import Init\ntheorem t : True", ("Init",)),
        ("import Std\ntheorem t : True", ("Std",)),
        ("/- hello /- nested -/ -/ -- more\nimport Std\nimport Lean.Meta\n\ntheorem t : True", ("Lean.Meta", "Std")),
        ("theorem t : True\nimport Std", ("Init",)),
        ("-- import Std\ntheorem t : True", ("Init",)),
        ("importStd", ("Init",)),
    ],
)
def test_imports_are_read_only_at_the_start(text: str, imports: tuple[str, ...]) -> None:
    assert Theorem.from_text(text).imports == imports


@given(st.lists(st.sampled_from(["import Std\n", "-- c\n", "/- import Lean -/ ", "import Lean", "\n", " ", "x"])))
def test_blanking_imports_moves_nothing(parts: list[str]) -> None:
    text = "".join(parts)
    _, body = split_imports(text)
    assert len(body) == len(text)
    assert [i for i, c in enumerate(body) if c == "\n"] == [i for i, c in enumerate(text) if c == "\n"]
    assert all(b == t or b == " " for b, t in zip(body, text, strict=True))


@pytest.mark.parametrize(
    "text", ["theorem t : 1 = 1\x00", "theorem \x1b[0m", "a\u202eb", "a\u061cb", "a\u200bb", "\x7f"]
)
def test_control_characters_are_refused_with_their_place(text: str) -> None:
    with pytest.raises(InvalidTheoremError, match=r"line 1 contains the control character U\+"):
        Theorem.from_text(text)


def test_too_much_text_is_refused() -> None:
    with pytest.raises(InvalidTheoremError, match="bytes"):
        Theorem.from_text("-" * 1_000_001)


def test_text_that_is_not_unicode_is_refused() -> None:
    with pytest.raises(InvalidTheoremError, match="Unicode"):
        Theorem.from_text("theorem \ud800")


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_empty_statement_says_what_to_give(text: str) -> None:
    with pytest.raises(InvalidTheoremError) as error:
        Theorem.from_text(text)
    assert error.value.hint


@pytest.mark.parametrize("module", ["..", "a..b", "/etc/passwd", "A/B", "1", "«a/b»", "A.", "«..»"])
def test_what_is_not_the_name_of_a_module_is_refused(module: str) -> None:
    with pytest.raises(InvalidTheoremError, match="not the name of a module"):
        Theorem.from_text(f"import {module}\ntheorem t : True")


def test_module_files_are_refused() -> None:
    with pytest.raises(InvalidTheoremError, match="module"):
        Theorem.from_text("module\nimport Std\ntheorem t : True")


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("  simp  ", "simp"),
        ("\n  intro h\n  exact h\n", "intro h\nexact h"),
        (
            "induction n with\n| zero => rfl\n| succ n ih =>\n  simp",
            "induction n with\n| zero => rfl\n| succ n ih =>\n  simp",
        ),
        ("\tsimp\r\n\tomega", "simp\nomega"),
    ],
)
def test_tactics_lose_common_indentation_only(text: str, normal: str) -> None:
    assert normalise_tactic(text) == normal
    assert normalise_tactic(normal) == normal
