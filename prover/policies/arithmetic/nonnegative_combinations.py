"""A polynomial as a combination of others with weights that are not negative: linear programming, its first phase.

Numbers are floating point: all that is wanted is which of them take part. Lean finds the weights again, exactly.
"""

from __future__ import annotations

from collections.abc import Sequence

from prover.policies.arithmetic.polynomial import Polynomial

NOTHING = 1e-9
MOST_PIVOTS = 400


def parts_of(total: Polynomial, parts: Sequence[Polynomial]) -> list[int] | None:
    """Return the numbers of those that add up to the total, with positive weights; None if there are no such weights.

    >>> x, one = Polynomial.variable("x"), Polynomial.constant(1)
    >>> parts_of(x + x + one, [x * x, x, one])
    [1, 2]
    >>> parts_of(-one, [x, one]) is None
    True
    """
    table = _table(total, parts)
    basis = [-1] * len(table)  # an artificial part in each row, which has to go
    price = [sum(column) for column in zip(*table, strict=True)]
    for _ in range(MOST_PIVOTS):
        if price[-1] < NOTHING:
            return sorted(part for part, row in zip(basis, table, strict=True) if part >= 0 and row[-1] > NOTHING)
        entering = next((j for j in range(len(parts)) if price[j] > NOTHING), None)
        if entering is None:
            return None
        leaving = min(
            (i for i, row in enumerate(table) if row[entering] > NOTHING),
            key=lambda i: (table[i][-1] / table[i][entering], basis[i]),
            default=None,
        )
        if leaving is None:
            return None
        _pivot([*table, price], leaving, entering)
        basis[leaving] = entering
    return None


def _table(total: Polynomial, parts: Sequence[Polynomial]) -> list[list[float]]:
    """A row for each monomial: its coefficients in the parts, and last in the total, which is not negative."""
    rows = []
    for monomial in {monomial for polynomial in [total, *parts] for monomial in polynomial.terms}:
        row = [float(polynomial.terms.get(monomial, 0)) for polynomial in [*parts, total]]
        rows.append([-entry for entry in row] if row[-1] < 0 else row)
    return rows


def _pivot(rows: Sequence[list[float]], leaving: int, entering: int) -> None:
    chosen = rows[leaving]
    scale = chosen[entering]
    chosen[:] = [entry / scale for entry in chosen]
    for number, row in enumerate(rows):
        factor = row[entering]
        if number != leaving and factor:
            row[:] = [entry - factor * own for entry, own in zip(row, chosen, strict=True)]
