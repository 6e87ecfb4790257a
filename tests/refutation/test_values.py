"""Types are read as Lean prints them, and their values come by size."""

from __future__ import annotations

import pytest

from prover.core.proof_state import Goal
from prover.refutation.counterexamples import MOST, instances
from prover.refutation.types import TypeTerm, read_type
from prover.refutation.values import Constructor, Field, Values
from prover.refutation.variables import Kind, Variable, variables_of

NAT, BOOL = TypeTerm("Nat"), TypeTerm("Bool")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Nat", NAT),
        ("ℕ → ℝ", TypeTerm("→", (NAT, TypeTerm("Real")))),  # as Mathlib prints them
        ("List (Option Nat)", TypeTerm("List", (TypeTerm("Option", (NAT,)),))),
        ("Nat → Bool → Prop", TypeTerm("→", (NAT, TypeTerm("→", (BOOL, TypeTerm("Prop")))))),
        ("(Nat → Bool) → Nat", TypeTerm("→", (TypeTerm("→", (NAT, BOOL)), NAT))),
        ("Nat × Bool × Nat", TypeTerm("×", (NAT, TypeTerm("×", (BOOL, NAT))))),
        ("Fin 5", TypeTerm("Fin", (TypeTerm("5"),))),
        ("∀ (x : Nat), x = x", None),
        ("n + 1 = 2", None),
        ("Fin (n + 1)", TypeTerm("Fin", (TypeTerm("(n + 1)"),))),
        ("{ n // n > 3 }", TypeTerm("{ n // n > 3 }")),
    ],
)
def test_types_are_read(text: str, read: TypeTerm | None) -> None:
    assert read_type(text) == read


@pytest.mark.parametrize(
    ("type_", "by_size"),
    [
        ("Nat", [("0",), ("1",), ("2",)]),
        ("Int", [("0",), ("1", "(-1)"), ("2", "(-2)")]),
        ("Rat", [("0",), ("1", "(-1)"), ("2", "(-2)", "(1 / 2)", "(-1 / 2)")]),
        ("List Nat", [("[]",), ("[0]",), ("[1]", "[0, 0]")]),
        ("Option Bool", [("none",), ("(some false)",), ("(some true)",)]),
        ("Bool × Bool", [("(false, false)",), ("(false, true)", "(true, false)"), ("(true, true)",)]),
        ("Fin 2", [("⟨0, by decide⟩",), ("⟨1, by decide⟩",), ()]),
        ("Colour", [(".red",), ("(.mixed .red)",), ("(.mixed (.mixed .red))",)]),
    ],
)
def test_values_come_by_size(type_: str, by_size: list[tuple[str, ...]]) -> None:
    colour = TypeTerm("Colour")
    values = Values({"Colour": (Constructor(".red", ()), Constructor(".mixed", (Field("c", colour),)))})
    read = read_type(type_)
    assert read is not None
    assert [values.of(read, size) for size in range(len(by_size))] == by_size


def test_variables_are_those_before_the_turnstile() -> None:
    goal = Goal("case h\nα : Type\na b : Nat\nh : ∀ (x : Nat),\n  x = a\n⊢ ∃ y : Nat, y = b")
    assert [(v.name, v.text) for v in variables_of(goal)] == [
        ("α", "Type"),
        ("a", "Nat"),
        ("b", "Nat"),
        ("h", "∀ (x : Nat), x = a"),
    ]


@pytest.mark.parametrize(
    ("types", "count"), [("Bool Bool Bool", 8), ("Nat", MOST), ("Nat Int", MOST), ("Fin_3", 3), ("", 1)]
)
def test_instances_end(types: str, count: int) -> None:
    names = types.split()
    variables = [Variable(f"x{i}", name, read_type(name.replace("_", " "))) for i, name in enumerate(names)]
    assert len(list(instances([(variable, Kind.DATA) for variable in variables], Values()))) == count
