"""Prove theorems from Python: one, and a list of them.

python examples/prove.py
"""

from __future__ import annotations

from prover import InvalidTheoremError, Lean, prove

STATEMENTS = [
    "theorem add_swap (a b : Nat) : a + b = b + a",
    "theorem modus_ponens (p q : Prop) (h : p → q) (hp : p) : q",
    "theorem reverse_twice {α : Type} (xs : List α) : xs.reverse.reverse = xs",
    "theorem not_a_theorem : one = two",
]


def main() -> None:
    """Print what became of each."""
    record = prove(STATEMENTS[0], effort=30)
    print(record.proof)

    with Lean() as lean:
        results = list(lean.prove_many(STATEMENTS, workers=2, effort=30, return_exceptions=True))
    for result in results:
        if isinstance(result, InvalidTheoremError):
            print(f"cannot be used: {result.statement}")
        else:
            print(f"{'proved' if result.proved else 'not proved'}: {result.name}")


if __name__ == "__main__":
    main()
