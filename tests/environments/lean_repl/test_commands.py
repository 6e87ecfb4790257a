"""Commands of a file by its words: only what Lean confirms is used, but it should be right where it can be."""

from __future__ import annotations

import pytest

from prover.environments.syntax.lean.commands import declaration_at, declared, pieces

FILE = """open Nat

/-- doc -/
@[simp]
theorem a : 1 = 1 := by
  have : "sorry" = "sorry" := rfl -- sorry
  sorry
def b := 1
section
variable (n : Nat)
/- theorem sorry -/
#check b
set_option maxRecDepth 100 in
open Nat in
private theorem c : n = n := sorry
mutual
theorem d : 1 = 1 := rfl
theorem e : 1 = 1 := by sorry
end
end
"""


def test_commands_with_a_sorry_stand_alone_and_nothing_is_lost() -> None:
    found = pieces(FILE)
    assert "".join(piece.text for piece in found) == FILE
    assert [piece.text.split("\n")[0] for piece in found] == [
        "open Nat", "/-- doc -/", "def b := 1", "set_option maxRecDepth 100 in", "mutual", "end",
    ]  # fmt: skip
    assert all(FILE.count("\n", 0, piece.start) == piece.line for piece in found)


@pytest.mark.parametrize("text", ["", "theorem t : 1 = 1 := rfl\n", "def x := 1\ntheorem t : x = 1 := rfl"])
def test_file_without_a_sorry_is_one_piece(text: str) -> None:
    assert "".join(piece.text for piece in pieces(text)) == text
    assert len(pieces(text)) == bool(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (FILE[: FILE.index("sorry\ndef")], "a"),
        ("namespace A\ntheorem t : 1 = 1 := ", "A.t"),
        ("instance : Inhabited Nat := ⟨", "instance"),
        ("instance (priority := low) mine : Inhabited Nat := ⟨", "mine"),
        ("example : 1 = 1 := by\n  simp [#[1]]\n  ", "example"),
        ("theorem t : True := trivial\n#check ", None),
        ('theorem t : True := trivial\nmacro "todo" : tactic => `(tactic| ', None),
        ("-- theorem t\n", None),
    ],
)
def test_declaration_around_a_place(text: str, name: str | None) -> None:
    assert declaration_at(f"{text}sorry", len(text)) == name


def test_what_has_no_name_gets_one() -> None:
    found = declared(
        "theorem a : 1 = 1 := rfl\nnamespace N\nexample : 2 = 2 := rfl\n"
        "instance (priority := 100) : Inhabited Nat := ⟨1⟩\ninstance i : Inhabited Nat := ⟨1⟩\ndef d := 1\nend N"
    )
    assert found.theorems == ("a", "N.prover_example_2")
    assert found.definitions == ("N.prover_instance_3", "N.i", "N.d")
    assert "instance (priority := 100) prover_instance_3 : Inhabited" in found.text
